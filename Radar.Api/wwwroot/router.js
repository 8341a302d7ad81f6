import { frameOf, usual } from './frames.js';

const keepsCase = document.documentElement.dataset.symbolCase === 'keep';
const narrow = matchMedia('(max-width: 899px)');

/**
 * Which symbol is open, and the length of its bars, is the page's address, `#SYMBOL?timeframe=5Min`, so that it can be kept, shared and
 * left with the browser's back.
 */
export class Router {
  #handlers;
  #symbol = null;
  #came = false; // by a step that back undoes

  /** The length of bars that the address asks for. */
  frame = usual;

  constructor(handlers) {
    this.#handlers = handlers;
    addEventListener('hashchange', () => this.go());
    narrow.addEventListener('change', () => this.#cover());
  }

  open(symbol) {
    const address = addressOf(symbol, this.frame);
    if (this.#symbol === symbol) {
      this.#focus();
    } else if (this.#symbol === null) {
      this.#came = true;
      location.hash = address;
    } else {
      location.replace(address); // back leads to the board, not through every symbol that was looked at
    }
  }

  /** Other bars of the same symbol. */
  setFrame(frame) {
    if (this.#symbol !== null) location.replace(addressOf(this.#symbol, frame));
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
    const { symbol, frame, isKnown } = named();
    if (symbol !== null && !isKnown) history.replaceState(null, '', addressOf(symbol, frame)); // it says what is shown
    const other = frame !== this.frame && symbol !== null;
    if (symbol !== null) this.frame = frame;
    if (symbol === this.#symbol) {
      if (other) this.#handlers.open(symbol, frame);
      return;
    }

    const before = this.#symbol;
    this.#symbol = symbol;
    this.#cover();
    if (symbol === null) {
      this.#came = false;
      document.title = `${/^[⚠⏸] /u.exec(document.title)?.[0] ?? ''}Radar`;
      this.#handlers.close(before);
    } else {
      this.#handlers.open(symbol, frame);
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

function addressOf(symbol, frame) {
  return `#${encodeURIComponent(symbol)}${frame === usual ? '' : `?timeframe=${frame.name}`}`;
}

/** What the address names; a symbol of null where it names none. A symbol has no question mark. */
function named() {
  const [name, query] = location.hash.slice(1).split('?');
  const asked = new URLSearchParams(query).get('timeframe');
  const known = frameOf(asked);
  const frame = known ?? usual;
  const isKnown = asked === null || known !== null;
  try {
    const symbol = decodeURIComponent(name);
    return { symbol: (keepsCase ? symbol : symbol.toUpperCase()) || null, frame, isKnown };
  } catch {
    return { symbol: null, frame, isKnown }; // half an escape
  }
}
