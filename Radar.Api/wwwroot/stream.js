import { whyRefused } from './api.js';
import { parseExact } from './exact.js';

const kinds = ['snapshot', 'ticker', 'trade', 'bar', 'updated_bar', 'heartbeat', 'reset', 'shutdown'];
const beatsMissed = 3; // that many heartbeats without a word mean that the line is dead
const retryMsMin = 500;
const retryMsMax = 10_000;

/**
 * The API's event stream, kept going: a dropped connection resumes after the last event that was seen, whether the browser connects
 * again (Last-Event-ID) or this does (since) because the browser gave up, the line fell silent, or the API said that it stops.
 *
 * Handlers are called by the name of the event with its data and id; `state` with `connecting`, `live` or `waiting` and why.
 */
export class Stream {
  #query;
  #handlers;
  #source = null;
  #lastId = null;
  #receivedAt = 0;
  #beatAt = 0;
  #beatMs = 5000; // until two heartbeats showed the pause between them
  #failures = 0;
  #live = false;
  #mute = false; // the line fell silent: that it opens again says nothing, only an event does
  #timers = { retry: 0, watch: 0 };

  constructor(query, handlers) {
    this.#query = query;
    this.#handlers = handlers;
  }

  start() {
    if (this.#source !== null) return;
    this.#say('connecting');
    this.#timers.watch = setInterval(() => this.#watch(), 250);
    this.#open();
  }

  /** Ends the connection; `start` resumes it. */
  stop() {
    clearInterval(this.#timers.watch);
    this.#close();
  }

  #open() {
    const query = new URLSearchParams(this.#query);
    if (this.#lastId !== null) query.set('since', this.#lastId);
    const url = `/api/v2/stream?${query}`;
    const source = this.#source = new EventSource(url);
    this.#receivedAt = performance.now();
    this.#beatAt = 0;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#lost(source, url);
    for (const kind of kinds)
      source.addEventListener(kind, event => this.#take(kind, event));
  }

  #opened() {
    this.#receivedAt = performance.now();
    if (!this.#mute) this.#hear();
  }

  #take(kind, event) {
    this.#mute = false;
    this.#hear();
    if (event.lastEventId !== '') this.#lastId = event.lastEventId;
    const data = parseExact(event.data);
    if (kind === 'heartbeat') this.#learnBeat();
    if (kind === 'shutdown') this.#retry('shutdown', data.retry_ms);
    this.#handlers[kind]?.(data, event.lastEventId);
  }

  #hear() {
    this.#receivedAt = performance.now();
    this.#failures = 0;
    this.#say('live');
  }

  #learnBeat() {
    const now = performance.now();
    // Two that were held up come together: that shortens the pause by half at most, and the next one lengthens it again.
    if (this.#beatAt !== 0) this.#beatMs = Math.min(60_000, Math.max(300, this.#beatMs / 2, now - this.#beatAt));
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
      if (!this.#live) this.#say('waiting', why === null ? 'lost' : 'refused', why);
    });
  }

  #watch() {
    const silentMs = performance.now() - this.#receivedAt;
    if (this.#source === null || silentMs <= beatsMissed * this.#beatMs + 500) return;
    this.#mute ||= this.#source.readyState === EventSource.OPEN;
    this.#retry(this.#mute ? 'silent' : 'lost', 0);
  }

  /** Closes and opens again after a pause that grows and is never the same for all clients. */
  #retry(why, pauseMs = Math.min(retryMsMax, retryMsMin * 2 ** this.#failures)) {
    this.#close();
    this.#live = false;
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
    this.#live = state === 'live';
    this.#handlers.state?.(state, why, detail);
  }
}
