// The picture of now, about four times a second, while somebody can see it.

import { previewFrame } from "./api.js";

const INTERVAL_MS = 250;
const WIDTH = 960;
const LONGEST_WAIT_MS = 8000;
const TOO_MANY = 429;

const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/**
 * Draws frames onto a canvas; the one before stays until the next is decoded. `onError(error)` is told of each failure,
 * `onFrame()` of each picture. It stops by itself when there is nothing to show or the login has ended, and waits longer
 * and longer while the server is away.
 */
export class LivePicture {
  #canvas;
  #onFrame;
  #onError;
  #wanted = false;
  #running = null;

  constructor(canvas, { onFrame, onError }) {
    this.#canvas = canvas;
    this.#onFrame = onFrame;
    this.#onError = onError;
    document.addEventListener("visibilitychange", () => this.#apply());
  }

  start() {
    this.#wanted = true;
    this.#apply();
  }

  stop() {
    this.#wanted = false;
    this.#apply();
  }

  /** Shows nothing, rather than a picture of a while ago. */
  clear() {
    this.#canvas.getContext("2d").clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #apply() {
    const run = this.#wanted && document.visibilityState === "visible";
    if (run && this.#running === null) {
      this.#running = new AbortController();
      this.#loop(this.#running.signal);
    } else if (!run && this.#running !== null) {
      this.#running.abort();
      this.#running = null;
    }
  }

  async #loop(signal) {
    let wait = INTERVAL_MS;
    while (!signal.aborted) {
      const begin = performance.now();
      try {
        const bitmap = await createImageBitmap(await previewFrame(WIDTH, signal));
        if (!signal.aborted) this.#draw(bitmap);
        bitmap.close();
        wait = INTERVAL_MS;
      } catch (error) {
        if (signal.aborted) return;
        if (error.status !== TOO_MANY) this.#onError(error); // another tab looks on too: the picture is only slower
        if (error.loggedOut || error.status === 404 || error.status === 400) {
          this.stop();
          return;
        }
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      }
      await pause(Math.max(0, wait - (performance.now() - begin)), signal);
    }
  }

  #draw(bitmap) {
    const canvas = this.#canvas;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width; // clears the canvas, so only when it must
      canvas.height = bitmap.height;
    }
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    this.#onFrame();
  }
}
