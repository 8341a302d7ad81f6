import { clock, span, when } from './format.js';

const reasons = {
  lost: 'The connection to the API is lost.',
  silent: 'The API has fallen silent.',
  shutdown: 'The API is restarting.',
};

/** Says in one word, and where it matters in a sentence, whether what is on screen can be believed. */
export class Status {
  #connection = { state: 'connecting', why: null, detail: null };
  #beat = null;
  #asOf = null; // of the newest word from the API, Unix ms
  #state = document.getElementById('state');
  #banner = document.getElementById('banner');

  connection(state, why, detail) {
    const known = this.#connection;
    if (state === known.state && why === known.why && detail === known.detail) return;
    if (state === 'waiting' && why === 'lost' && known.why === 'refused') return; // what is known says more
    this.#connection = { state, why, detail };
    if (state !== 'live') this.#beat = null;
    this.#show();
  }

  received(now) {
    this.#asOf = now;
  }

  heartbeat(beat) {
    const shown = (of) => JSON.stringify([of?.stale, of?.lag_ms, of?.incomplete]);
    const changed = shown(this.#beat) !== shown(beat);
    this.#beat = beat;
    if (changed) this.#show();
  }

  get isLive() {
    return this.#connection.state === 'live';
  }

  #show() {
    const [state, word, sentence] = this.#judge();
    document.documentElement.dataset.state = state;
    this.#state.textContent = word;
    if (this.#banner.textContent !== sentence) this.#banner.textContent = sentence; // otherwise it would be read out again
    document.title = document.title.replace(/^(⚠ )?/, state === 'live' || state === 'connecting' ? '' : '⚠ ');
  }

  // What is wrong with the state, as the end of a sentence. A state that was merely begun late lost nothing.
  #incomplete() {
    const lost = this.#beat?.incomplete?.filter((mark) => mark.reason !== 'log_start') ?? [];
    if (lost.length === 0) return null;
    const [{ partition, reason, start, end }] = lost;
    const from = start ? ` from ${when(start)}` : '';
    const to = end ? ` to ${when(end)}` : '';
    const more = lost.length > 1 ? `, and ${lost.length - 1} more` : '';
    const what = ['damage', 'truncation'].includes(reason) ? 'the state differs from the topic' : 'trades are missing';
    return `${what} in partition ${partition}${from}${to} (${reason})${more}.`;
  }

  #judge() {
    const { state, why, detail } = this.#connection;
    if (state === 'connecting') return ['connecting', 'Connecting', ''];
    if (state === 'waiting') {
      const asOf = this.#asOf === null ? '' : ` What you see is as of ${clock(this.#asOf)} UTC.`;
      const reason = why === 'refused' ? `The API refuses: ${detail}` : reasons[why];
      return ['lost', why === 'shutdown' ? 'Restarting' : 'Reconnecting', `${reason}${asOf} Trying again by itself.`];
    }

    const incomplete = this.#incomplete();
    if (!this.#beat?.stale)
      return incomplete ? ['incomplete', 'Incomplete', `Prices are current, but ${incomplete}`] : ['live', 'Live', ''];
    const lag = this.#beat.lag_ms;
    const age = lag === null
      ? 'How far this is behind the topic is unknown: prices may be old.'
      : `Prices are old: what is served is ${span(lag)} behind the topic.`;
    return ['stale', 'Stale', incomplete ? `${age} And ${incomplete}` : age];
  }
}
