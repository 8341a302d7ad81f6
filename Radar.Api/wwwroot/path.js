import { poll, read } from './api.js';
import { rate, span, whole } from './format.js';

const pauseMs = 2000;
const $ = id => document.getElementById(id);

/** The strip: the path from producer to screen, with what goes over each edge. */
export class Path {
  #board; #meter; #status;
  #last = null; // the lag that was read before, for rates

  constructor({ board, meter, status }) {
    this.#board = board;
    this.#meter = meter;
    this.#status = status;
    poll(pauseMs, status, () => this.#ask());
  }

  /** What the page itself counted; to be called every second. */
  tick() {
    const live = this.#status.isLive;
    const pushed = this.#meter.perSecond();
    const latency = this.#meter.latency();
    show('rate-out', live ? rate(pushed) : '–');
    show('symbols', this.#board.refused > 0 ? `${whole(this.#board.size)} of more` : whole(this.#board.size));
    show('latency', live && latency ? span(latency.median) : '–');
    show('latency-p99', live && latency ? `99 % within ${span(latency.p99)}` : '');
    flow('edge-pushed', live ? pushed : null);
    flow('edge-read', live ? pushed : null);
    mark('edge-pushed', live ? '' : 'broken');
    mark('node-api', live ? '' : 'broken');
    if (!live) this.#unknown();
  }

  stale(stale) {
    mark('edge-lag', stale ? 'slow' : '');
    mark('node-consumer', stale ? 'slow' : '');
  }

  async #ask() {
    try {
      const lag = await read('/api/v2/lag');
      const now = { at: performance.now(), end: sum(lag, 'end'), position: sum(lag, 'position') };
      const sent = this.#rate(now, 'end');
      const taken = this.#rate(now, 'position');
      this.#last = now;
      show('rate-in', sent === null ? '–' : rate(sent));
      show('rate-taken', taken === null ? '–' : rate(taken));
      show('lag-messages', whole(lag.messages));
      show('lag-seconds', lag.messages === 0 ? 'behind' : `behind · ${span(lag.seconds * 1000)}`);
      flow('edge-in', sent);
      flow('edge-lag', taken);
      flow('edge-taken', taken);
      mark('node-kafka', '');
    } catch {
      this.#unknown();
      mark('node-kafka', 'slow');
    }
  }

  #unknown() {
    this.#last = null;
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

function mark(id, state) {
  $(id).dataset.state = state;
}

/** Dots move faster the more goes over the edge, in few steps: at each the animation restarts. */
function flow(id, perSecond) {
  const speed = !perSecond ? 'still' : perSecond < 5 ? 'slow' : perSecond < 100 ? 'steady' : 'fast';
  $(id).dataset.flow = speed;
}
