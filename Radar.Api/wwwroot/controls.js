import { orders } from './columns.js';
import { keep, kept } from './settings.js';
import { isLocal, onZone, setLocal, zoneName } from './zone.js';

const $ = id => document.getElementById(id);

/** What people set: filter, order, favourites, zone. Keys too. */
export class Controls {
  #table; #router; #changed;
  #filter = $('filter');

  constructor({ table, router, changed }) {
    this.#table = table;
    this.#router = router;
    this.#changed = changed;
  }

  start() {
    const filter = this.#filter;
    filter.addEventListener('input', () => { this.#table.filter = filter.value.trim(); this.#changed(); });
    filter.addEventListener('keydown', event => {
      if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
      event.preventDefault();
      this.#table.focus(event.key === 'Enter' ? '' : undefined);
    });
    $('favourites').addEventListener('click', () => {
      this.#table.favouritesOnly = !this.#table.favouritesOnly;
      $('favourites').setAttribute('aria-pressed', this.#table.favouritesOnly);
      this.#changed();
    });
    $('zone').addEventListener('click', () => setLocal(!isLocal()));
    onZone(() => this.#showZone());
    this.#showZone();
    this.#startOrder();
    addEventListener('keydown', event => this.#key(event));
    $('detail-close').addEventListener('click', () => this.#router.close());
  }

  #startOrder() {
    const select = $('order');
    for (const [key, { name }] of Object.entries(orders)) {
      $(`by-${key}`).addEventListener('click', () => this.#order(key));
      for (const [direction, arrow] of [[1, '↑'], [-1, '↓']])
        select.append(new Option(`${name} ${arrow}`, `${key} ${direction}`));
    }

    select.addEventListener('change', () => {
      const [key, direction] = select.value.split(' ');
      this.#order(key, Number(direction));
    });
    const saved = kept('order');
    if (saved && orders[saved.key] && [1, -1].includes(saved.direction)) this.#order(saved.key, saved.direction);
    else this.#showOrder();
  }

  /** Orders by a column; by the one that it is ordered by already, in the other direction. */
  #order(key, direction) {
    const { sort } = this.#table;
    direction ??= sort.key === key ? -sort.direction : orders[key].first;
    this.#table.sort = { key, direction };
    keep('order', this.#table.sort);
    this.#showOrder();
    this.#changed();
  }

  #showOrder() {
    const { key, direction } = this.#table.sort;
    for (const other of Object.keys(orders))
      $(`by-${other}`).parentElement.setAttribute(
        'aria-sort', other !== key ? 'none' : direction === 1 ? 'ascending' : 'descending');
    $('order').value = `${key} ${direction}`;
  }

  #showZone() {
    $('zone').textContent = isLocal() ? zoneName() : 'UTC';
    $('zone').setAttribute('aria-pressed', isLocal());
  }

  #key(event) {
    if (document.querySelector('dialog[open]')) return;
    if (event.key === '/' && !event.target.matches('input, select')) {
      event.preventDefault();
      this.#filter.focus();
    } else if (event.key === 'Escape' && this.#filter.value !== '' && event.target === this.#filter) {
      this.#filter.value = '';
      this.#filter.dispatchEvent(new Event('input'));
    } else if (event.key === 'Escape') {
      this.#router.close();
    }
  }
}
