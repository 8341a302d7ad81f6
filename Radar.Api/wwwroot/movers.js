import { poll, read } from './api.js';
import { percent } from './format.js';

const count = 5;
const pauseMs = 5000;

/** Who moved most since the previous day's close, or since the open of a first day: the API's ranking. */
export class Movers {
  #open;
  #lists = { gainers: document.getElementById('gainers'), losers: document.getElementById('losers') };
  #note = document.getElementById('movers-note');

  constructor({ status, open }) {
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
    this.#show(this.#lists.gainers, movers.gainers, 'up');
    this.#show(this.#lists.losers, movers.losers, 'down');
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
