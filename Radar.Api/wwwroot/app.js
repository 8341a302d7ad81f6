import { Board } from './board.js';
import { Days } from './day.js';
import { Detail } from './detail.js';
import { whole } from './format.js';
import { Clock, Meter } from './meter.js';
import { Movers } from './movers.js';
import { Path } from './path.js';
import { Router } from './router.js';
import { Sparks } from './spark.js';
import { Status } from './status.js';
import { Stream } from './stream.js';
import { Table } from './table.js';

const hiddenPauseMs = 60_000; // a page nobody sees gives its connections back
const settledMs = 2000; // what comes right after connecting was held up by the connection, not by the path

const $ = id => document.getElementById(id);
const board = new Board();
const days = new Days();
const sparks = new Sparks();
const clock = new Clock();
const meter = new Meter();
const status = new Status();
const detail = new Detail({ board, days, clock });
const router = new Router({
  open: symbol => { detail.open(symbol); table.select(symbol); need(); },
  close: symbol => { detail.close(); table.select(null); table.focus(symbol); },
});
const open = symbol => router.open(symbol);
const table = new Table({ board, days, sparks, clock, open });
const movers = new Movers({ status, open });
const path = new Path({ board, meter, status });

// One frame for everything that came since the last; none where nothing came.
let asked = false;
let unseen = []; // times of events that the next frame shows
function need() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(frame);
}

function frame() {
  asked = false;
  if (table.render()) setTimeout(need, 250);
  detail.render();
  const now = clock.now();
  for (const time of unseen) meter.shown(now - time);
  unseen = [];
}

let liveAt = Infinity;
const stream = new Stream({ symbols: '*', channels: 'tickers' }, {
  snapshot({ tickers }) {
    board.replace(tickers);
    table.render();
    tick();
    movers.ask().catch(() => {}); // asked again soon in any case
  },
  ticker(ticker) {
    const row = board.apply(ticker);
    meter.count();
    if (row && !document.hidden && performance.now() - liveAt > settledMs) unseen.push(row.time);
    need();
  },
  heartbeat(beat) {
    clock.heartbeat(beat.t);
    status.heartbeat(beat);
    path.stale(beat.stale);
  },
  reset() {
    sparks.clear();
    meter.forget();
  },
  state(state, why, reason) {
    if (state === 'live' && !status.isLive) liveAt = performance.now();
    if (state === 'live') status.received(clock.now());
    status.connection(state, why, reason);
    if (!status.isLive) path.tick();
  },
});

function tick() {
  table.tick();
  detail.tick();
  path.tick();
  const filtered = table.filter === '' ? '' : `${whole(table.length)} of `;
  $('count').textContent = board.size === 0 ? '' : `${filtered}${whole(board.size)} ${board.size === 1 ? 'symbol' : 'symbols'}`;
  $('empty').textContent = board.size === 0
    ? status.isLive ? 'No symbols yet. They appear with their first trade.' : ''
    : table.length === 0 ? `No symbol has “${table.filter}” in its name.` : '';
  need();
}

table.onneed = need;
detail.onneed = need;

const filter = $('filter');
filter.addEventListener('input', () => { table.filter = filter.value.trim(); table.render(); tick(); });
filter.addEventListener('keydown', event => {
  if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
  event.preventDefault();
  table.focus(event.key === 'Enter' ? '' : undefined);
});

for (const [id, newestFirst] of [['by-symbol', false], ['by-age', true]])
  $(id).addEventListener('click', () => {
    table.newestFirst = newestFirst;
    $('by-symbol').parentElement.setAttribute('aria-sort', newestFirst ? 'none' : 'ascending');
    $('by-age').parentElement.setAttribute('aria-sort', newestFirst ? 'ascending' : 'none');
    tick();
  });

addEventListener('keydown', event => {
  if (event.key === '/' && !event.target.matches('input')) {
    event.preventDefault();
    filter.focus();
  } else if (event.key === 'Escape' && filter.value !== '' && event.target === filter) {
    filter.value = '';
    filter.dispatchEvent(new Event('input'));
  } else if (event.key === 'Escape') {
    router.close();
  }
});
$('detail-close').addEventListener('click', () => router.close());

let hiding;
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) {
    hiding = setTimeout(() => { stream.stop(); detail.pause(); }, hiddenPauseMs);
  } else {
    unseen = [];
    stream.start();
    detail.resume();
    tick();
  }
});

setInterval(tick, 1000);
stream.start();
router.go();
