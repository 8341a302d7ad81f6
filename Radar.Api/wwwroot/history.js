import { read } from './api.js';
import { Bars } from './bars.js';
import { Stream } from './stream.js';
import { includes } from './version.js';

const barsRead = 300;
const tradesRead = 30;
const readAgainMs = 250;
const retryMs = 3000;
const builtPauseMs = 1000; // between two reads of the newest bars that the stream does not bring

/**
 * Bars and last trades of one symbol, from its past on: listens and reads, and reads again where the stream began later than that, so
 * that nothing is between the two. The stream brings the bar of the day with every trade, from the same change as the other bars.
 */
export class History {
  bars = new Bars();
  #symbol; #frame; #handlers;
  #stream;
  #asked = new AbortController(); // aborts what is being read
  #early = []; // trades that came before what was read reaches to where the stream began; null from then on
  #begun = null; // the id at which the stream began
  #versions = null; // of what was read last
  #read = null; // that of its trades, until the stream has passed it: what it brings before that is there already
  #builtTimer = 0;

  /** Handlers: `bars` with `all` or `newest`, `day` with a bar, `trades` with a list, `trade` with one, `restart`, `failed` with a text. */
  constructor(symbol, frame, handlers) {
    this.#symbol = symbol;
    this.#frame = frame;
    this.#handlers = handlers;
    const channels = new Set(['trades', 'bars.1Day', ...(frame.streamed ? [`bars.${frame.name}`] : [])]);
    this.#stream = new Stream({ symbols: symbol, channels: [...channels].join() }, {
      snapshot: (_, id) => this.#begin(id),
      trade: (trade, id) => this.#receive(trade, id),
      bar: bar => this.#take(bar),
      updated_bar: bar => this.#take(bar),
      reset: () => handlers.restart(),
    });
    this.#stream.start();
    this.#load();
  }

  stop() {
    this.#asked.abort();
    clearTimeout(this.#builtTimer);
    this.#stream.stop();
  }

  pause() {
    this.#stream.stop();
  }

  resume() {
    this.#stream.start();
  }

  async #load() {
    const { signal } = this.#asked;
    const path = `${encodeURIComponent(this.#symbol)}?sort=desc&limit=`;
    try {
      const [bars, days, trades] = await Promise.all([
        read(`/api/v2/bars/${path}${barsRead}&timeframe=${this.#frame.name}`, signal),
        read(`/api/v2/bars/${path}1&timeframe=1Day`, signal),
        read(`/api/v2/trades/${path}${tradesRead}`, signal),
      ]);
      for (const bar of bars.bars) this.bars.put(bar);
      for (const bar of days.bars) this.#handlers.day(bar);
      this.#handlers.trades(trades.trades);
      for (const { trade, id } of this.#early ?? [])
        if (!includes(trades.meta.version, id)) this.#handlers.trade(trade);
      this.#versions = [bars, days, trades].map(answer => answer.meta.version);
      this.#read = trades.meta.version;
      this.#settle();
      this.#handlers.bars('all', true);
      this.#handlers.failed('');
    } catch (error) {
      if (signal.aborted) return;
      this.#handlers.failed(`The past of ${this.#symbol} cannot be read: ${error.message} Trying again.`);
      setTimeout(() => signal.aborted || this.#load(), retryMs);
    }
  }

  #receive(trade, id) {
    if (this.#early) this.#early.push({ trade, id });
    else if (this.#read === null || !includes(this.#read, id)) {
      this.#read = null;
      this.#handlers.trade(trade);
    }
  }

  #begin(id) {
    if (this.#early === null) return; // a stream that started over brings what was between
    this.#begun = id;
    this.#settle();
  }

  #settle() {
    if (this.#begun === null || this.#versions === null) return;
    if (this.#versions.every(version => includes(version, this.#begun))) {
      this.#early = null;
      return;
    }

    this.#versions = null;
    setTimeout(() => this.#asked.signal.aborted || this.#load(), readAgainMs);
  }

  #take(bar) {
    if (bar.timeframe === '1Day') {
      this.#handlers.day(bar);
      if (!this.#frame.streamed) this.#readBuilt();
    }

    if (bar.timeframe !== this.#frame.name) return;
    const position = this.bars.put(bar);
    if (position !== null) this.#handlers.bars(position === 'older' ? 'all' : 'newest', false);
  }

  /** Bars that are built when they are read: the newest two again, soon after a trade. */
  #readBuilt() {
    if (this.#builtTimer !== 0) return;
    const { signal } = this.#asked;
    this.#builtTimer = setTimeout(async () => {
      this.#builtTimer = 0;
      try {
        const path = `/api/v2/bars/${encodeURIComponent(this.#symbol)}?sort=desc&limit=2&timeframe=${this.#frame.name}`;
        for (const bar of (await read(path, signal)).bars.reverse())
          if (this.bars.put(bar) !== null) this.#handlers.bars('all', false);
      } catch {
        // The next trade asks again.
      }
    }, builtPauseMs);
  }
}
