import { showAmount } from './amount.js';
import { decimals } from './exact.js';
import { clock, onZone, zoneName } from './zone.js';

const shown = 30;

/** The last trades of one symbol, the newest on top. */
export class Trades {
  #body = document.getElementById('trades');
  #trades = [];
  #dirty = false;
  #digits = { price: 0, size: 0 };

  /** `needed` is called where something has to be shown again. */
  constructor(needed) {
    onZone(() => {
      this.#dirty = true;
      this.#digits = { price: -1, size: -1 }; // every row again
      this.#head();
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
    const same = digits.price === this.#digits.price && digits.size === this.#digits.size;
    this.#digits = digits;
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
    cells[0].textContent = clock(Date.parse(trade.t), true);
    showAmount(cells[1], trade.p, this.#digits.price);
    showAmount(cells[2], trade.s, this.#digits.size);
    cells[3].textContent = trade.side ?? '';
    element.dataset.direction = trade.side === 'buy' ? 'up' : trade.side === 'sell' ? 'down' : '';
  }

  #head() {
    document.getElementById('trades-time').textContent = `Time, ${zoneName()}`;
  }
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
