import { showAmount } from './amount.js';
import { decimals } from './exact.js';
import { clock, onZone, shown as inZone, zoneName } from './zone.js';

const shown = 30;

/** The last trades of one symbol, the newest on top. */
export class Trades {
  #body = document.getElementById('trades');
  #trades = [];
  #dirty = false;
  #digits = { price: 0, size: 0 };
  #day = ''; // of the newest trade

  /** `needed` is called where something has to be shown again. */
  constructor(needed) {
    onZone(() => {
      this.#dirty = true;
      this.#digits = { price: -1, size: -1 }; // every row again
      needed();
    });
    this.#head();
  }

  /** Replaces what is shown; the newest is first. */
  set(trades) {
    this.#trades = trades.slice(0, shown);
    this.#dirty = true;
  }

  add(trade) {
    this.#trades.unshift(trade);
    if (this.#trades.length > shown) this.#trades.pop();
    this.#dirty = true;
  }

  /** To be called in an animation frame. Rows of trades that are shown already stay as they are. */
  render() {
    if (!this.#dirty) return;
    this.#dirty = false;
    const digits = { price: most(this.#trades, 'p'), size: most(this.#trades, 's') };
    const day = this.#trades.length === 0 ? '' : dayOf(this.#trades[0]);
    const same = digits.price === this.#digits.price && digits.size === this.#digits.size && day === this.#day;
    [this.#digits, this.#day] = [digits, day];
    this.#head();
    const body = this.#body;
    while (body.rows.length > this.#trades.length) body.deleteRow(-1);
    while (body.rows.length < this.#trades.length) body.append(row());
    const first = this.#trades.indexOf(body.rows[0]?.trade);
    for (let moved = 0; moved < first; moved++) body.prepend(body.rows[body.rows.length - 1]);
    this.#trades.forEach((trade, i) => {
      const element = body.rows[i];
      if (element.trade === trade && same) return;
      element.trade = trade;
      this.#show(element, trade);
    });
  }

  #show(element, trade) {
    const { cells } = element;
    const time = Date.parse(trade.t);
    const day = dayOf(trade);
    cells[0].textContent = day === this.#day ? clock(time, true) : `${day} ${clock(time)}`;
    showAmount(cells[1], trade.p, this.#digits.price);
    showAmount(cells[2], trade.s, this.#digits.size);
    cells[3].textContent = trade.side ?? '';
    element.dataset.direction = trade.side === 'buy' ? 'up' : trade.side === 'sell' ? 'down' : '';
  }

  /** Names the day of the newest trades where it is not today. */
  #head() {
    const day = this.#day === '' || this.#day === inZone(Date.now()).slice(0, 10) ? '' : `${this.#day}, `;
    const name = `Time, ${day}${zoneName(this.#trades.length === 0 ? Date.now() : Date.parse(this.#trades[0].t))}`;
    const head = document.getElementById('trades-time');
    if (head.textContent !== name) head.textContent = name;
  }
}

function dayOf(trade) {
  return inZone(Date.parse(trade.t)).slice(0, 10);
}

function most(trades, member) {
  return trades.reduce((digits, trade) => Math.max(digits, decimals(trade[member])), 0);
}

function row() {
  const element = document.createElement('tr');
  for (const name of ['', 'number', 'number', '']) {
    const cell = document.createElement('td');
    cell.className = name;
    element.append(cell);
  }

  return element;
}
