import * as library from './lightweight-charts.mjs';
import { decimals } from './exact.js';
import { LineChart } from './line.js';

/** True where the library was there when the API was built. */
export const hasLibrary = 'createChart' in library;

/** A chart in the element: candles, or a line where the library is missing. `pointed` is called with the time under the pointer or null. */
export function createChart(element, pointed) {
  return hasLibrary ? new CandleChart(element, pointed) : new LineChart(element);
}

class CandleChart {
  #chart; #candles; #volumes;
  #scheme = matchMedia('(prefers-color-scheme: dark)');
  #paint = () => this.#colour();
  #digits = -1;

  constructor(element, pointed) {
    this.#chart = library.createChart(element, {
      autoSize: true,
      // The library's own logo needs a style inside the document, which the page's policy forbids; the page's foot has the credit.
      layout: {
        attributionLogo: false, background: { color: 'transparent' }, fontFamily: getComputedStyle(element).fontFamily, fontSize: 11,
      },
      timeScale: { timeVisible: true, secondsVisible: false, borderVisible: false, rightOffset: 4 },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.24 } },
      crosshair: { mode: library.CrosshairMode.Normal },
      handleScroll: { vertTouchDrag: false }, // a finger scrolls the page
    });
    this.#candles = this.#chart.addSeries(library.CandlestickSeries, { borderVisible: false });
    this.#volumes = this.#chart.addSeries(library.HistogramSeries, {
      priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false, priceLineVisible: false,
    });
    this.#volumes.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.#chart.subscribeCrosshairMove(move => pointed(move.time ?? null));
    this.#scheme.addEventListener('change', this.#paint);
    this.#colour();
  }

  /** Shows all bars. */
  set(bars) {
    this.#precise(bars);
    this.#candles.setData(bars.map(candle));
    this.#volumes.setData(bars.map(bar => this.#volume(bar)));
  }

  /** Shows the newest bar, which may be a new one. */
  update(bar) {
    this.#precise([bar]);
    this.#candles.update(candle(bar));
    this.#volumes.update(this.#volume(bar));
  }

  /** Shows the newest bars at a width that can be read. */
  fit(bars) {
    const shown = Math.max(40, Math.floor(this.#chart.timeScale().width() / 9)); // few bars are no wider than many
    this.#chart.timeScale().setVisibleLogicalRange({ from: bars.length - shown, to: bars.length + 3 });
  }

  remove() {
    this.#scheme.removeEventListener('change', this.#paint);
    this.#chart.remove();
  }

  /** Prices on the scale have as many digits as the market's own. */
  #precise(bars) {
    let digits = this.#digits;
    for (const bar of bars.slice(-200)) digits = Math.max(digits, decimals(bar.c), decimals(bar.o));
    if (digits === this.#digits) return;
    this.#digits = digits;
    const precision = Math.min(12, digits);
    this.#candles.applyOptions({ priceFormat: { type: 'price', precision, minMove: 10 ** -precision } });
  }

  #volume(bar) {
    const colour = this.#colours[Number(bar.c) >= Number(bar.o) ? 'upSoft' : 'downSoft'];
    return { time: bar.time, value: Number(bar.v), color: colour };
  }

  #colours = {};

  #colour() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue(name).trim();
    this.#colours = { upSoft: of('--up-soft'), downSoft: of('--down-soft') };
    const grid = { color: of('--grid') };
    this.#chart.applyOptions({ layout: { textColor: of('--ink-2') }, grid: { vertLines: grid, horzLines: grid } });
    this.#candles.applyOptions({ upColor: of('--up'), downColor: of('--down'), wickUpColor: of('--up'), wickDownColor: of('--down') });
    this.#volumes.setData(this.#volumes.data().map((bar, i) => ({ ...bar, color: this.#recoloured(i) })));
  }

  #recoloured(i) {
    const { open, close } = this.#candles.data()[i];
    return this.#colours[close >= open ? 'upSoft' : 'downSoft'];
  }
}

// Pixels need no exact decimals.
function candle(bar) {
  return { time: bar.time, open: Number(bar.o), high: Number(bar.h), low: Number(bar.l), close: Number(bar.c) };
}
