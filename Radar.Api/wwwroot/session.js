import { ask, onUnauthorized, Problem } from './api.js';

const path = '/session';
const timeoutMs = 10_000;
const retryMs = 5_000;
const $ = id => document.getElementById(id);

/**
 * Who looks at the page, where the API asks for that. A key or token is sent once, in a header; what is kept of it is a cookie that no
 * script reads.
 */
export class Session {
  #dialog = $('sign-in');
  #ended;

  /** False while somebody has to sign in first. */
  isOpen = true;

  constructor({ ended }) {
    this.#ended = ended;
    onUnauthorized(() => this.isOpen && this.#ask());
    $('sign-in-form').addEventListener('submit', event => { event.preventDefault(); this.#signIn(); });
    this.#dialog.addEventListener('cancel', event => event.preventDefault()); // there is nothing behind it
    $('sign-out').addEventListener('click', () => this.#signOut());
  }

  /** Finds out who looks. An API that does not answer is for the stream to report. */
  async start() {
    try {
      const { auth, caller } = await send('GET');
      if (caller) this.#show(caller);
      else if (auth !== 'none') this.#ask();
    } catch {
      setTimeout(() => this.start(), retryMs);
    }
  }

  #ask() {
    this.isOpen = false;
    $('session').hidden = true;
    this.#ended();
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  async #signIn() {
    const input = $('sign-in-key');
    $('sign-in-note').textContent = '';
    try {
      await send('POST', { authorization: `Bearer ${input.value.trim()}` });
      location.reload(); // everything begins again, as somebody
    } catch (error) {
      $('sign-in-note').textContent = error instanceof Problem ? error.message : 'The API does not answer. Try again.';
      input.select();
    }
  }

  async #signOut() {
    try {
      await send('DELETE');
      location.reload();
    } catch {
      $('session-name').textContent = 'Not signed out: the API does not answer.';
    }
  }

  #show({ name, scopes, symbols }) {
    $('session').hidden = false;
    $('session-name').textContent = name;
    const missing = ['market.read', 'market.stream', 'admin'].filter(scope => !scopes.includes(scope));
    const limits = [symbols && `sees ${symbols.join(', ')} only`, missing.length > 0 && `without ${missing.join(', ')}`];
    $('session-limits').textContent = limits.filter(Boolean).join('; ');
  }
}

function send(method, headers) {
  return ask(method, path, AbortSignal.timeout(timeoutMs), headers);
}
