/** Lets something be done at most once per pause; what is asked for in between is done at its end. */
export class Pace {
  #pauseMs; #again;
  #at = -Infinity;
  #timer = 0;

  /** `again` is called where a pause has ended in which something was asked for. */
  constructor(pauseMs, again) {
    this.#pauseMs = pauseMs;
    this.#again = again;
  }

  /** True where it may be done now. */
  mayNow() {
    const left = this.#at + this.#pauseMs - performance.now();
    if (left <= 0) {
      this.#at = performance.now();
      return true;
    }

    if (this.#timer === 0) this.#timer = setTimeout(() => { this.#timer = 0; this.#again(); }, left);
    return false;
  }
}
