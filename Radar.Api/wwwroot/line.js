const svg = 'http://www.w3.org/2000/svg';
const width = 600, height = 240, margin = 6;

/** What stands in for the chart library: a line through the bars' closes. */
export class LineChart {
  #element;
  #path = document.createElementNS(svg, 'path');
  #bars = [];

  constructor(element) {
    this.#element = element;
    const line = document.createElementNS(svg, 'svg');
    line.setAttribute('viewBox', `0 0 ${width} ${height}`);
    line.setAttribute('preserveAspectRatio', 'none');
    line.append(this.#path);
    element.replaceChildren(line);
  }

  set(bars) {
    this.#bars = bars.slice(-200);
    this.#draw();
  }

  update(bar) {
    if (this.#bars[this.#bars.length - 1]?.time === bar.time) this.#bars.pop();
    this.#bars = [...this.#bars, bar].slice(-200);
    this.#draw();
  }

  fit() {} // all bars are always shown

  remove() {
    this.#element.replaceChildren();
  }

  #draw() {
    const closes = this.#bars.map(bar => Number(bar.c));
    const low = Math.min(...closes), high = Math.max(...closes);
    const x = i => (closes.length < 2 ? width / 2 : (i / (closes.length - 1)) * width).toFixed(1);
    const y = value => (high === low ? height / 2 : margin + ((high - value) / (high - low)) * (height - 2 * margin)).toFixed(1);
    this.#path.setAttribute('d', closes.map((close, i) => `${i ? 'L' : 'M'}${x(i)} ${y(close)}`).join(''));
  }
}
