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
    onZone(() => { this.#dirty = true; this.#head(); needed(); });
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

  /** To be called in an animation frame. Rows stay, their texts move. */
  render() {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#digits = { price: most(this.#trades, 'p'), size: most(this.#trades, 's') };
    while (this.#body.rows.length > this.#trades.length) this.#body.deleteRow(-1);
    while (this.#body.rows.length < this.#trades.length) this.#body.append(row());
    this.#trades.forEach((trade, i) => {
      const cells = this.#body.rows[i].cells;
      const texts = [[0, clock(Date.parse(trade.t), true)], [3, trade.side ?? '']];
      for (const [n, text] of texts)
        if (cells[n].textContent !== text) cells[n].textContent = text;
      showAmount(cells[1], trade.p, this.#digits.price);
      showAmount(cells[2], trade.s, this.#digits.size);
      const direction = trade.side === 'buy' ? 'up' : trade.side === 'sell' ? 'down' : '';
      if (this.#body.rows[i].dataset.direction !== direction) this.#body.rows[i].dataset.direction = direction;
    });
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
