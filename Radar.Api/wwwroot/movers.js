import { poll, read } from './api.js';
import { percent } from './format.js';

const count = 5;
const pauseMs = 5000;
const ownMax = 1000; // symbols among which the page may look for movers itself

/** Who moved most since the previous day's close: the API's ranking. On a first day, which has none, the page's own since the open. */
export class Movers {
  #board; #days; #open;
  #lists = { gainers: document.getElementById('gainers'), losers: document.getElementById('losers') };
  #note = document.getElementById('movers-note');

  constructor({ board, days, status, open }) {
    this.#board = board;
    this.#days = days;
    this.#open = open;
    for (const list of Object.values(this.#lists))
      list.addEventListener('click', event => {
        const symbol = event.target.closest('button')?.dataset.symbol;
        if (symbol !== undefined) this.#open(symbol);
      });
    poll(pauseMs, status, () => this.ask());
  }

  async ask() {
    let movers = await read(`/api/v2/movers?top=${count}`);
    let note = '';
    if (movers.gainers.length + movers.losers.length === 0) {
      movers = this.#own();
      note = movers.gainers.length + movers.losers.length > 0
        ? 'Since today’s open: there is no previous day yet.'
        : 'None yet: movers are counted from the previous day’s close.';
    }

    this.#note.textContent = note;
    this.#show(this.#lists.gainers, movers.gainers, 'up');
    this.#show(this.#lists.losers, movers.losers, 'down');
  }

  #own() {
    const moved = [];
    if (this.#board.size <= ownMax) {
      this.#days.see(this.#board.rows());
      for (const row of this.#board.rows()) {
        const change = this.#days.change(row);
        if (change) moved.push({ symbol: row.symbol, p: row.price, change_percent: change });
      }
    }

    moved.sort((a, b) => b.change_percent - a.change_percent);
    return {
      gainers: moved.filter(mover => mover.change_percent > 0).slice(0, count),
      losers: moved.reverse().filter(mover => mover.change_percent < 0).slice(0, count),
    };
  }

  /** Changes texts in place: a button that has the focus keeps it. */
  #show(list, movers, direction) {
    while (list.children.length > movers.length) list.lastChild.remove();
    while (list.children.length < movers.length) list.append(item(direction));
    movers.forEach((mover, i) => {
      const button = list.children[i].firstChild;
      const [symbol, price, change] = button.children;
      button.dataset.symbol = mover.symbol;
      symbol.textContent = mover.symbol;
      price.textContent = mover.p;
      change.textContent = percent(Number(mover.change_percent));
    });
  }
}

function item(direction) {
  const entry = document.createElement('li');
  const button = document.createElement('button');
  for (const name of ['symbol', 'price', 'change']) {
    const part = document.createElement('span');
    part.className = name;
    if (name === 'change') part.dataset.direction = direction;
    button.append(part);
  }

  entry.append(button);
  return entry;
}
