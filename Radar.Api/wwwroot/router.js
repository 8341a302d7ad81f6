const narrow = matchMedia('(max-width: 899px)');

/** Which symbol is open is the page's address, so that it can be kept, shared and left with the browser's back. */
export class Router {
  #handlers;
  #symbol = null;
  #came = false; // by a step that back undoes

  constructor(handlers) {
    this.#handlers = handlers;
    addEventListener('hashchange', () => this.go());
    narrow.addEventListener('change', () => this.#cover());
  }

  open(symbol) {
    const address = `#${encodeURIComponent(symbol)}`;
    if (this.#symbol === symbol) {
      this.#focus();
    } else if (this.#symbol === null) {
      this.#came = true;
      location.hash = address;
    } else {
      location.replace(address); // back leads to the board, not through every symbol that was looked at
    }
  }

  close() {
    if (this.#symbol === null) return;
    if (this.#came) {
      history.back();
    } else {
      history.replaceState(null, '', location.pathname);
      this.go();
    }
  }

  /** Goes where the address says. */
  go() {
    const symbol = named();
    if (symbol === this.#symbol) return;
    const before = this.#symbol;
    this.#symbol = symbol;
    this.#cover();
    if (symbol === null) {
      this.#came = false;
      document.title = document.title.startsWith('⚠') ? '⚠ Radar' : 'Radar';
      this.#handlers.close(before);
    } else {
      this.#handlers.open(symbol);
      this.#focus();
    }
  }

  #focus() {
    const head = document.getElementById('detail-symbol');
    head.focus({ preventScroll: true });
    document.getElementById('detail').scrollTop = 0;
  }

  /** On a narrow screen a symbol covers the rest, which then is out of reach. */
  #cover() {
    const covered = this.#symbol !== null && narrow.matches;
    document.documentElement.classList.toggle('open', this.#symbol !== null);
    for (const selector of ['.top', '.path', '.board', '.movers', '#credits'])
      document.querySelector(selector).inert = covered;
  }
}

/** The symbol that the address names, null where it names none. */
function named() {
  try {
    return decodeURIComponent(location.hash.slice(1)).toUpperCase() || null;
  } catch {
    return null; // half an escape
  }
}
