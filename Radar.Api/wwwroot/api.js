import { parseExact } from './exact.js';

/** An error that the API explained. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

let unauthorized = () => {};

/** Calls the listener whenever the API does not know who asks. */
export function onUnauthorized(listener) {
  unauthorized = listener;
}

/** Reads JSON; amounts stay text. A refusal is a Problem in the API's words. */
export function read(path, signal) {
  return ask('GET', path, signal);
}

/** The same by another method; an answer without a body is null. */
export async function ask(method, path, signal, headers = {}) {
  const response = await fetch(path, { method, signal, headers: { accept: 'application/json', ...headers } });
  const text = await response.text();
  if (response.ok) return text === '' ? null : parseExact(text);
  if (response.status === 401) unauthorized();
  throw new Problem(response.status, detailOf(text) ?? `${response.status} ${response.statusText}`);
}

/** Asks a stream that did not open why not. Null where it would open now or nobody answers. */
export async function whyRefused(url) {
  const asked = new AbortController();
  try {
    const response = await fetch(url, { signal: asked.signal });
    if (response.status === 401) unauthorized();
    return response.ok ? null : detailOf(await response.text());
  } catch {
    return null;
  } finally {
    asked.abort();
  }
}

const awayPauseMs = 500;

/** Calls again after each pause, never twice at once; not while nobody looks, nor while the API is away. */
export function poll(pauseMs, status, ask) {
  const again = async () => {
    const asks = !document.hidden && status.isConnected;
    if (asks) await ask().catch(() => {}); // ask shows its own failures
    setTimeout(again, asks ? pauseMs : Math.min(pauseMs, awayPauseMs));
  };
  again();
}

function detailOf(text) {
  try {
    return JSON.parse(text).detail ?? null;
  } catch {
    return null;
  }
}
