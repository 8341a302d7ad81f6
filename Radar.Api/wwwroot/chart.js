import * as library from './lightweight-charts.mjs';
import { decimals } from './exact.js';
import { LineChart } from './line.js';
import { shown } from './zone.js';

const fewBars = 24;

/** True where the library was there when the API was built. */
export const hasLibrary = 'createChart' in library;

/**
 * A chart in the element: candles, or a line where the library is missing. `pointed` is called with the time under the pointer or null;
 * `ofDays` is true for bars of days and more, which are days of UTC whatever zone is shown.
 */
export function createChart(element, pointed, ofDays) {
  return hasLibrary ? new CandleChart(element, pointed, ofDays) : new LineChart(element, ofDays);
}

class CandleChart {
  #chart; #candles; #volumes;
  #scheme = matchMedia('(prefers-color-scheme: dark)');
  #paint = () => this.#colour();
  #digits = -1;
  #count = 0;
  #last; // a line at the newest close: the library's own would have the hollow bars' colour

  constructor(element, pointed, ofDays) {
    const inUtc = ofDays || undefined;
    this.#chart = library.createChart(element, {
      autoSize: true,
      // The library's own logo needs a style inside the document, which the page's policy forbids; the page's foot has the credit.
      layout: {
        attributionLogo: false, background: { color: 'transparent' }, fontFamily: getComputedStyle(element).fontFamily, fontSize: 11,
      },
      timeScale: {
        timeVisible: !ofDays, secondsVisible: false, borderVisible: false, rightOffset: 4, maxBarSpacing: 60,
        tickMarkFormatter: (time, type) => axisMark(time * 1000, type, ofDays),
      },
      localization: { timeFormatter: time => shown(time * 1000, inUtc).slice(0, ofDays ? 10 : 16).replace('T', ' ') },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.24 } },
      crosshair: { mode: library.CrosshairMode.Normal },
      handleScroll: { vertTouchDrag: false }, // a finger scrolls the page
    });
    const none = { lastValueVisible: false, priceLineVisible: false };
    this.#candles = this.#chart.addSeries(library.CandlestickSeries, { borderVisible: true, ...none });
    const { Dotted } = library.LineStyle;
    this.#last = this.#candles.createPriceLine({ price: 0, lineStyle: Dotted, lineWidth: 1, axisLabelVisible: true });
    this.#volumes = this.#chart.addSeries(library.HistogramSeries, {
      priceScaleId: 'volume', priceFormat: { type: 'volume' }, ...none,
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
    this.#mark(bars.at(-1));
    this.#count = bars.length;
  }

  /** Shows the newest bar, which may be a new one: then `bars`, all of them, has one more. */
  update(bar, bars) {
    if (bars.length !== this.#count) { // the one before may have changed as well
      this.set(bars);
      if (bars.length <= fewBars) this.fit(bars);
      return;
    }

    this.#precise([bar]);
    this.#candles.update(candle(bar));
    this.#volumes.update(this.#volume(bar));
    this.#mark(bar);
  }

  /** Shows the newest bars at a width that can be read. Few bars are wider, and lie in the middle. */
  fit(bars) {
    const room = Math.max(40, Math.floor(this.#chart.timeScale().width() / 9));
    const fits = Math.min(room, Math.max(fewBars, bars.length + 6));
    const from = bars.length + 3 >= fits ? bars.length + 3 - fits : (bars.length - fits) / 2;
    this.#chart.timeScale().setVisibleLogicalRange({ from, to: from + fits });
  }

  /** Times are shown in another zone. */
  rezone() {
    this.#chart.timeScale().applyOptions({}); // formats its marks again
    this.#candles.setData(this.#candles.data());
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
    const { format } = new Intl.NumberFormat('en-US', { minimumFractionDigits: precision, maximumFractionDigits: precision });
    this.#candles.applyOptions({ priceFormat: { type: 'custom', formatter: format, minMove: 10 ** -precision } });
  }

  #mark(bar) {
    if (!bar) return;
    const color = this.#colours[Number(bar.c) >= Number(bar.o) ? 'up' : 'down'];
    this.#last.applyOptions({ price: Number(bar.c), color });
  }

  #volume(bar) {
    const colour = this.#colours[Number(bar.c) >= Number(bar.o) ? 'upSoft' : 'downSoft'];
    return { time: bar.time, value: Number(bar.v), color: colour };
  }

  #colours = {};

  /** A bar that rose is hollow and one that fell is filled: its direction needs no colour. */
  #colour() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue(name).trim();
    const [up, down] = [of('--up'), of('--down')];
    this.#colours = { up, down, upSoft: of('--up-soft'), downSoft: of('--down-soft') };
    const grid = { color: of('--grid') };
    this.#chart.applyOptions({ layout: { textColor: of('--ink-2') }, grid: { vertLines: grid, horzLines: grid } });
    this.#candles.applyOptions({
      upColor: of('--surface'), downColor: down, borderUpColor: up, borderDownColor: down, wickUpColor: up, wickDownColor: down,
    });
    this.#volumes.setData(this.#volumes.data().map((bar, i) => ({ ...bar, color: this.#recoloured(i) })));
  }

  #recoloured(i) {
    const { open, close } = this.#candles.data()[i];
    return this.#colours[close >= open ? 'upSoft' : 'downSoft'];
  }
}

/** A mark of the time axis: where a day begins, the day stands instead of the time. */
export function axisMark(ms, type, ofDays) {
  const [date, time] = shown(ms, ofDays || undefined).split('T');
  const [year, month, day] = date.split('-');
  const name = new Date(`${date}T00:00Z`).toLocaleString('en-US', { month: 'short', timeZone: 'UTC' });
  const { Year, Month, DayOfMonth } = library.TickMarkType ?? { Year: 0, Month: 1, DayOfMonth: 2 };
  const clock = time.startsWith('00:00') || ofDays ? '' : ` ${time.slice(0, 5)}`; // in another zone a day of UTC begins at another time
  if (type === Year) return ofDays ? year : `${Number(day)} ${name} ${year}${clock}`;
  if (type === Month) return ofDays ? name : `${Number(day)} ${name}${clock}`;
  if (type === DayOfMonth) return `${Number(day)} ${name}${clock}`;
  return time.slice(0, 5);
}

// Pixels need no exact decimals.
function candle(bar) {
  return { time: bar.time, open: Number(bar.o), high: Number(bar.h), low: Number(bar.l), close: Number(bar.c) };
}
