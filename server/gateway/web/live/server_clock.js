// How old a picture is, by the server's clock.

/** Knows the server's monotonic clock from the times at which records were sent; the quickest record counts. */
export class ServerClock {
  #aheadMs = -Infinity;

  /** @param {number} sentMs when the server sent what arrives now */
  arrived(sentMs) {
    this.#aheadMs = Math.max(this.#aheadMs, sentMs - performance.now());
  }

  /**
   * @param {number} thenMs a time of the server's clock
   * @returns {number} milliseconds since then
   */
  ageMs(thenMs) {
    return performance.now() + this.#aheadMs - thenMs;
  }
}
