import { age, direction, percent } from './format.js';

const svg = 'http://www.w3.org/2000/svg';
const width = 120, height = 26;

/** A price with the digits that the last trade changed set off, in the colour of its direction. */
export class Price {
  #kept = document.createElement('span');
  #moved = document.createElement('span');

  constructor(element) {
    this.element = element;
    this.#moved.className = 'moved';
    element.replaceChildren(this.#kept, this.#moved);
  }

  show({ price, before, value, digits }) {
    let same = 0;
    if (before !== '') while (same < price.length && price[same] === before[same]) same++;
    this.#kept.textContent = price.slice(0, same);
    this.#moved.textContent = price.slice(same);
    this.element.dataset.direction = before === '' ? '' : value > Number(before) ? 'up' : 'down';
    this.element.dataset.pad = padding(price, digits);
  }
}

/** A row of the table on screen. Names come from others: they are set as text, never as markup. */
export class TableRow {
  #price = new Price(cell('span', 'price'));
  #change = cell('td', 'number change');
  #age = cell('td', 'number age');
  #path = document.createElementNS(svg, 'path');
  #venue = cell('span', 'venue');
  #moves = -1;
  #line = null;

  constructor(row) {
    this.row = row;
    this.element = cell('tr', '');
    this.element.dataset.symbol = row.symbol;
    this.button = cell('button', '');
    this.button.textContent = row.symbol;
    this.button.tabIndex = -1;
    const name = cell('th', '');
    name.scope = 'row';
    name.append(this.button, this.#venue);
    const price = cell('td', 'number');
    price.append(this.#price.element);
    const line = cell('td', 'line');
    line.append(sparkline(this.#path));
    this.element.append(name, price, this.#change, line, this.#age);
  }

  /** Shows what came since. */
  update() {
    const { row } = this;
    if (row.moves !== this.#moves) {
      this.#moves = row.moves;
      this.#price.show(row);
      set(this.#venue, row.venue ?? '');
    }

    const line = row.spark && `${row.spark.version}`;
    if (line === this.#line) return;
    this.#line = line;
    const { d, up } = row.spark?.path(width, height) ?? { d: '', up: null };
    this.#path.setAttribute('d', d);
    this.#path.setAttribute('class', up === null ? '' : up ? 'up' : 'down');
  }

  /** Shows what time alone changes. */
  tick(now, change) {
    set(this.#age, age(now - this.row.time));
    set(this.#change, change === null ? '' : percent(change));
    this.#change.dataset.direction = direction(change);
  }

  select(selected) {
    if (selected) this.button.setAttribute('aria-current', 'true');
    else this.button.removeAttribute('aria-current');
  }
}

/** Zeros that decimals are sent without, to be shown unseen so that points stay below points. */
function padding(price, digits) {
  const point = price.indexOf('.');
  const has = point < 0 ? 0 : price.length - point - 1;
  return has >= digits ? '' : (point < 0 ? '.' : '') + '0'.repeat(digits - has);
}

function sparkline(path) {
  const line = document.createElementNS(svg, 'svg');
  line.setAttribute('viewBox', `0 0 ${width} ${height}`);
  line.setAttribute('preserveAspectRatio', 'none');
  line.setAttribute('aria-hidden', 'true');
  line.append(path);
  return line;
}

function cell(name, className) {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
