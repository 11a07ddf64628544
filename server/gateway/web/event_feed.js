// What happens on the server, as it happens.

import { EVENTS_URL } from "./api.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;

/**
 * Calls `handlers[type](payload)` for each event, and `onStale()` when events may have been missed: everything must be
 * read again then. The browser itself resumes after a short break; a refusal (the server is away, the login has ended)
 * ends its attempts, and this goes on in their place.
 */
export class EventFeed {
  #handlers;
  #onStale;
  #source = null;
  #timer = 0;
  #wait = FIRST_WAIT_MS;

  constructor(handlers, onStale) {
    this.#handlers = handlers;
    this.#onStale = onStale;
  }

  start() {
    this.stop();
    this.#open();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #open() {
    const source = new EventSource(EVENTS_URL);
    this.#source = source;
    source.addEventListener("open", () => {
      this.#wait = FIRST_WAIT_MS;
    });
    source.addEventListener("gap", () => this.#onStale());
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) this.#reopen();
    });
    for (const [type, handle] of Object.entries(this.#handlers)) {
      source.addEventListener(type, (event) => handle(JSON.parse(event.data)));
    }
  }

  #reopen() {
    this.stop();
    this.#timer = setTimeout(() => {
      this.#onStale();
      this.#open();
    }, this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }
}
