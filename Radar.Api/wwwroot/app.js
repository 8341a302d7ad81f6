import { Arrivals } from './arrivals.js';
import { Board } from './board.js';
import { Controls } from './controls.js';
import { Days } from './day.js';
import { Detail } from './detail.js';
import { whole } from './format.js';
import { ConsumerPanel } from './consumer-panel.js';
import { Clock, Meter } from './meter.js';
import { Movers } from './movers.js';
import { Path } from './path.js';
import { Router } from './router.js';
import { Session } from './session.js';
import { Sparks } from './spark.js';
import { Status } from './status.js';
import { Stream } from './stream.js';
import { Table } from './table.js';
import { onZone } from './zone.js';

const hiddenPauseMs = 60_000; // a page nobody sees gives its connections back
const framePauseMs = 120; // figures that change more often cannot be read, and each change costs layout and paint of the table

const $ = id => document.getElementById(id);
const board = new Board();
const days = new Days();
const sparks = new Sparks();
const clock = new Clock();
const meter = new Meter();
const arrivals = new Arrivals({ board, clock, meter });
const status = new Status({ arrivals, board, clock });
const detail = new Detail({ board, days, clock, choose: frame => router.setFrame(frame) });
const router = new Router({
  open: (symbol, frame) => { detail.open(symbol, frame); table.select(symbol); need(); },
  close: symbol => { detail.close(); table.select(null); table.focus(symbol); },
});
const open = symbol => router.open(symbol);
const table = new Table({ board, days, sparks, clock, open, marketMs: () => arrivals.marketMs });
const movers = new Movers({ board, status, open });
const path = new Path({ board, meter, status, arrivals });
const consumerPanel = new ConsumerPanel({ path, status, clock });
const controls = new Controls({ table, router, changed: () => { table.render(); tick(); } });

// One frame for everything that came since the last, and none where nothing came.
let asked = false;
let frameAt = 0;
let lastId = null; // of the newest event that came
function need() {
  if (asked) return;
  asked = true;
  const pause = frameAt + framePauseMs - performance.now();
  if (pause > 0) setTimeout(() => requestAnimationFrame(frame), pause);
  else requestAnimationFrame(frame);
}

function frame() {
  asked = false;
  frameAt = performance.now();
  if (table.render()) setTimeout(need, 250);
  detail.render();
  path.move();
  arrivals.shown(lastId);
}

const stream = new Stream({ symbols: '*', channels: 'tickers' }, {
  snapshot({ tickers }, id) {
    board.replace(tickers);
    lastId = id;
    table.render();
    tick();
    movers.ask().catch(() => {}); // asked again soon in any case
  },
  raw(text, id) {
    board.receive(text);
    lastId = id;
    meter.count();
    if (!document.hidden) need();
  },
  heartbeat(beat, id) {
    clock.heartbeat(beat.t);
    board.settle();
    arrivals.heartbeat(beat, id);
    status.received(clock.now());
    status.heartbeat(beat);
    path.stale(beat.stale);
  },
  reset() {
    sparks.clear();
    meter.forget();
    arrivals.forget();
  },
  state(state, why, reason) {
    if (state === 'live') arrivals.forget(); // what comes right after connecting was held up by the connection, not by the path
    else if (status.isConnected) status.received(clock.now() - stream.silentMs);
    status.connection(state, why, reason);
    if (!status.isConnected) path.tick();
  },
});

const session = new Session({
  ended: () => {
    stream.stop();
    detail.pause();
    status.connection('signed-out');
  },
});

// The hand turns in a frame that is drawn anyway: for an animation the browser would draw 60 frames a second.
const hand = document.querySelector('.hand');
const calm = matchMedia('(prefers-reduced-motion: reduce)');
let degrees = 0;
function turn() {
  if (document.documentElement.dataset.state === 'live' && !calm.matches) hand.style.rotate = `${degrees += 30}deg`;
}

let counted = 0;
function tick() {
  if (meter.total !== counted) arrivals.received();
  counted = meter.total;
  board.settle();
  table.tick(arrivals.marketMs);
  detail.tick();
  movers.tick();
  path.tick();
  consumerPanel.tick();
  status.show();
  turn();
  const narrowed = table.filter !== '' || table.favouritesOnly;
  $('count').textContent = board.size === 0 ? ''
    : `${narrowed ? `${whole(table.length)} of ` : ''}${whole(board.size)} ${board.size === 1 ? 'symbol' : 'symbols'}`;
  $('empty').textContent = emptyText();
  need();
}

function emptyText() {
  if (board.size === 0) return status.isConnected ? 'No symbols yet. They appear with their first trade.' : '';
  if (table.length > 0) return '';
  if (table.filter === '') return 'No favourites yet: a star makes a symbol one.';
  return status.isConnected && !status.isStale ? `No symbol has “${table.filter}” in its name.`
    : `No symbol with “${table.filter}” in its name is known yet.`;
}

table.onneed = need;
detail.onneed = need;
onZone(tick);

let hiding;
function pause() {
  stream.stop();
  detail.pause();
  status.connection('paused');
}

function resume() {
  clearTimeout(hiding);
  if (document.hidden || !session.isOpen) return;
  arrivals.forget();
  stream.check(); // timers stood still while nobody looked
  stream.start();
  detail.resume();
  tick();
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(pause, hiddenPauseMs);
  else resume();
});
document.addEventListener('freeze', pause);
document.addEventListener('resume', resume);
addEventListener('pageshow', event => { if (event.persisted) resume(); });

setInterval(tick, 1000);
controls.start();
session.start().then(() => {
  if (!session.isOpen) return;
  stream.start();
  router.go();
});
