import { shown } from './zone.js';

const svg = 'http://www.w3.org/2000/svg';
const width = 600, height = 240, margin = 6;
const barsMax = 200, dayMs = 86_400_000;

/** What stands in for the chart library: a line through the bars' closes, by time. */
export class LineChart {
  #element; #ofDays;
  #path = document.createElementNS(svg, 'path');
  #axis = document.createElement('p');
  #bars = [];

  constructor(element, ofDays) {
    this.#element = element;
    this.#ofDays = ofDays;
    const line = document.createElementNS(svg, 'svg');
    line.setAttribute('viewBox', `0 0 ${width} ${height}`);
    line.setAttribute('preserveAspectRatio', 'none');
    line.append(this.#path);
    this.#axis.className = 'axis';
    element.replaceChildren(line, this.#axis);
  }

  set(bars) {
    this.#bars = bars.slice(-barsMax);
    this.#draw();
  }

  update(bar) {
    if (this.#bars[this.#bars.length - 1]?.time === bar.time) this.#bars.pop();
    this.#bars = [...this.#bars, bar].slice(-barsMax);
    this.#draw();
  }

  fit() {} // all bars are always shown

  rezone() {
    this.#draw();
  }

  remove() {
    this.#element.replaceChildren();
  }

  #draw() {
    const closes = this.#bars.map(bar => Number(bar.c));
    const low = Math.min(...closes), high = Math.max(...closes);
    const from = this.#bars[0]?.time ?? 0, to = this.#bars.at(-1)?.time ?? 0;
    const x = time => (from === to ? width / 2 : ((time - from) / (to - from)) * width).toFixed(1);
    const y = value => (high === low ? height / 2 : margin + ((high - value) / (high - low)) * (height - 2 * margin)).toFixed(1);
    this.#path.setAttribute('d', this.#bars.map(({ time }, i) => `${i ? 'L' : 'M'}${x(time)} ${y(closes[i])}`).join(''));
    const spansDays = (to - from) * 1000 > dayMs / 2;
    const mark = time => shown(time * 1000, this.#ofDays || undefined).slice(this.#ofDays || spansDays ? 0 : 11, this.#ofDays ? 10 : 16)
      .replace('T', ' ');
    this.#axis.replaceChildren(...(from === to ? [from] : [from, to]).map(time => {
      const text = document.createElement('span');
      text.textContent = time === 0 ? '' : mark(time);
      return text;
    }));
  }
}
