import { read } from './api.js';
import { Bars } from './bars.js';
import { createChart, hasLibrary } from './chart.js';
import { age, direction, percent } from './format.js';
import { Price } from './row.js';
import { Stream } from './stream.js';
import { Trades } from './trades.js';
import { includes } from './version.js';

const barsRead = 300;
const tradesRead = 30;
const readAgainMs = 250;
const $ = id => document.getElementById(id);

/** One symbol closely: its day, its bars as a chart that moves, its last trades. */
export class Detail {
  #board; #days; #clock;
  #element = $('detail');
  #price = new Price($('detail-price'));
  #trades = new Trades();
  #bars = new Bars();
  #stream = null;
  #chart = null;
  #asked = null; // aborts what is being read
  #early = null; // trades that came before what was read reaches to where the stream began; null from then on
  #begun = null; // the id at which the stream began
  #version = null; // of the trades that were read last
  #redraw = 'no'; // or `newest`, `all`
  #pointed = null;
  #moves = -1;
  symbol = null;

  constructor({ board, days, clock }) {
    this.#board = board;
    this.#days = days;
    this.#clock = clock;
    $('frames').addEventListener('change', () => this.symbol && this.#load());
  }

  open(symbol) {
    if (this.symbol === symbol) return;
    this.symbol = symbol;
    this.#moves = -1;
    $('detail-symbol').textContent = symbol;
    this.#element.hidden = false;
    this.#trades.set([]);
    this.#load();
    this.tick();
  }

  close() {
    this.#end();
    this.symbol = null;
    this.#element.hidden = true;
  }

  pause() {
    this.#stream?.stop();
  }

  resume() {
    this.#stream?.start();
  }

  /** To be called in an animation frame. */
  render() {
    if (this.symbol === null) return;
    const row = this.#board.get(this.symbol);
    if (row && row.moves !== this.#moves) {
      this.#moves = row.moves;
      this.#price.show(row);
      $('detail-venue').textContent = row.venue ?? '';
      document.title = `${document.title.startsWith('⚠') ? '⚠ ' : ''}${row.price} ${row.symbol} – Radar`;
    }

    this.#trades.render();
    if (this.#redraw === 'all') this.#chart?.set(this.#bars.all);
    if (this.#redraw === 'newest') this.#chart?.update(this.#bars.newest);
    if (this.#redraw !== 'no') this.#legend();
    this.#redraw = 'no';
  }

  /** What time changes: age and day figures. */
  tick() {
    if (this.symbol === null) return;
    const row = this.#board.get(this.symbol);
    if (!row) return;
    this.#days.see([row]);
    const change = this.#days.change(row);
    $('detail-age').textContent = age(this.#clock.now() - row.time);
    $('detail-change').textContent = change === null ? '' : percent(change);
    $('detail-change').dataset.direction = direction(change);
    const today = this.#days.get(this.symbol)?.today;
    for (const figure of $('day').querySelectorAll('dd'))
      figure.textContent = today?.[figure.dataset.member] ?? '–';
  }

  get #frame() {
    return $('frames').querySelector(':checked').value;
  }

  #end() {
    this.#asked?.abort();
    this.#stream?.stop();
    this.#stream = null;
    this.#chart?.remove();
    this.#chart = null;
    $('legend').textContent = '';
  }

  /** Listens and reads, and reads again where the stream began later than that, so that nothing is between the two. */
  #load() {
    this.#end();
    this.#bars = new Bars();
    this.#early = [];
    this.#begun = this.#version = null;
    this.#chart = createChart($('chart'), time => { this.#pointed = time; this.#legend(); });
    this.#note(hasLibrary ? '' : 'The chart library was not there when this API was built: closes as a line instead of candles.');
    const needed = change => { change(); this.onneed?.(); };
    this.#stream = new Stream({ symbols: this.symbol, channels: `trades,bars.${this.#frame}` }, {
      snapshot: (_, id) => this.#begin(id),
      trade: (trade, id) => needed(() => (this.#early ? this.#early.push({ trade, id }) : this.#trades.add(trade))),
      bar: bar => needed(() => this.#take(bar)),
      updated_bar: bar => needed(() => this.#take(bar)),
      reset: () => this.#load(),
    });
    this.#stream.start();
    this.#read(this.symbol, this.#frame);
  }

  async #read(symbol, frame) {
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    const path = `${encodeURIComponent(symbol)}?sort=desc&limit=`;
    try {
      const [bars, trades] = await Promise.all([
        read(`/api/v2/bars/${path}${barsRead}&timeframe=${frame}`, signal),
        read(`/api/v2/trades/${path}${tradesRead}`, signal),
      ]);
      for (const bar of bars.bars) this.#bars.put(bar);
      this.#trades.set(trades.trades);
      for (const { trade, id } of this.#early)
        if (!includes(trades.meta.version, id)) this.#trades.add(trade);
      this.#version = trades.meta.version;
      this.#settle();
      this.#redraw = 'all';
      this.onneed?.();
      this.#chart.set(this.#bars.all);
      this.#chart.fit(this.#bars.all);
    } catch (error) {
      if (signal.aborted) return;
      this.#note(`The past of ${symbol} cannot be read: ${error.message} Trying again.`);
      setTimeout(() => signal.aborted || this.#read(symbol, frame).then(() => this.#note('')), 3000);
    }
  }

  #begin(id) {
    if (this.#early === null) return; // a stream that started over brings what was between
    this.#begun = id;
    this.#settle();
  }

  #settle() {
    if (this.#begun === null || this.#version === null) return;
    if (includes(this.#version, this.#begun)) {
      this.#early = null;
      return;
    }

    this.#version = null;
    const { signal } = this.#asked;
    setTimeout(() => signal.aborted || this.#read(this.symbol, this.#frame), readAgainMs);
  }

  #take(bar) {
    if (bar.timeframe !== this.#frame) return;
    const position = this.#bars.put(bar);
    if (position === 'older') this.#redraw = 'all';
    if (position === 'newest' && this.#redraw === 'no') this.#redraw = 'newest';
  }

  /** The bar under the pointer, else the newest, in exact figures. */
  #legend() {
    const bar = (this.#pointed && this.#bars.at(this.#pointed)) ?? this.#bars.newest;
    if (!bar) return;
    $('legend').replaceChildren(...['o', 'h', 'l', 'c', 'v'].map(member => {
      const figure = document.createElement('span');
      figure.dataset.name = member.toUpperCase();
      figure.textContent = bar[member];
      return figure;
    }));
    $('chart').setAttribute('aria-label', `Bars of ${this.symbol}; the newest: open ${bar.o}, high ${bar.h}, low ${bar.l}, close ${bar.c}`);
  }

  #note(text) {
    $('detail-note').textContent = text;
  }
}
