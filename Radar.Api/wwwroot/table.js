import { orderBy, orders } from './columns.js';
import { favouriteCount, isFavourite, onFavourites, toggleFavourite } from './favourites.js';
import { TableRow } from './row.js';
import { Viewport } from './viewport.js';

const beyond = 6; // rows kept above and below what is seen
const listPauseMs = 250;
const orderPauseMs = 2000; // rows that jump cannot be read
const orderShare = 20; // and to sort them takes at most that part of the time

/** The board as a table of which only the rows on screen exist. */
export class Table {
  #board; #days; #sparks; #clock; #open; #marketMs;
  #table = document.getElementById('table');
  #body = document.getElementById('rows');
  #above = spacer();
  #below = spacer();
  #shown = new Map(); // symbol to TableRow
  #list = [];
  #listAt = -Infinity;
  #listed = { members: -1, asked: '' };
  #listMs = 0; // what the last list took
  #moved = true; // scrolled or resized
  #viewport;
  #active = null; // the symbol that Tab reaches
  #selected = null;
  filter = '';
  favouritesOnly = false;
  sort = { key: 'symbol', direction: 1 };

  constructor({ board, days, sparks, clock, open, marketMs }) {
    this.#board = board;
    this.#days = days;
    this.#sparks = sparks;
    this.#clock = clock;
    this.#open = open;
    this.#marketMs = marketMs;
    this.#body.append(this.#above, this.#below);
    const measure = () => { this.#moved = true; this.onneed?.(); };
    addEventListener('scroll', measure, { capture: true, passive: true });
    this.#viewport = new Viewport(this.#table, measure);
    onFavourites(() => {
      for (const shown of this.#shown.values()) shown.mark();
      this.#listed.asked = null;
      this.onneed?.();
    });
    this.#table.addEventListener('keydown', event => this.#key(event));
    this.#body.addEventListener('click', event => {
      const symbol = event.target.closest('tr')?.dataset.symbol;
      if (symbol === undefined) return;
      this.#activate(symbol);
      if (event.target.closest('.star')) toggleFavourite(symbol);
      else this.#open(symbol);
    });
    this.#body.addEventListener('focusin', event => this.#activate(event.target.closest('tr')?.dataset.symbol ?? this.#active));
  }

  /** Symbols of the list, after the filter. */
  get length() {
    return this.#list.length;
  }

  rowsOnScreen() {
    return [...this.#shown.values()].map(shown => shown.row);
  }

  /** Brings the screen up to date; to be called in an animation frame. True where the list has to be looked at again soon. */
  render() {
    const waiting = this.#relist();
    if (this.#moved) this.#place();
    this.#board.settle(this.rowsOnScreen());
    for (const shown of this.#shown.values()) shown.update(this.#days);
    return waiting;
  }

  /** What changes without events: ages, lines, and day figures that arrived. */
  tick(marketMs) {
    const now = this.#clock.now();
    const rows = this.rowsOnScreen();
    this.#sparks.see(rows, marketMs);
    this.#days.see(rows);
    if (orders[this.sort.key].day) this.#days.see(this.#list, true);
    for (const shown of this.#shown.values()) {
      shown.update(this.#days);
      shown.tick(now, marketMs);
    }
  }

  select(symbol) {
    this.#selected = symbol;
    for (const shown of this.#shown.values()) shown.select(shown.row.symbol === symbol);
  }

  /** Puts the focus on a symbol's row, or on the first. */
  focus(symbol = this.#active) {
    const index = this.#list.findIndex(row => row.symbol === symbol);
    this.#go(index < 0 ? 0 : index);
  }

  /** Makes the list again where symbols, filter, order or favourites changed; not at every frame. */
  #relist() {
    const { key, direction } = this.sort;
    const now = performance.now();
    const wanted = `${this.filter} ${key} ${direction} ${this.favouritesOnly}`;
    const asked = this.#listed.asked !== wanted;
    const moving = key !== 'symbol' && now - this.#listAt > Math.max(orderPauseMs, orderShare * this.#listMs);
    if (!asked && !moving && this.#listed.members === this.#board.members) return false;
    if (!asked && now - this.#listAt < listPauseMs) return true;
    const list = this.#board.list(this.filter, orderBy(key, direction, this.#days, favouriteCount() > 0));
    this.#list = this.favouritesOnly ? list.filter(row => isFavourite(row.symbol)) : list;
    this.#listAt = performance.now();
    this.#listMs = this.#listAt - now;
    this.#listed = { members: this.#board.members, asked: wanted };
    this.#table.setAttribute('aria-rowcount', this.#list.length + 1);
    this.#moved = true;
    return false;
  }

  /** Makes the rows exist that are seen, in order, and no others. */
  #place() {
    this.#moved = false;
    const { height } = this.#viewport;
    const { top, bottom } = this.#viewport.window();
    const start = this.#body.getBoundingClientRect().top;
    const count = this.#list.length;
    const first = Math.min(count, Math.max(0, Math.floor((top - start) / height) - beyond));
    const end = Math.min(count, Math.max(first, Math.ceil((bottom - start) / height) + beyond));
    const wanted = this.#list.slice(first, end);
    this.#board.settle(wanted);
    const symbols = new Set(wanted.map(row => row.symbol));
    const hadFocus = this.#body.contains(document.activeElement);
    // Enough for all: the browser lays out where the row with the focus goes, and scrolls back in a table that is shorter for a moment.
    this.#below.style.height = `${count * height}px`;
    for (const [symbol, shown] of this.#shown) {
      if (symbols.has(symbol) && shown.row === this.#board.get(symbol)) continue;
      shown.element.remove();
      this.#shown.delete(symbol);
    }

    let after = this.#above;
    wanted.forEach((row, i) => {
      let shown = this.#shown.get(row.symbol);
      if (!shown) {
        shown = new TableRow(row);
        shown.select(row.symbol === this.#selected);
        shown.tick(this.#clock.now(), this.#marketMs());
        this.#shown.set(row.symbol, shown);
      }

      if (after.nextSibling !== shown.element) after.after(shown.element);
      after = shown.element;
      shown.element.setAttribute('aria-rowindex', first + i + 2);
    });
    this.#above.style.height = `${first * height}px`;
    this.#below.style.height = `${(count - end) * height}px`;
    if (!symbols.has(this.#active) && !this.#list.some(row => row.symbol === this.#active)) this.#active = wanted[0]?.symbol ?? null;
    const reachable = symbols.has(this.#active) ? this.#active : wanted[0]?.symbol;
    for (const shown of this.#shown.values()) shown.button.tabIndex = shown.row.symbol === reachable ? 0 : -1;
    if (hadFocus && !this.#body.contains(document.activeElement)) this.#table.focus({ preventScroll: true }); // its row was scrolled away
  }

  #key(event) {
    const page = this.#viewport.page;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (event.target.closest('thead') || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'f' && this.#active !== null) toggleFavourite(this.#active);
    if (step === undefined) return;
    event.preventDefault();
    const index = this.#list.findIndex(row => row.symbol === this.#active);
    this.#go(Math.min(this.#list.length - 1, Math.max(0, index + step)));
  }

  #go(index) {
    if (index < 0 || index >= this.#list.length) return;
    this.#active = this.#list[index].symbol;
    const { height } = this.#viewport;
    const { top, bottom } = this.#viewport.window();
    const y = this.#body.getBoundingClientRect().top + index * height;
    const by = y < top ? y - top : y + height > bottom ? y + height - bottom : 0;
    if (by !== 0) this.#viewport.scrolled.scrollBy(0, by);
    this.#place();
    this.#shown.get(this.#active)?.button.focus({ preventScroll: true });
  }

  #activate(symbol) {
    this.#active = symbol;
    for (const shown of this.#shown.values()) shown.button.tabIndex = shown.row.symbol === symbol ? 0 : -1;
  }
}

function spacer() {
  const row = document.createElement('tr');
  row.className = 'spacer';
  row.setAttribute('aria-hidden', 'true');
  return row;
}
