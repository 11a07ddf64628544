// What happens on the server, as it happens.

import { EVENTS_URL } from "./api.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;

/** @typedef {(payload: any) => void} Handler what an event's payload is, its type says */

/**
 * Calls `handlers[type](payload)` for each event, `onLost()` when the connection breaks or is refused, and `onStale()`
 * when events may have been missed: everything must be read again then. The browser itself connects again after a
 * break; a refusal (the server is away, the login has ended) ends its attempts, and this goes on in their place.
 */
export class EventFeed {
  #handlers;
  #onLost;
  #onStale;
  /** @type {EventSource | null} */
  #source = null;
  #timer = 0;
  #wait = FIRST_WAIT_MS;
  #broken = false;

  /**
   * @param {Record<string, Handler>} handlers
   * @param {{onLost: () => void, onStale: () => void}} listeners
   */
  constructor(handlers, { onLost, onStale }) {
    this.#handlers = handlers;
    this.#onLost = onLost;
    this.#onStale = onStale;
  }

  start() {
    this.stop();
    this.#broken = false;
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
      if (this.#broken) this.#onStale();
      this.#broken = false;
    });
    source.addEventListener("gap", () => this.#onStale());
    source.addEventListener("error", () => this.#breakOff(source));
    for (const [type, handle] of Object.entries(this.#handlers)) {
      source.addEventListener(type, (event) => handle(JSON.parse(event.data)));
    }
  }

  /** @param {EventSource} source */
  #breakOff(source) {
    const refused = source.readyState === EventSource.CLOSED;
    if (refused || !this.#broken) this.#onLost();
    this.#broken = true;
    if (!refused) return;
    this.#timer = setTimeout(() => this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }
}
