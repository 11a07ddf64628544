// The picture of now as JPEG, about four times a second, for browsers that cannot decode the live preview.

import * as api from "../api.js";
import { pause } from "./pause.js";

const INTERVAL_MS = 250;
const WIDTH = 960;
const TOO_MANY = 429;

/** Draws one JPEG after the other; the one before stays until the next is decoded. */
export class JpegView {
  #canvas;
  #onPicture;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} onPicture called for each picture drawn
   */
  constructor(canvas, onPicture) {
    this.#canvas = canvas;
    this.#onPicture = onPicture;
  }

  /**
   * Shows the session until the signal says stop.
   *
   * @param {string} sessionId
   * @param {AbortSignal} signal
   * @throws {api.ApiError}
   */
  async run(sessionId, signal) {
    while (!signal.aborted) {
      const begin = performance.now();
      try {
        const bitmap = await createImageBitmap(await api.previewFrame(sessionId, WIDTH, signal));
        if (!signal.aborted) this.#draw(bitmap);
        bitmap.close();
      } catch (error) {
        // Another tab looks on too: the picture is only slower.
        if (!(error instanceof api.ApiError && error.status === TOO_MANY)) throw error;
      }
      await pause(INTERVAL_MS - (performance.now() - begin), signal);
    }
  }

  /** @param {ImageBitmap} bitmap */
  #draw(bitmap) {
    const canvas = this.#canvas;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width; // clears the canvas, so only when it must
      canvas.height = bitmap.height;
    }
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    this.#onPicture();
  }
}
