import { whyRefused } from './api.js';
import { parseExact } from './exact.js';

const kinds = ['snapshot', 'ticker', 'trade', 'bar', 'updated_bar', 'heartbeat', 'reset', 'shutdown'];
const beatsMissed = 3; // that many heartbeats without a word mean that the line is dead
const watchMs = 250;
const retryMsMin = 500;
const retryMsMax = 10_000;

/**
 * The API's event stream, kept going: a dropped connection resumes after the last event that was seen, whether the browser connects
 * again (Last-Event-ID) or this does (since) because the browser gave up, the line fell silent, or the API said that it stops.
 *
 * Handlers are called by the name of the event with its data and id; `state` with `connecting`, `live`, `late` (a heartbeat is missing)
 * or `waiting` and why. A handler named `raw` gets tickers as text, which it may parse later or never.
 */
export class Stream {
  #query;
  #handlers;
  #source = null;
  #lastId = null;
  #received = { performance: 0, date: 0 };
  #watchedAt = 0;
  #beatAt = 0;
  #beatMs = 5000; // until a heartbeat says, or two show, the pause between them
  #failures = 0;
  #state = null;
  #mute = false; // the line fell silent: that it opens again says nothing, only an event does
  #timers = { retry: 0, watch: 0 };

  constructor(query, handlers) {
    this.#query = query;
    this.#handlers = handlers;
  }

  start() {
    if (this.#source !== null) return;
    clearInterval(this.#timers.watch);
    this.#say('connecting');
    this.#timers.watch = setInterval(() => this.check(), watchMs);
    this.#open();
  }

  /** Ends the connection; `start` resumes it. */
  stop() {
    clearInterval(this.#timers.watch);
    this.#close();
    this.#state = null;
  }

  /** How long nothing came, in ms. A clock that stands still while the machine sleeps is not believed. */
  get silentMs() {
    return Math.max(performance.now() - this.#received.performance, Date.now() - this.#received.date);
  }

  /** Time from one heartbeat to the next, in ms. */
  get beatMs() {
    return this.#beatMs;
  }

  #open() {
    const query = new URLSearchParams(this.#query);
    if (this.#lastId !== null) query.set('since', this.#lastId);
    const url = `/api/v2/stream?${query}`;
    const source = this.#source = new EventSource(url);
    this.#receive();
    this.#beatAt = 0;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#lost(source, url);
    for (const kind of kinds)
      source.addEventListener(kind, event => this.#take(kind, event));
  }

  #opened() {
    this.#receive();
    if (!this.#mute) this.#hear();
  }

  #take(kind, event) {
    this.#mute = false;
    this.#hear();
    if (event.lastEventId !== '') this.#lastId = event.lastEventId;
    if (kind === 'ticker' && this.#handlers.raw) {
      this.#handlers.raw(event.data, event.lastEventId);
      return;
    }

    const data = parseExact(event.data);
    if (kind === 'heartbeat') this.#learnBeat(data.interval_ms);
    if (kind === 'shutdown') this.#retry('shutdown', data.retry_ms);
    this.#handlers[kind]?.(data, event.lastEventId);
  }

  #hear() {
    this.#receive();
    this.#failures = 0;
    if (this.#state !== 'live') this.#say('live');
  }

  #receive() {
    this.#received.performance = performance.now();
    this.#received.date = Date.now();
  }

  #learnBeat(toldMs) {
    const now = performance.now();
    // Two that were held up come together: that shortens the pause by half at most, and the next one lengthens it again.
    if (toldMs > 0) this.#beatMs = Math.max(300, toldMs);
    else if (this.#beatAt !== 0) this.#beatMs = Math.min(60_000, Math.max(300, this.#beatMs / 2, now - this.#beatAt));
    this.#beatAt = now;
  }

  /** The browser tries again by itself where the connection broke, and gives up where the answer was an error. */
  #lost(source, url) {
    if (source !== this.#source) return;
    if (source.readyState !== EventSource.CLOSED) {
      this.#say('waiting', 'lost');
      return;
    }

    this.#retry(null);
    whyRefused(url).then(why => {
      if (this.#state !== 'live') this.#say('waiting', why === null ? 'lost' : 'refused', why);
    });
  }

  /** Notices a missing heartbeat, and later gives the line up. Also to be called when the page is seen again: its timers may have stood. */
  check() {
    const now = Date.now();
    const stood = now - this.#watchedAt > 4 * watchMs; // what came meanwhile may not have been taken yet
    this.#watchedAt = now;
    if (this.#source === null) return;
    const silentMs = this.silentMs;
    if (silentMs > beatsMissed * this.#beatMs + 500 && !stood) {
      this.#mute ||= this.#source.readyState === EventSource.OPEN;
      this.#retry(this.#mute ? 'silent' : 'lost', 0);
    } else if (this.#state === 'live' && silentMs > 1.25 * this.#beatMs + 750) {
      this.#say('late', null, this.#beatMs);
    }
  }

  /** Closes and opens again after a pause that grows and is never the same for all clients. */
  #retry(why, pauseMs = Math.min(retryMsMax, retryMsMin * 2 ** this.#failures)) {
    this.#close();
    this.#state = null;
    this.#failures++;
    if (why !== null) this.#say('waiting', why);
    this.#timers.retry = setTimeout(() => this.#open(), pauseMs * (1 + Math.random() / 2));
  }

  #close() {
    clearTimeout(this.#timers.retry);
    this.#source?.close();
    this.#source = null;
  }

  #say(state, why = null, detail = null) {
    this.#state = state;
    this.#handlers.state?.(state, why, detail);
  }
}
