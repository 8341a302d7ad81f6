import { decimals, parseExact } from './exact.js';

const symbolsMax = 200_000; // about 60 MB of rows
const nameAt = '{"symbol":"'.length;

/** The newest ticker of every symbol. Tickers come as text and are parsed when somebody looks: of most symbols nobody does. */
export class Board {
  #rows = new Map();
  #sorted = [];
  #unsorted = false;
  #unread = new Set(); // rows with a ticker that is not parsed
  refused = 0; // symbols beyond symbolsMax
  members = 0; // goes up whenever symbols come or go
  newestMs = null; // time of the newest event, Unix ms

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
    this.#unread.clear();
    this.refused = 0;
    this.newestMs = null;
    for (const ticker of tickers) {
      const row = before.get(ticker.symbol);
      if (row) this.#rows.set(ticker.symbol, row);
      this.apply(ticker);
    }

    this.#changed();
  }

  /** Takes a ticker as it came. A symbol has neither quotes nor escapes. */
  receive(text) {
    const row = this.#row(text.slice(nameAt, text.indexOf('"', nameAt)));
    if (row === null) return;
    row.text = text;
    this.#unread.add(row);
  }

  /** Parses what came of these rows, or of all. */
  settle(rows = [...this.#unread]) {
    for (const row of rows) {
      if (row.text === null) continue;
      this.#put(row, parseExact(row.text));
      this.#unread.delete(row);
    }
  }

  /** Takes one parsed ticker in. */
  apply(ticker) {
    const row = this.#row(ticker.symbol);
    if (row !== null) this.#put(row, ticker);
  }

  /** Rows in an order, those whose symbol contains the text in any case; `order` is null for the symbols' own. */
  list(filter, order) {
    if (this.#unsorted) {
      this.#sorted = [...this.#rows.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      this.#unsorted = false;
    }

    const wanted = filter.toUpperCase();
    const found = wanted === '' ? this.#sorted : this.#sorted.filter(row => row.symbol.toUpperCase().includes(wanted));
    if (order === null) return found;
    this.settle();
    return order(found);
  }

  #row(symbol) {
    let row = this.#rows.get(symbol);
    if (row) return row;
    if (this.#rows.size >= symbolsMax) {
      this.refused++;
      return null;
    }

    row = { symbol, text: null, price: '', before: '', value: 0, digits: 0, time: 0, venue: null, side: null, moves: 0, spark: null };
    this.#rows.set(symbol, row);
    this.#changed();
    return row;
  }

  #put(row, ticker) {
    row.text = null;
    if (row.price !== ticker.p) {
      row.before = row.price;
      row.price = ticker.p;
      row.value = Number(ticker.p);
      row.digits = Math.max(row.digits, decimals(ticker.p)); // a price that ends in 0 is sent without it
    }

    row.time = Date.parse(ticker.t);
    if (this.newestMs === null || row.time > this.newestMs) this.newestMs = row.time;
    row.venue = ticker.venue;
    row.side = ticker.side;
    row.moves++;
    row.spark?.add(row.time, row.value);
  }

  #changed() {
    this.#unsorted = true;
    this.members++;
  }
}
