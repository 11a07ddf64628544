// The picture of now, while somebody can see it.

import { ApiError } from "../api.js";
import { JpegView } from "./jpeg_view.js";
import { pause } from "./pause.js";
import { UndecodableError, VideoView, canDecode } from "./video_view.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const MOST_FAULTS = 3; // of the decoder or the server's encoder; then JPEG, for as long as the page is open
const GONE = new Set([400, 404]);

/**
 * Shows a session on a canvas: by WebCodecs where that works, else as JPEG. `onPicture()` is called for each picture and
 * `onError(error)` for each failure. It connects again after a break, waiting longer and longer, and stops when there is
 * nothing to show or the login has ended. While the page is hidden nothing is read, so that the server encodes nothing.
 */
export class LivePicture {
  #canvas;
  #onPicture;
  #onError;
  #sessionId = "";
  #shownId = "";
  /** @type {AbortController | null} */
  #running = null;
  #faults = canDecode() ? 0 : MOST_FAULTS;
  #wait = FIRST_WAIT_MS;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onPicture: () => void, onError: (error: ApiError) => void}} listeners
   */
  constructor(canvas, { onPicture, onError }) {
    this.#canvas = canvas;
    this.#onPicture = onPicture;
    this.#onError = onError;
    document.addEventListener("visibilitychange", () => this.#apply());
  }

  /** @param {string} sessionId */
  start(sessionId) {
    this.#sessionId = sessionId;
    this.#apply();
  }

  stop() {
    this.#sessionId = "";
    this.#apply();
  }

  /** Shows nothing, rather than a picture of a while ago. */
  clear() {
    this.#canvas.getContext("2d")?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #apply() {
    const wanted = document.visibilityState === "visible" ? this.#sessionId : "";
    if (wanted === this.#shownId) return;
    this.#running?.abort();
    this.#running = null;
    this.#shownId = wanted;
    if (wanted === "") return;
    this.#running = new AbortController();
    this.#wait = FIRST_WAIT_MS;
    this.#loop(wanted, this.#running.signal);
  }

  /**
   * @param {string} sessionId
   * @param {AbortSignal} signal
   */
  async #loop(sessionId, signal) {
    while (!signal.aborted) {
      try {
        await this.#view().run(sessionId, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (this.#isFinal(/** @type {Error} */ (error))) {
          this.stop();
          return;
        }
      }
      await pause(this.#wait, signal);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    }
  }

  #view() {
    const shown = () => {
      this.#wait = FIRST_WAIT_MS;
      this.#onPicture();
    };
    const decode = this.#faults < MOST_FAULTS;
    this.#canvas.dataset.view = decode ? "video" : "jpeg";
    return decode ? new VideoView(this.#canvas, shown) : new JpegView(this.#canvas, shown);
  }

  /**
   * Tells a failure, and whether there is no use in another try.
   *
   * @param {Error} error
   */
  #isFinal(error) {
    if (error instanceof UndecodableError || (error instanceof ApiError && error.serverFault)) {
      this.#faults += 1;
      if (this.#faults <= MOST_FAULTS) return false;
    }
    this.#onError(error instanceof ApiError ? error : new ApiError(0, "The live picture broke off."));
    return error instanceof ApiError && (error.loggedOut || GONE.has(error.status));
  }
}
