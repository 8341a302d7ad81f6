import { read } from './api.js';

const pointsMax = 120;
const windowMs = 3_600_000;

/** Prices of the last hour by event time, thinned to what a sparkline can show. */
export class Spark {
  points = []; // [time, value]
  version = 0;

  add(time, value) {
    const points = this.points;
    const last = points[points.length - 1];
    if (last && time < last[0]) return; // the line has passed it
    if (last && points.length > 1 && time - points[points.length - 2][0] < this.#grain()) {
      last[0] = time;
      last[1] = value;
    } else {
      points.push([time, value]);
      while (time - points[0][0] > windowMs) points.shift();
      if (points.length > pointsMax) this.points = points.filter((_, i) => i % 2 === 0 || i === points.length - 1);
    }

    this.version++;
  }

  /** Puts older points before what came live. */
  precede(points) {
    const first = this.points[0]?.[0] ?? Infinity;
    this.points = [...points.filter(([time]) => time < first), ...this.points].slice(-pointsMax);
    this.version++;
  }

  /** A path in a box that spans the hour up to a time, and whether the line ends above its beginning. */
  path(width, height, toMs) {
    const fromMs = toMs - windowMs;
    const points = this.points.filter(([time]) => time >= fromMs);
    if (points.length === 0) return { d: '', up: null };
    let low = Infinity, high = -Infinity;
    for (const [, value] of points) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }

    const scaleY = high > low ? (height - 4) / (high - low) : 0;
    const x = time => (((Math.min(time, toMs) - fromMs) / windowMs) * width).toFixed(1);
    const y = value => (scaleY === 0 ? height / 2 : 2 + (high - value) * scaleY).toFixed(1);
    const d = points.map(([time, value], i) => `${i ? 'L' : 'M'}${x(time)} ${y(value)}`).join('');
    return { d: `${d}H${width}`, up: points.at(-1)[1] >= points[0][1] }; // the last price holds until now
  }

  /** Time that one unit of a path's width stands for, in ms. */
  stepMs(width) {
    return windowMs / width;
  }

  /** By how much the price rose over the line, as a ratio; null where it is a point. */
  change() {
    const points = this.points;
    return points.length < 2 || points[0][1] === 0 ? null : points.at(-1)[1] / points[0][1] - 1;
  }

  #grain() {
    const points = this.points;
    return Math.max(1000, (points[points.length - 1][0] - points[0][0]) / pointsMax);
  }
}

/** Sparklines of the symbols that were seen lately; others have none. Their past is read as minute bars, a few at a time. */
export class Sparks {
  #kept = new Map();
  #reading = 0;
  #onScreen = { rows: [], marketMs: 0 };

  constructor(max = 300, readingMax = 3) {
    this.max = max;
    this.readingMax = readingMax;
  }

  /** To be called with the rows on screen, and the time at which the market is. */
  see(rows, marketMs) {
    this.#onScreen = { rows, marketMs };
    for (const row of rows) {
      if (row.spark === null) {
        row.spark = new Spark();
        row.spark.add(row.time, row.value);
        row.spark.past = 'unread';
      }

      this.#kept.delete(row.symbol); // to the end: the first is the one that was not seen longest
      this.#kept.set(row.symbol, row);
    }

    this.#readMore();

    for (const [symbol, row] of this.#kept) {
      if (this.#kept.size <= this.max) break;
      this.#kept.delete(symbol);
      row.spark = null;
    }
  }

  /** What is known may be wrong: reads it again. */
  clear() {
    for (const row of this.#kept.values()) row.spark = null;
    this.#kept.clear();
  }

  #readMore() {
    const { rows, marketMs } = this.#onScreen;
    for (const row of rows) {
      if (this.#reading >= this.readingMax) return;
      if (row.spark?.past === 'unread') this.#read(row, marketMs);
    }
  }

  async #read(row, marketMs) {
    const spark = row.spark;
    spark.past = 'reading';
    this.#reading++;
    try {
      const { bars } = await read(`/api/v2/bars/${encodeURIComponent(row.symbol)}?timeframe=1Min&limit=60&sort=desc`);
      bars.reverse();
      const points = bars.slice(0, 1).map(bar => [Date.parse(bar.t), Number(bar.o)]);
      for (const bar of bars) points.push([Date.parse(bar.t) + 60_000, Number(bar.c)]);
      const since = marketMs - windowMs;
      spark.precede(points.filter(([time]) => time >= since));
      spark.past = 'read';
    } catch {
      setTimeout(() => { spark.past = 'unread'; }, 10_000);
    } finally {
      this.#reading--;
      this.#readMore();
    }
  }
}
