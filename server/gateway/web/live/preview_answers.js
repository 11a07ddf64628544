// What the page tells the server of a preview: how far it is, and that it needs a keyframe.

import * as api from "../api.js";

const ACK_EACH = 3;
const KEYFRAME_EVERY_MS = 250; // the server makes at most four a second

/**
 * Acknowledges pictures and asks for keyframes. Transport alone does not slow the server down (socket buffers hold
 * seconds of pictures), so it sends only so many pictures past the last acknowledged one.
 */
export class PreviewAnswers {
  #previewId;
  #acked = 0; // newest sequence that was told
  #newest = 0;
  #telling = false;
  #askedAt = -Infinity;

  /** @param {string} previewId */
  constructor(previewId) {
    this.#previewId = previewId;
  }

  /**
   * A picture is dealt with: decoded, or passed over.
   *
   * @param {number} sequence
   * @param {boolean} key
   */
  handled(sequence, key) {
    this.#newest = Math.max(this.#newest, sequence);
    if (key || this.#newest - this.#acked >= ACK_EACH) this.#tell();
  }

  /** Asks for a keyframe, unless one was asked for just now. */
  needKeyframe() {
    const now = performance.now();
    if (now - this.#askedAt < KEYFRAME_EVERY_MS) return;
    this.#askedAt = now;
    api.requestKeyframe(this.#previewId).catch(() => {}); // it is asked for again while it is missing
  }

  /** One call at a time; what is handled meanwhile goes with the next. */
  async #tell() {
    if (this.#telling) return;
    this.#telling = true;
    try {
      while (this.#newest > this.#acked) {
        const sequence = this.#newest;
        await api.ackPreview(this.#previewId, sequence);
        this.#acked = sequence;
        if (this.#newest - sequence < ACK_EACH) break;
      }
    } catch {
      // The stream itself ends when the server has gone.
    } finally {
      this.#telling = false;
    }
  }
}
