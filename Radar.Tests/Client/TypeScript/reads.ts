// Reads every route by the client that was generated from the API's document, and prints what it got as JSON.
// `node built/reads.js http://127.0.0.1:8000`
import {
  getBars, getDeadLetters, getHistoryV1, getLag, getMovers, getSnapshots, getSymbols, getTicker, getTickerV1, getTickers, getTrades,
  stream,
} from './client/index.js';
import { client } from './client/client.gen.js';

client.setConfig({ baseUrl: process.argv[2]! });

const known = await getTicker({ path: { symbol: 'xbt/usd' } });
const unknown = await getTicker({ path: { symbol: 'NOBODY' } });
const refused = await getTrades({ path: { symbol: 'A' }, query: { limit: 0 } });
const trades: number[] = [];
let pages = 0;
for (let page_token: string | undefined; ; pages++) {
  const { data } = await getTrades({ path: { symbol: 'A' }, query: { limit: 2, page_token }, throwOnError: true });
  trades.push(...data.trades.map((trade) => trade.p));
  if (data.next_page_token === null) break;
  page_token = data.next_page_token;
}

const bars = await getBars({ path: { symbol: 'A' }, query: { timeframe: '1Day' }, throwOnError: true });
const movers = await getMovers({ query: { top: 1 }, throwOnError: true });
const lag = await getLag({ throwOnError: true });
const letters = await getDeadLetters({ throwOnError: true });
const history = await getHistoryV1({ path: { symbol: 'A' }, throwOnError: true });
const snapshots = await getSnapshots({ query: { symbols: 'A,B' }, throwOnError: true });

const done = new AbortController();
let first: string | undefined;
const events = await stream({
  query: { symbols: 'A' },
  signal: done.signal,
  onSseEvent: (event) => {
    first ??= event.event;
    done.abort();
  },
});
for await (const _ of events.stream) break;

console.log(JSON.stringify({
  ticker: known.data?.p,
  symbol: known.data?.symbol,
  v1: (await getTickerV1({ path: { symbol: 'b' }, throwOnError: true })).data.price,
  history: history.data.history.length,
  unknown: [unknown.response?.status, unknown.error && 'parameter' in unknown.error ? unknown.error.parameter : null],
  refused: [refused.response?.status, refused.error && 'parameter' in refused.error ? refused.error.parameter : null],
  trades,
  pages,
  bars: bars.data.bars.map((bar) => bar.c),
  gainer: movers.data.gainers[0]?.symbol,
  snapshots: snapshots.data.snapshots.map((snapshot) => snapshot.symbol),
  symbols: (await getSymbols({ throwOnError: true })).data.symbols,
  tickers: (await getTickers({ query: { symbols: 'A,B' }, throwOnError: true })).data.tickers.length,
  lag: lag.data.messages,
  dead_letters: letters.data.messages,
  stream: first,
}));
