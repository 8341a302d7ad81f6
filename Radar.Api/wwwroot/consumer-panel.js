import { poll, read } from './api.js';
import { span, whole } from './format.js';
import { moment, onZone } from './zone.js';

const pauseMs = 30_000; // each count is a read of Kafka
const timeoutMs = 10_000;
const pageSize = 20;
const valueMax = 400; // characters of a value that are shown at once
const $ = id => document.getElementById(id);

/**
 * Where the consumer stands: its lag by partition and the records that it refused. A count beside its node, a panel with the rest. What
 * comes from records is text of others.
 */
export class ConsumerPanel {
  #path; #clock;
  #dialog = $('consumer');
  #next = null; // token of the next page
  #missing = false;

  constructor({ path, status, clock }) {
    this.#path = path;
    this.#clock = clock;
    poll(pauseMs, status, () => this.#count());
    for (const id of ['dead-letters', 'lag-open']) $(id).addEventListener('click', () => this.#open());
    $('consumer-close').addEventListener('click', () => this.#dialog.close());
    $('dead-letters-more').addEventListener('click', () => this.#read(this.#next));
    this.#dialog.addEventListener('click', event => { if (event.target === this.#dialog) this.#dialog.close(); });
    onZone(() => this.#dialog.open && this.#open());
  }

  /** To be called every second. */
  tick() {
    if (this.#dialog.open) this.#showLag();
  }

  async #count() {
    if (this.#missing) return;
    try {
      const { messages } = await read(`/api/v2/dead-letters?limit=1`, AbortSignal.timeout(timeoutMs));
      this.#showCount(messages);
    } catch (error) {
      this.#missing = [401, 403, 404].includes(error.status); // not for this caller, or an API without the route
      if (!this.#missing) this.#say('? dead letters', false);
    }
  }

  #showCount(messages) {
    this.#say(`${whole(messages)} dead ${messages === 1 ? 'letter' : 'letters'}`, messages > 0);
  }

  #say(text, some) {
    const button = $('dead-letters');
    button.hidden = false;
    if (button.textContent !== text) button.textContent = text;
    button.dataset.state = some ? 'slow' : '';
  }

  #open() {
    this.#showLag();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#read(null);
  }

  #showLag() {
    const lag = this.#path.lag;
    $('lags-note').textContent = lag === null ? 'How far the state is behind the topic is unknown now.' : '';
    fill($('lags'), (lag?.partitions ?? []).map(({ partition, position, end, messages, seconds }) => [
      partition, whole(position ?? 0), whole(end ?? 0), whole(messages ?? 0), messages > 0 && seconds !== null ? span(seconds * 1000) : '',
    ]));
  }

  async #read(token) {
    const page = token === null ? '' : `&page_token=${encodeURIComponent(token)}`;
    try {
      const answer = await read(`/api/v2/dead-letters?limit=${pageSize}${page}`, AbortSignal.timeout(timeoutMs));
      const { topic, messages, counted, reasons, dead_letters: deadLetters, next_page_token: next } = answer;
      this.#showCount(messages);
      $('dead-letters-note').textContent = messages === 0 ? `None in ${topic}.`
        : `${whole(messages)} in ${topic}${counted < messages ? `; reasons of the newest ${whole(counted)}` : ''}.`;
      fill($('reasons'), reasons.map(({ reason, count }) => [reason ?? '', whole(count)]));
      const now = this.#clock.now();
      const rows = deadLetters.map(deadLetter => [
        deadLetter.t ? moment(Date.parse(deadLetter.t), now) : '', deadLetter.reason ?? '', coordinates(deadLetter.source),
        deadLetter.key ?? '', valueOf(deadLetter),
      ]);
      fill($('dead-letter-rows'), rows, token !== null);
      this.#next = next;
    } catch (error) {
      this.#next = null;
      $('dead-letters-note').textContent = error.status === 404 ? 'This API does not show dead letters.'
        : `Dead letters are unknown now: ${error.message}`;
      if (token === null) for (const id of ['reasons', 'dead-letter-rows']) fill($(id), []);
    }

    $('dead-letters-more').hidden = this.#next === null;
    for (const id of ['reasons', 'dead-letter-rows']) $(id).parentElement.hidden = $(id).rows.length === 0;
  }
}

function coordinates(source) {
  return source ? `${source.topic} · ${source.partition} · ${source.offset}` : '';
}

function valueOf({ value, value_bytes: bytes, left_out: leftOut }) {
  if (leftOut) return `${whole(bytes ?? 0)} bytes; left out: ${leftOut}`;
  if (value === null || value === undefined) return bytes > 0 ? `${whole(bytes)} bytes` : '';
  return value.length > valueMax ? `${value.slice(0, valueMax)}… (${whole(bytes)} bytes)` : value;
}

/** Rows of text; `more` keeps those that are there. */
function fill(body, rows, more = false) {
  if (!more) body.replaceChildren();
  for (const texts of rows) {
    const row = body.insertRow();
    for (const text of texts) row.insertCell().textContent = String(text);
  }
}
