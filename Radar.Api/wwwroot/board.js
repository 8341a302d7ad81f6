import { decimals } from './exact.js';

const symbolsMax = 200_000; // about 60 MB of rows

/** The newest ticker of every symbol. */
export class Board {
  #rows = new Map();
  #sorted = [];
  #unsorted = false;
  refused = 0; // symbols beyond symbolsMax
  members = 0; // goes up whenever symbols come or go

  get size() {
    return this.#rows.size;
  }

  get(symbol) {
    return this.#rows.get(symbol);
  }

  /** Replaces everything that was known. */
  replace(tickers) {
    const before = this.#rows;
    this.#rows = new Map();
    this.refused = 0;
    for (const ticker of tickers) {
      const row = before.get(ticker.symbol);
      if (row) this.#rows.set(ticker.symbol, row);
      this.apply(ticker);
    }

    this.#changed();
  }

  /** Takes one ticker in and returns its row, null where there is no room. */
  apply(ticker) {
    let row = this.#rows.get(ticker.symbol);
    if (!row) {
      if (this.#rows.size >= symbolsMax) {
        this.refused++;
        return null;
      }

      row = { symbol: ticker.symbol, price: '', before: '', value: 0, digits: 0, time: 0, venue: null, side: null, moves: 0, spark: null };
      this.#rows.set(ticker.symbol, row);
      this.#changed();
    }

    if (row.price !== ticker.p) {
      row.before = row.price;
      row.price = ticker.p;
      row.value = Number(ticker.p);
      row.digits = Math.max(row.digits, decimals(ticker.p)); // a price that ends in 0 is sent without it
    }

    row.time = Date.parse(ticker.t);
    row.venue = ticker.venue;
    row.side = ticker.side;
    row.moves++;
    row.spark?.add(row.time, row.value);
    return row;
  }

  /** Rows by symbol, or the newest first, whose symbol contains the text. */
  list(filter, newestFirst) {
    if (this.#unsorted) {
      this.#sorted = [...this.#rows.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      this.#unsorted = false;
    }

    const wanted = filter.toUpperCase();
    const found = wanted === '' ? this.#sorted : this.#sorted.filter(row => row.symbol.includes(wanted));
    return newestFirst ? [...found].sort((a, b) => b.time - a.time) : found;
  }

  rows() {
    return this.#rows.values();
  }

  #changed() {
    this.#unsorted = true;
    this.members++;
  }
}
