const quietMs = 15_000; // a market that trades less often is quiet, and nothing is wrong with that
const behindMs = 60_000; // events this much older than their records are no live market's
const framesMax = 400;
const unbelievableMs = 3_600_000; // records whose Kafka timestamps are event times: they say nothing about a way

/**
 * When records arrived in Kafka, by their own timestamps, as heartbeats tell them: whether any still come, how old the events in them
 * were, and how long they took to the screen.
 */
export class Arrivals {
  #board; #clock; #meter;
  #id = null;
  #recordMs = null; // of the newest record
  #seenMs = null; // when one was last seen to arrive
  #frames = []; // [id, shown at], the newest last
  #known = false;

  constructor({ board, clock, meter }) {
    this.#board = board;
    this.#clock = clock;
    this.#meter = meter;
  }

  /** A heartbeat: its id names the positions that its times are of. */
  heartbeat({ record_times: times }, id) {
    if (!times) return;
    const records = times.map(time => (time === null ? null : Date.parse(time)));
    if (this.#id !== null && id !== this.#id) {
      this.#seenMs = this.#clock.now();
      this.#measure(records, positions(this.#id), positions(id));
    }

    this.#id = id;
    this.#known = true;
    this.#recordMs = records.reduce((newest, ms) => (ms !== null && (newest === null || ms > newest) ? ms : newest), null);
  }

  /** An event came: a record has arrived, whatever its timestamp is. */
  received() {
    this.#seenMs = this.#clock.now();
  }

  /** What came with events up to this id is on the screen now. */
  shown(id) {
    if (id === null || this.#frames.at(-1)?.[0] === id) return;
    this.#frames.push([id, this.#clock.now()]);
    if (this.#frames.length > framesMax) this.#frames.shift();
  }

  /** What was shown before was held up by something else than the path. */
  forget() {
    this.#frames = [];
    this.#id = null;
  }

  /** When the newest record arrived, Unix ms; null where none did, undefined where that is not known yet. */
  get lastMs() {
    if (this.#recordMs === null && this.#seenMs === null) return this.#known ? null : undefined;
    return Math.min(this.#clock.now(), Math.max(this.#recordMs ?? 0, this.#seenMs ?? 0));
  }

  /** True while no record arrives; undefined where that is not known yet. */
  get isQuiet() {
    const last = this.lastMs;
    return last === undefined ? undefined : last === null || this.#clock.now() - last > quietMs;
  }

  /** How much older the newest event is than the newest record, in ms, where that is more than a feed explains; else 0. */
  get behindMs() {
    const last = this.lastMs;
    const newest = this.#board.newestMs;
    return last && newest && last - newest > behindMs ? last - newest : 0;
  }

  /** The end of the market's time: now, or where its events are of another time, the newest of them. */
  get marketMs() {
    return this.behindMs > 0 ? this.#board.newestMs : this.#clock.now();
  }

  /** Each partition's newest record was on the screen with the first frame that reached its position. */
  #measure(records, before, after) {
    if (after.length !== records.length || before.length !== after.length) return;
    const frames = this.#frames.map(([id, at]) => [positions(id), at]);
    after.forEach((position, partition) => {
      if (position === before[partition] || records[partition] === null) return;
      const shown = frames.findIndex(([reached]) => reached[partition] >= position);
      if (shown <= 0) return; // not on the screen yet, or before this looked
      const tookMs = frames[shown][1] - records[partition];
      if (tookMs < unbelievableMs) this.#meter.shown(tookMs);
    });
  }
}

/** The positions in an id, `<epoch>-<topic>-<position of partition 0>-…`. */
function positions(id) {
  return id.split('-').slice(2).map(text => (text === 'n' ? -1 : Number(text)));
}
