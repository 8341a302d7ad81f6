import { Amount, drawnLength, showAmount } from './amount.js';
import { isFavourite } from './favourites.js';
import { age, compact, direction, percent } from './format.js';

const svg = 'http://www.w3.org/2000/svg';
const width = 120, height = 26;
const longName = 12, longPrice = 13, longAmount = 10; // characters beyond which letters are smaller

/** A price with the digits that the last trade changed set off, in the colour of its direction. */
export class Price {
  constructor(element) {
    this.element = element;
    this.amount = new Amount(element);
  }

  show({ price, before, value, digits }) {
    let same = 0;
    if (before !== '') while (same < price.length && price[same] === before[same]) same++;
    this.amount.show(price, digits, same);
    const direction = before === '' ? '' : value > Number(before) ? 'up' : 'down';
    if (this.element.dataset.direction !== direction) this.element.dataset.direction = direction;
    this.element.classList.toggle('long', drawnLength(price, digits) > longPrice);
  }
}

/** A row of the table on screen. Names come from others: they are set as text, never as markup. */
export class TableRow {
  #price = new Price(cell('span', 'price'));
  #cells = {};
  #path = document.createElementNS(svg, 'path');
  #venue = cell('span', 'venue');
  #moves = -1;
  #figures = -1;
  #line = null;

  constructor(row) {
    this.row = row;
    this.element = cell('tr', '');
    this.element.dataset.symbol = row.symbol;
    this.button = cell('button', row.symbol.length > longName ? 'name long' : 'name');
    this.button.textContent = this.button.title = row.symbol;
    this.button.tabIndex = -1;
    this.button.addEventListener('focus', () => this.element.classList.toggle('focused', this.button.matches(':focus-visible')));
    this.button.addEventListener('blur', () => this.element.classList.remove('focused'));
    this.star = cell('span', 'star'); // the row's button is its symbol; F does from the keyboard what the star does
    this.star.role = 'button';
    const stars = cell('td', 'c-star');
    stars.append(this.star);
    const name = cell('th', 'c-symbol');
    name.scope = 'row';
    name.append(this.button, this.#venue);
    const price = cell('td', 'number c-price');
    price.append(this.#price.element);
    for (const key of ['percent', 'change', 'high', 'low', 'volume', 'age'])
      this.#cells[key] = cell('td', `number c-${key}${key === 'percent' || key === 'change' ? ' change' : ''}`);
    this.#cells.age.classList.add('age');
    this.#cells.change.className = 'number c-change difference';
    const line = cell('td', 'line c-hour');
    line.append(sparkline(this.#path));
    const { percent: rise, change, high, low, volume, age: since } = this.#cells;
    this.element.append(stars, name, price, rise, change, high, low, volume, line, since);
    this.mark();
  }

  /** Shows what came since. */
  update(days) {
    const { row } = this;
    days.follow(row);
    const figures = days.get(row.symbol);
    if (row.moves === this.#moves && (figures?.version ?? -1) === this.#figures) return;
    if (row.moves !== this.#moves) {
      this.#price.show(row);
      set(this.#venue, row.venue ?? '');
    }

    this.#moves = row.moves;
    this.#figures = figures?.version ?? -1;
    this.#showDay(days, figures);
  }

  #showDay(days, figures) {
    const { row } = this;
    const risen = days.percent(row);
    set(this.#cells.percent, risen === null ? '' : percent(risen));
    point(this.#cells.percent, direction(risen));
    point(this.#cells.change, days.way(row));
    const today = figures?.today;
    const digits = Math.max(row.digits, figures?.digits ?? 0);
    showFigure(this.#cells.change, days.change(row).replace('-', '−'), row.digits);
    showFigure(this.#cells.high, today?.h ?? '', digits);
    showFigure(this.#cells.low, today?.l ?? '', digits);
    set(this.#cells.volume, today ? compact(today.v) : '');
    if (today) this.#cells.volume.title = today.v;
  }

  /** Shows what time alone changes: the age, and the line, whose right end is the present. */
  tick(now, marketMs) {
    const { row } = this;
    set(this.#cells.age, age(now - row.time));
    const line = row.spark && `${row.spark.version} ${Math.floor(marketMs / row.spark.stepMs(width))}`;
    if (line === this.#line) return;
    this.#line = line;
    const { d, up } = row.spark?.path(width, height, marketMs) ?? { d: '', up: null };
    this.#path.setAttribute('d', d);
    this.#path.setAttribute('class', up === null ? '' : up ? 'up' : 'down');
  }

  select(selected) {
    this.element.classList.toggle('selected', selected);
    if (selected) this.button.setAttribute('aria-current', 'true');
    else this.button.removeAttribute('aria-current');
  }

  /** Shows whether it is a favourite. */
  mark() {
    markStar(this.star, this.row.symbol);
  }
}

/** A star that shows whether a symbol is a favourite. */
export function markStar(star, symbol) {
  const favourite = isFavourite(symbol);
  star.textContent = favourite ? '★' : '☆';
  star.setAttribute('aria-pressed', favourite);
  star.setAttribute('aria-label', `Favourite: ${symbol}`);
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

/** An amount of a column, in smaller letters where it is long: wrapped digits would be read as two amounts. */
function showFigure(element, text, digits) {
  showAmount(element, text, digits);
  element.classList.toggle('long', drawnLength(text, digits) > longAmount);
}

function point(element, way) {
  if (element.dataset.direction !== way) element.dataset.direction = way;
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
