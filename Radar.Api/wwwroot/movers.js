import { showAmount } from './amount.js';
import { poll, read } from './api.js';
import { subtract } from './exact.js';
import { direction, percent } from './format.js';

const count = 5;
const pauseMs = 5000;

/** Who moved most since the previous day's close, or since the open of a first day: the API's ranking. */
export class Movers {
  #open; #board;
  #movers = []; // of the API's last answer, with the list in which each is
  #shown = []; // [mover, its elements]
  #lists = { gainers: document.getElementById('gainers'), losers: document.getElementById('losers') };
  #note = document.getElementById('movers-note');

  constructor({ board, status, open }) {
    this.#board = board;
    this.#open = open;
    for (const list of Object.values(this.#lists))
      list.addEventListener('click', event => {
        const symbol = event.target.closest('button')?.dataset.symbol;
        if (symbol !== undefined) this.#open(symbol);
      });
    poll(pauseMs, status, () => this.ask());
  }

  async ask() {
    const movers = await read(`/api/v2/movers?top=${count}`);
    const all = [...movers.gainers, ...movers.losers];
    const first = all.filter(mover => mover.since === 'open').length;
    this.#note.textContent = all.length === 0 ? 'None yet.'
      : first === all.length ? 'Since the open: there is no previous day yet.'
      : first > 0 ? 'Since the previous day’s close; since the open where there is no previous day.'
      : '';
    const keep = list => mover => ({ ...mover, list, base: subtract(mover.p, mover.change) });
    this.#movers = [...movers.gainers.map(keep('gainers')), ...movers.losers.map(keep('losers'))];
    this.#place();
    this.tick();
  }

  /** The ranking is some seconds old; prices and changes are the board's. */
  tick() {
    if (this.#movers.some(mover => this.#listOf(mover) !== mover.list)) this.#place(); // one that fell is not among those that rose
    for (const [mover, price, change] of this.#shown) {
      const row = this.#row(mover);
      showAmount(price, row ? row.price : mover.p, row?.digits);
      const risen = this.#risen(mover);
      const text = percent(risen);
      if (change.textContent !== text) change.textContent = text;
      change.dataset.direction = direction(risen);
    }
  }

  #row({ symbol }) {
    const row = this.#board.get(symbol);
    return row && row.price !== '' ? row : null;
  }

  #risen(mover) {
    const row = this.#row(mover);
    const from = Number(mover.base);
    return row && from > 0 ? (row.value / from - 1) * 100 : Number(mover.change_percent);
  }

  #listOf(mover) {
    const risen = this.#risen(mover);
    return risen > 0 ? 'gainers' : risen < 0 ? 'losers' : mover.list;
  }

  #place() {
    this.#shown = [];
    for (const mover of this.#movers) mover.list = this.#listOf(mover);
    for (const [list, sign] of [['gainers', -1], ['losers', 1]]) {
      const of = this.#movers.filter(mover => mover.list === list);
      this.#show(this.#lists[list], of.sort((a, b) => (this.#risen(a) - this.#risen(b)) * sign));
    }
  }

  /** Changes texts in place: a button that has the focus keeps it. */
  #show(list, movers) {
    while (list.children.length > movers.length) list.lastChild.remove();
    while (list.children.length < movers.length) list.append(item());
    movers.forEach((mover, i) => {
      const button = list.children[i].firstChild;
      const [symbol, price, change] = button.children;
      button.dataset.symbol = mover.symbol;
      symbol.textContent = symbol.title = mover.symbol;
      this.#shown.push([mover, price, change]);
    });
  }
}

function item() {
  const entry = document.createElement('li');
  const button = document.createElement('button');
  for (const name of ['symbol', 'price', 'change']) {
    const part = document.createElement('span');
    part.className = name;
    button.append(part);
  }

  entry.append(button);
  return entry;
}
