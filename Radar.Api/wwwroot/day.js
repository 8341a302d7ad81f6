import { read } from './api.js';
import { compare, decimals, subtract } from './exact.js';

const dayMs = 86_400_000;
const freshMs = 60_000;
const movedMs = 5000; // figures of a symbol that trades are read again after that; in between each trade corrects them
const symbolsPerRead = 100; // the API's limit
const readPauseMs = 50; // where all are wanted: thousands are ordered within seconds, and other reads come in between
const keptMax = 20_000; // about 10 MB

/**
 * Day figures: the bar of the day, and what the change is counted from. They follow each trade: high and low by its price, and all of them
 * by the bars of the day where those are streamed.
 */
export class Days {
  #figures = new Map();
  #reading = false;
  #pauseUntil = 0;

  /** `{ today, base, version }` of a symbol; today has `o h l c v n` as exact text. */
  get(symbol) {
    return this.#figures.get(symbol);
  }

  /** Percent since the previous day's close, or since today's open where there is no day before; null while unknown. */
  percent(row) {
    const base = this.#figures.get(row.symbol)?.base;
    return base && Number(base) > 0 ? (row.value / Number(base) - 1) * 100 : null;
  }

  /** The change as a number, for sorting. */
  difference(row) {
    const base = this.#figures.get(row.symbol)?.base;
    return base ? row.value - Number(base) : null;
  }

  /** The direction of the change as an amount: `up`, `down`, or none. A price of 0 or less has one, too, and no percent. */
  way(row) {
    const base = this.#figures.get(row.symbol)?.base;
    const moved = base ? compare(row.price, base) : 0;
    return moved > 0 ? 'up' : moved < 0 ? 'down' : '';
  }

  /** The change as exact text with its sign; empty while unknown. */
  change(row) {
    const base = this.#figures.get(row.symbol)?.base;
    if (!base) return '';
    const text = subtract(row.price, base);
    return text[0] === '-' || Number(text) === 0 ? text : `+${text}`;
  }

  number(row, member) {
    const today = this.#figures.get(row.symbol)?.today;
    return today ? Number(today[member]) : null;
  }

  /** A trade may be the day's highest or lowest. To be called with rows whose price is shown. */
  follow(row) {
    const figures = this.#figures.get(row.symbol);
    const today = figures?.today;
    if (!today || figures.moves === row.moves) return;
    figures.moves = row.moves;
    if (dayOf(row.time) !== figures.day) {
      if (row.time > figures.day) figures.at = -Infinity; // a new day: to be read again
      return;
    }

    if (compare(row.price, today.h) > 0) today.h = row.price;
    if (compare(row.price, today.l) < 0) today.l = row.price;
    figures.version++;
  }

  /** A bar of the day, as it was streamed or read. A bar only ever gains trades. */
  take(symbol, bar) {
    const figures = this.#figures.get(symbol);
    const day = Date.parse(bar.t);
    if (!figures || day < figures.day) return;
    if (day > figures.day) figures.base = figures.today?.c ?? figures.base;
    else if (figures.today && bar.n < figures.today.n) return;
    Object.assign(figures, { day, today: { ...bar }, digits: digitsOf(bar, figures.digits), version: figures.version + 1 });
  }

  /** Reads what is missing or old of these rows; `all` says that there may be many, of which nobody sees most. */
  async see(rows, all = false) {
    const now = performance.now();
    if (this.#reading || now < this.#pauseUntil) return;
    const wanted = [];
    for (const row of rows) {
      const known = this.#figures.get(row.symbol);
      const pause = !all && known && known.seenMoves !== row.moves ? movedMs : freshMs;
      if (!known || now - known.at > pause) wanted.push(row);
      if (wanted.length === symbolsPerRead) break;
    }

    if (wanted.length === 0) return;
    this.#reading = true;
    try {
      const names = wanted.map(({ symbol }) => encodeURIComponent(symbol)).join(',');
      const moves = new Map(wanted.map(row => [row.symbol, row.moves]));
      const { snapshots } = await read(`/api/v2/snapshots?symbols=${names}`);
      for (const { symbol } of wanted) if (!this.#figures.has(symbol)) this.#keep(symbol, nothing(now));
      for (const { symbol, daily_bar: today, previous_daily_bar: previous } of snapshots)
        this.#put(symbol, today, previous, now, moves.get(symbol));
      if (all && rows.length <= keptMax) setTimeout(() => this.see(rows, true), readPauseMs);
    } catch {
      this.#pauseUntil = now + 5000;
    } finally {
      this.#reading = false;
    }
  }

  #put(symbol, today, previous, at, moves) {
    const known = this.#figures.get(symbol);
    const figures = { ...(known ?? nothing(at)), at, seenMoves: moves };
    figures.base = previous ? previous.c : today?.o ?? null;
    const day = today ? Date.parse(today.t) : 0;
    if (today && !(known?.today && (day < known.day || (day === known.day && today.n < known.today.n))))
      Object.assign(figures, { day, today: { ...today }, digits: digitsOf(today, figures.digits) });
    figures.moves = -1; // what came meanwhile is followed again
    figures.version++;
    this.#keep(symbol, figures);
  }

  #keep(symbol, figures) {
    this.#figures.delete(symbol);
    this.#figures.set(symbol, figures);
    if (this.#figures.size > keptMax) this.#figures.delete(this.#figures.keys().next().value);
  }
}

function nothing(at) {
  return { at, day: 0, base: null, today: null, digits: 0, moves: -1, seenMoves: -1, version: 0 };
}

function digitsOf(bar, known) {
  return Math.max(known, ...['o', 'h', 'l', 'c'].map(member => decimals(bar[member])));
}

function dayOf(ms) {
  return Math.floor(ms / dayMs) * dayMs;
}
