import { showAmount } from './amount.js';
import { read } from './api.js';
import { createChart, hasLibrary } from './chart.js';
import { onFavourites, toggleFavourite } from './favourites.js';
import { age, direction, percent } from './format.js';
import { History } from './history.js';
import { frameChoices, showLegend } from './legend.js';
import { Pace } from './pace.js';
import { markStar, Price } from './row.js';
import { Trades } from './trades.js';
import { onZone } from './zone.js';

const askAgainMs = 3000;
const drawPauseMs = 250; // a chart and a list of trades cost more than a price, and are read more slowly
const usualNote = hasLibrary ? '' : 'The chart library was not there when this API was built: closes as a line instead of candles.';
const $ = id => document.getElementById(id);

/** One symbol closely: its day, its bars as a chart that moves, its last trades. */
export class Detail {
  #board; #days; #clock; #frame;
  #element = $('detail');
  #price = new Price($('detail-price'));
  #trades = new Trades(() => this.onneed?.());
  #history = null; #chart = null; #pointed = null;
  #pace = new Pace(drawPauseMs, () => this.onneed?.());
  #redraw = 'no'; // or `newest`, `all`
  #fits = false;
  #moves = -1; #figures = -1; // what is shown
  #asking = 0; // whether the symbol exists
  symbol = null;

  constructor({ board, days, clock, choose }) {
    this.#board = board;
    this.#days = days;
    this.#clock = clock;
    $('frames').append(...frameChoices(choose));
    $('detail-star').addEventListener('click', () => toggleFavourite(this.symbol));
    onFavourites(() => this.symbol && markStar($('detail-star'), this.symbol));
    onZone(() => { this.#chart?.rezone(); this.#legend(); });
  }

  open(symbol, frame) {
    if (this.symbol === symbol && this.#frame === frame) return;
    const other = this.symbol !== symbol;
    this.#frame = frame;
    $('frames').querySelector(`[value="${frame.name}"]`).checked = true;
    if (other) {
      this.symbol = symbol;
      this.#moves = this.#figures = -1;
      $('detail-symbol').textContent = symbol;
      markStar($('detail-star'), symbol);
      this.#element.hidden = false;
      this.#trades.set([]);
    }

    this.#end();
    if (this.#board.get(symbol)) this.#load();
    else this.#ask(symbol);
    this.tick();
  }

  close() {
    this.#end();
    this.symbol = null;
    this.#element.hidden = true;
  }

  pause() { this.#history?.pause(); }

  resume() { this.#history?.resume(); }

  /** To be called in an animation frame. */
  render() {
    const row = this.symbol === null ? undefined : this.#board.get(this.symbol);
    if (!row) return;
    if (this.#history === null) this.#load(); // its first trade
    this.#board.settle([row]);
    if (row.moves !== this.#moves) {
      this.#moves = row.moves;
      this.#price.show(row);
      $('detail-venue').textContent = row.venue ?? '';
    }

    this.#days.follow(row);
    this.#showDay(row);
    if (this.#pace.mayNow()) this.#draw();
  }

  #draw() {
    this.#trades.render();
    const { bars } = this.#history;
    if (this.#redraw === 'all') this.#chart.set(bars.all);
    if (this.#redraw === 'newest') this.#chart.update(bars.newest, bars.all);
    if (this.#fits) this.#chart.fit(bars.all);
    if (this.#redraw !== 'no') this.#legend();
    [this.#redraw, this.#fits] = ['no', false];
  }

  /** What time changes: the age, and day figures that were read. */
  tick() {
    const row = this.symbol === null ? undefined : this.#board.get(this.symbol);
    if (!row) return;
    this.#board.settle([row]);
    this.#days.see([row]);
    $('detail-age').textContent = age(this.#clock.now() - row.time);
    this.#title(`${row.price} ${row.symbol}`);
    this.#showDay(row);
  }

  #showDay(row) {
    const figures = this.#days.get(this.symbol);
    const version = `${figures?.version} ${row.moves}`;
    if (version === this.#figures) return;
    this.#figures = version;
    const risen = this.#days.percent(row);
    $('detail-change').textContent = risen === null ? '' : percent(risen);
    showAmount($('detail-difference'), this.#days.change(row).replace('-', '−'), row.digits);
    $('detail-change').dataset.direction = direction(risen);
    $('detail-difference').dataset.direction = this.#days.way(row);
    const today = figures?.today;
    const digits = Math.max(row.digits, figures?.digits ?? 0);
    for (const element of $('day').querySelectorAll('dd')) {
      const { member } = element.dataset;
      showAmount(element, today ? String(today[member]) : '–', 'ohl'.includes(member) ? digits : 0);
    }
  }

  /** Nothing is known of the symbol: neither a price nor whether there is one. */
  async #ask(symbol) {
    this.#show('asked');
    this.#title(symbol);
    this.#note('Looking for it.');
    const asking = ++this.#asking;
    const mine = () => this.symbol === symbol && this.#asking === asking && !this.#board.get(symbol);
    try {
      const ticker = await read(`/api/v2/tickers/${encodeURIComponent(symbol)}`);
      if (mine()) this.#board.apply(ticker);
      this.onneed?.();
    } catch (error) {
      if (!mine()) return;
      const none = error.status === 404 || error.status === 400;
      const forbidden = error.status === 403; // asking again changes nothing, and counts against the key's limit
      this.#show('unknown');
      this.#title(none ? `No such symbol: ${symbol}` : symbol);
      this.#note(forbidden ? error.message : none ? `No such symbol: no trade of ${symbol} has come so far. It opens with its first one.`
        : `${symbol} is not known yet: ${error.message} Trying again.`);
      if (!none && !forbidden) setTimeout(() => mine() && this.#ask(symbol), askAgainMs);
    }
  }

  #end() {
    this.#asking++;
    this.#history?.stop();
    this.#chart?.remove();
    this.#history = this.#chart = null;
    [this.#redraw, this.#fits] = ['no', false]; // the next chart has no bars yet
    $('legend').textContent = '';
    this.#show('asked');
  }

  #load() {
    this.#end();
    this.#show('known');
    this.#moves = this.#figures = -1;
    this.#chart = createChart($('chart'), time => { this.#pointed = time; this.#legend(); }, this.#frame.ofDays);
    this.#note(usualNote);
    const symbol = this.symbol;
    this.#history = new History(symbol, this.#frame, {
      bars: (which, fits) => this.#need(which, fits),
      day: bar => { this.#days.take(symbol, bar); this.onneed?.(); },
      trades: trades => { this.#trades.set(trades); this.onneed?.(); },
      trade: trade => { this.#trades.add(trade); this.onneed?.(); },
      restart: () => this.#load(),
      failed: text => this.#note(text || usualNote),
    });
    this.onneed?.();
  }

  #need(which, fits) {
    if (which === 'all' || this.#redraw === 'no') this.#redraw = which;
    this.#fits ||= fits;
    this.onneed?.();
  }

  /** The bar under the pointer, else the newest, in exact figures. */
  #legend() {
    const bar = (this.#pointed && this.#history?.bars.at(this.#pointed)) ?? this.#history?.bars.newest;
    if (!bar) return;
    showLegend(this.symbol, bar, this.#frame.ofDays);
  }

  #show(what) {
    this.#element.dataset.known = what;
  }

  #title(text) {
    const title = `${/^[⚠⏸] /u.exec(document.title)?.[0] ?? ''}${text} – Radar`;
    if (document.title !== title) document.title = title;
  }

  #note(text) { $('detail-note').textContent = text; }
}
