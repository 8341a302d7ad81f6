/** The part of the table that can be seen, whichever of the scroller and the window scrolls. */
export class Viewport {
  #table;
  #scroller = document.getElementById('scroller');
  #height = 0;

  /** `changed` is called when the size is another. */
  constructor(table, changed) {
    this.#table = table;
    new ResizeObserver(() => { this.#height = 0; changed(); }).observe(this.#scroller);
  }

  /** Where rows can be seen: below the head, inside the scroller and the window. */
  window() {
    const box = this.#scroller.getBoundingClientRect();
    const head = this.#table.tHead.getBoundingClientRect();
    return { top: Math.max(box.top, 0) + head.height, bottom: Math.min(box.bottom, innerHeight) };
  }

  /** What scrolls the rows. */
  get scrolled() {
    return getComputedStyle(this.#scroller).overflowY === 'auto' ? this.#scroller : window;
  }

  /** Rows of a page. */
  get page() {
    const { top, bottom } = this.window();
    return Math.max(1, Math.floor((bottom - top) / this.height) - 1);
  }

  /** Of a row, in px. Measured again after a resize, also where a key comes before the next frame. */
  get height() {
    return this.#height ||= parseFloat(getComputedStyle(this.#table).getPropertyValue('--row')) || 40;
  }
}
