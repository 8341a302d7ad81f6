import { span } from './format.js';
import { moment, onZone, shown, when } from './zone.js';

const reasons = {
  lost: 'The connection to the API is lost.',
  silent: 'The API has fallen silent.',
  shutdown: 'The API is restarting.',
};
const replayMs = 3_600_000; // events this much older than their records are a recording's; less may be a delayed feed's
const recentMs = 15_000;

/** Says in one word, and where it matters in a sentence, whether what is on screen can be believed. */
export class Status {
  #arrivals; #board; #clock;
  #connection = { state: 'connecting', why: null, detail: null };
  #beat = null;
  #away = ''; // parts that do not answer, as a sentence
  #asOf = null; // of the newest word from the API, Unix ms
  #state = document.getElementById('state');
  #banner = document.getElementById('banner');

  constructor({ arrivals, board, clock }) {
    this.#arrivals = arrivals;
    this.#board = board;
    this.#clock = clock;
    onZone(() => this.show());
  }

  connection(state, why = null, detail = null) {
    const known = this.#connection;
    if (state === known.state && why === known.why && detail === known.detail) return;
    if (state === 'waiting' && why === 'lost' && known.why === 'refused') return; // what is known says more
    this.#connection = { state, why, detail };
    if (state !== 'live' && state !== 'late') this.#beat = null;
    this.show();
  }

  received(now) {
    this.#asOf = now;
  }

  heartbeat(beat) {
    this.#beat = beat;
    this.show();
  }

  /** The names of the parts that do not answer. */
  away(names) {
    this.#away = names.length === 0 ? '' : `${names.join(' and ')} ${names.length === 1 ? 'does' : 'do'} not answer. `;
    this.show();
  }

  /** The API is connected and speaks. */
  get isConnected() {
    return this.#connection.state === 'live';
  }

  get isStale() {
    return this.#beat?.stale ?? true;
  }

  /** Also to be called every second: silence and quiet come without an event. */
  show() {
    const [state, word, sentence] = this.#judge();
    const root = document.documentElement;
    if (root.dataset.state !== state) root.dataset.state = state;
    if (this.#state.textContent !== word) this.#state.textContent = word;
    if (this.#banner.textContent !== sentence) this.#banner.textContent = sentence; // otherwise it would be read out again
    const mark = { stale: '⚠ ', incomplete: '⚠ ', lost: '⚠ ', late: '⚠ ', paused: '⏸ ' }[state] ?? '';
    const title = document.title.replace(/^([⚠⏸] )?/u, mark);
    if (document.title !== title) document.title = title;
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
    const asOf = this.#asOf === null ? '' : ` What you see is as of ${moment(this.#asOf, this.#clock.now())}.`;
    if (state === 'connecting') return ['connecting', 'Connecting', ''];
    if (state === 'signed-out') return ['connecting', 'Signed out', ''];
    if (state === 'paused') return ['paused', 'Paused', `Paused while nobody looks.${asOf}`];
    if (state === 'waiting') {
      const reason = why === 'refused' ? `The API refuses: ${detail}` : reasons[why];
      return ['lost', why === 'shutdown' ? 'Restarting' : 'Reconnecting', `${reason}${asOf} Trying again by itself.`];
    }

    if (state === 'late')
      return ['late', 'No answer', `The API has fallen silent: it should speak every ${span(detail)}.${asOf}`];
    return this.#judgeState();
  }

  #judgeState() {
    const incomplete = this.#incomplete();
    if (this.#beat?.stale) {
      const lag = this.#beat.lag_ms;
      const age = lag === null
        ? 'How far this is behind the topic is unknown: prices may be old.'
        : `Prices are old: what is served is ${span(lag)} behind the topic.`;
      return ['stale', 'Stale', `${this.#away}${incomplete ? `${age} And ${incomplete}` : age}`];
    }

    const [state, word, sentence] = this.#judgeMarket();
    if (!incomplete || state === 'connecting') return [state, word, sentence];
    return ['incomplete', 'Incomplete', `${sentence || 'Prices are current,'} ${sentence ? 'And' : 'but'} ${incomplete}`];
  }

  /** Whether a market is behind it that lives now. */
  #judgeMarket() {
    const now = this.#clock.now();
    const { lastMs, isQuiet, behindMs } = this.#arrivals;
    const newest = this.#board.newestMs;
    if (this.#beat === null && !(now - newest < recentMs)) return ['connecting', 'Connecting', ''];
    if (isQuiet && !lastMs) return ['quiet', 'Quiet', 'No record has arrived yet.'];
    const of = behindMs > replayMs ? ` Its event is of ${moment(newest, now)}.` : '';
    if (isQuiet) return ['quiet', 'Quiet', `No record has arrived since ${moment(lastMs, now)}.${of}`];
    if (behindMs > replayMs)
      return ['replay', `Replay · ${dayOf(newest)}`, `Old events arrive now, as of a recording: the newest is of ${dayOf(newest)}.`];
    if (behindMs > 0) return ['delayed', 'Delayed', `Events are ${span(behindMs)} old when they arrive.`];
    return ['live', 'Live', ''];
  }
}

function dayOf(ms) {
  return shown(ms).slice(0, 10);
}
