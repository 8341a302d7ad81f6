import { poll, read } from './api.js';
import { rate, span, whole } from './format.js';
import { askHealth } from './health.js';

const pauseMs = 2000;
const timeoutMs = 6000;
const steps = { slow: 2, steady: 3, fast: 5 }; // of the dots in each frame, in px
const dotsApart = 28; // px, as path.css draws them
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const $ = id => document.getElementById(id);

/** The strip: the path from producer to screen, with what goes over each edge, and which part of it does not answer. */
export class Path {
  #board; #meter; #status; #arrivals;
  #last = null; // the lag that was read before, for rates
  #faults = { kafka: '', redis: '' };
  #stale = false;
  #failures = 0; // reads of the lag in a row
  #moved = 0; // records that had come when the dots moved last
  #edges = [...document.querySelectorAll('.edge')].map(edge => ({ edge, dots: edge.querySelector('.flow i'), at: 0 }));

  /** The lag that was read last, by partition; null where it is unknown. */
  lag = null;

  constructor({ board, meter, status, arrivals }) {
    this.#board = board;
    this.#meter = meter;
    this.#status = status;
    this.#arrivals = arrivals;
    poll(pauseMs, status, () => this.#ask());
  }

  /** What the page itself counted; to be called every second. */
  tick() {
    const live = this.#status.isConnected;
    const pushed = this.#meter.perSecond();
    const latency = this.#arrivals.isQuiet ? null : this.#meter.latency(); // of records that came long ago it says nothing of now
    show('rate-out', live ? rate(pushed) : '–');
    show('symbols', this.#board.refused > 0 ? `${whole(this.#board.size)} of more` : whole(this.#board.size));
    show('latency', live && latency ? span(latency.median) : '–');
    show('latency-p99', live && latency ? `99 % within ${span(latency.p99)}` : '');
    flow('edge-pushed', live ? pushed : null);
    flow('edge-read', live ? pushed : null);
    mark('edge-pushed', live ? '' : 'broken');
    mark('node-api', live ? '' : 'broken', live ? '' : 'no answer');
    mark('node-producer', '', live && this.#arrivals.isQuiet ? 'quiet' : '');
    if (!live) this.#unknown();
    this.#showFaults();
  }

  /**
   * Moves the dots where records came since the last call; to be called in an animation frame. An animation of its own would have the
   * browser draw 60 frames a second.
   */
  move() {
    if (this.#meter.total === this.#moved || calm.matches) return;
    this.#moved = this.#meter.total;
    for (const moving of this.#edges) {
      const pixels = steps[moving.edge.dataset.flow] ?? 0;
      if (pixels > 0) moving.dots.style.translate = `${moving.at = (moving.at + pixels) % dotsApart}px`;
    }
  }

  stale(stale) {
    this.#stale = stale;
    this.#showFaults();
  }

  async #ask() {
    try {
      const lag = await read('/api/v2/lag', AbortSignal.timeout(timeoutMs));
      const now = { at: performance.now(), end: sum(lag, 'end'), position: sum(lag, 'position') };
      const sent = this.#rate(now, 'end');
      const taken = this.#rate(now, 'position');
      this.#last = now;
      this.#failures = 0;
      this.lag = lag;
      show('rate-in', sent === null ? '–' : rate(sent));
      show('rate-taken', taken === null ? '–' : rate(taken));
      show('lag-messages', whole(lag.messages));
      show('lag-seconds', lag.messages === 0 ? 'behind' : `behind · ${span(lag.seconds * 1000)}`);
      flow('edge-in', sent);
      flow('edge-lag', taken);
      flow('edge-taken', taken);
      this.#fault({ kafka: { state: '', why: '' }, redis: { state: '', why: '' } });
    } catch (error) {
      const unknown = { state: 'slow', why: error.message };
      const { kafka, redis } = await askHealth(error.message) ?? { kafka: unknown, redis: unknown };
      const isFault = kafka.state !== '' || redis.state !== '';
      if (isFault || ++this.#failures > 1) this.#unknown(); // one answer that was late says little
      this.#fault({ kafka, redis });
    }
  }

  #fault({ kafka, redis }) {
    this.#faults = { kafka: kafka.state, redis: redis.state };
    this.#status.away([['Kafka', kafka], ['Redis', redis]].filter(([, { state }]) => state === 'broken').map(([name]) => name));
    for (const [id, { why }] of [['node-kafka', kafka], ['node-redis', redis]]) $(id).title = why;
    this.#showFaults();
  }

  #showFaults() {
    const { kafka, redis } = this.#status.isConnected ? this.#faults : { kafka: '', redis: '' };
    mark('node-kafka', kafka, kafka === 'broken' ? 'no answer' : '');
    mark('node-redis', redis, redis === 'broken' ? 'no answer' : '');
    mark('edge-in', kafka === 'broken' ? 'broken' : '');
    mark('edge-lag', kafka === 'broken' ? 'broken' : this.#stale ? 'slow' : '');
    mark('edge-taken', redis === 'broken' ? 'broken' : '');
    mark('edge-read', redis === 'broken' ? 'broken' : '');
    const blameless = kafka === 'broken' || redis === 'broken'; // what a consumer cannot read or write says nothing of it
    mark('node-consumer', this.#stale && !blameless && this.#status.isConnected ? 'slow' : '');
  }

  #unknown() {
    this.#last = null;
    this.lag = null;
    for (const id of ['rate-in', 'rate-taken', 'lag-messages']) show(id, '–');
    show('lag-seconds', 'behind');
    for (const id of ['edge-in', 'edge-lag', 'edge-taken']) flow(id, null);
  }

  /** Messages a second since the last answer; null where there was none or the topic is another. */
  #rate(now, member) {
    const before = this.#last;
    return before === null || now[member] < before[member] ? null : (now[member] - before[member]) / ((now.at - before.at) / 1000);
  }
}

function sum(lag, member) {
  return lag.partitions.reduce((total, partition) => total + (partition[member] ?? 0), 0);
}

function show(id, text) {
  const element = $(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Marks a part, and says in a word below its name what is wrong with it. */
function mark(id, state, word) {
  const element = $(id);
  if (element.dataset.state !== state) element.dataset.state = state;
  const said = word === undefined ? null : element.querySelector('.fault');
  if (said && said.textContent !== word) said.textContent = word;
}

/** Dots move faster the more goes over the edge. */
function flow(id, perSecond) {
  const speed = !perSecond ? 'still' : perSecond < 5 ? 'slow' : perSecond < 100 ? 'steady' : 'fast';
  const { dataset } = $(id);
  if (dataset.flow !== speed) dataset.flow = speed;
}
