import { decimals } from './exact.js';

/**
 * An exact decimal in an element, with separated thousands and a fixed number of digits after the point. The element's text is the exact
 * decimal, as it was sent: commas and filling zeros are drawn by the style sheet, so that they are neither copied nor compared.
 */
export class Amount {
  #spans = [];
  #shown = null;

  constructor(element) {
    this.element = element;
    element.classList.add('amount');
    element.replaceChildren();
  }

  /**
   * Shows a decimal; text that is none, such as a dash, is shown as it is.
   * `digits` is how many follow the point at least; from index `same` on the digits are marked as moved.
   */
  show(text, digits = 0, same = text.length) {
    const key = `${text} ${digits} ${same}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const parts = pieces(text, same);
    while (this.#spans.length > parts.length) this.#spans.pop().remove();
    while (this.#spans.length < parts.length) this.#spans.push(this.element.appendChild(document.createElement('span')));
    parts.forEach(([part, name], i) => {
      const span = this.#spans[i];
      if (span.textContent !== part) span.textContent = part;
      if (span.className !== name) span.className = name;
    });
    const pad = padding(text, digits);
    if ((this.element.dataset.pad ?? '') !== pad) this.element.dataset.pad = pad;
  }
}

/** Shows a decimal once, in an element that is kept. */
export function showAmount(element, text, digits = 0) {
  (element.amount ??= new Amount(element)).show(text, digits);
}

/** How many characters are drawn: those of the text, separators and zeros. */
export function drawnLength(text, digits = 0) {
  const whole = /\d+/.exec(text)?.[0].length ?? 0;
  return text.length + Math.max(0, Math.ceil(whole / 3) - 1) + padding(text, digits).length;
}

/** The parts of a decimal and their classes: groups of thousands, of which all but the first have a separator before them. */
function pieces(text, same) {
  const whole = /^[-+−]?\d+/.exec(text)?.[0].length ?? 0;
  const parts = [];
  const first = /^[-+−]/.test(text) ? 1 : 0;
  let from = 0;
  while (from < text.length || parts.length === 0) {
    const left = whole - Math.max(from, first); // digits before the point from here on
    const to = left > 3 ? Math.max(from, first) + (left % 3 || 3) : text.length;
    const separator = from > first ? 'sep' : '';
    if (same > from && same < to) parts.push([text.slice(from, same), separator], [text.slice(same, to), 'moved']);
    else parts.push([text.slice(from, to), same <= from && text !== '' ? `${separator} moved`.trim() : separator]);
    from = to;
    if (text === '') break;
  }

  return parts;
}

/** Zeros that a decimal is sent without. */
function padding(text, digits) {
  if (!/^[-+−]?\d/.test(text)) return '';
  const has = decimals(text);
  return has >= digits ? '' : (has === 0 ? '.' : '') + '0'.repeat(digits - has);
}
