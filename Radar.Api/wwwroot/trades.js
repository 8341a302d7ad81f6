import { clock } from './format.js';

const shown = 30;

/** The last trades of one symbol, the newest on top. */
export class Trades {
  #body = document.getElementById('trades');
  #trades = [];
  #dirty = false;

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
    while (this.#body.rows.length > this.#trades.length) this.#body.deleteRow(-1);
    while (this.#body.rows.length < this.#trades.length) this.#body.append(row());
    this.#trades.forEach((trade, i) => {
      const cells = this.#body.rows[i].cells;
      const texts = [clock(Date.parse(trade.t), true), trade.p, trade.s, trade.side ?? ''];
      texts.forEach((text, n) => {
        if (cells[n].textContent !== text) cells[n].textContent = text;
      });
      this.#body.rows[i].dataset.direction = trade.side === 'buy' ? 'up' : trade.side === 'sell' ? 'down' : '';
    });
  }
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
