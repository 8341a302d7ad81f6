import { read } from './api.js';

const freshMs = 60_000;
const symbolsPerRead = 100; // the API's limit
const keptMax = 1000;

/** Day figures of the symbols on screen: what their change is counted from. Read again every minute, so a new UTC day is noticed. */
export class Days {
  #figures = new Map();
  #reading = false;
  #pauseUntil = 0;

  get(symbol) {
    return this.#figures.get(symbol);
  }

  /** Percent since the previous day's close, or since today's open where there is no day before; null while unknown. */
  change(row) {
    const base = this.#figures.get(row.symbol)?.base;
    return base ? (row.value / base - 1) * 100 : null;
  }

  async see(rows) {
    const now = performance.now();
    if (this.#reading || now < this.#pauseUntil) return;
    const wanted = [];
    for (const { symbol } of rows) {
      const known = this.#figures.get(symbol);
      if (!known || now - known.at > freshMs) wanted.push(symbol);
      if (wanted.length === symbolsPerRead) break;
    }

    if (wanted.length === 0) return;
    this.#reading = true;
    try {
      const { snapshots } = await read(`/api/v2/snapshots?symbols=${wanted.map(encodeURIComponent).join(',')}`);
      for (const symbol of wanted) this.#keep(symbol, { at: now, base: 0, today: null, previous: null });
      for (const { symbol, daily_bar: today, previous_daily_bar: previous } of snapshots)
        this.#keep(symbol, { at: now, base: Number(previous ? previous.c : today?.o ?? 0), today, previous });
    } catch {
      this.#pauseUntil = now + 5000;
    } finally {
      this.#reading = false;
    }
  }

  #keep(symbol, figures) {
    this.#figures.delete(symbol);
    this.#figures.set(symbol, figures);
    if (this.#figures.size > keptMax) this.#figures.delete(this.#figures.keys().next().value);
  }
}
