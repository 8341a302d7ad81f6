const barsMax = 2000;

/** The bars of a chart by open time: first what was read, then what comes live, and corrections of either. */
export class Bars {
  #bars = [];

  get all() {
    return this.#bars;
  }

  get newest() {
    return this.#bars[this.#bars.length - 1];
  }

  /** The bar that opened at this Unix second. */
  at(time) {
    return this.#bars.find(bar => bar.time === time);
  }

  /**
   * Takes a bar in, as the API has it. A bar only ever gains trades, so of two with one open time the one with more is the newer,
   * whichever way each of them came. Returns `newest`, `older` or, where it is known already, null.
   */
  put(item) {
    const bar = { ...item, time: Date.parse(item.t) / 1000 };
    let i = this.#bars.length;
    while (i > 0 && this.#bars[i - 1].time > bar.time) i--;
    const same = i > 0 && this.#bars[i - 1].time === bar.time;
    if (same && this.#bars[i - 1].n > bar.n) return null;
    this.#bars.splice(same ? i - 1 : i, same ? 1 : 0, bar);
    if (this.#bars.length > barsMax) this.#bars.splice(0, barsMax / 4);
    return bar === this.newest ? 'newest' : 'older';
  }
}
