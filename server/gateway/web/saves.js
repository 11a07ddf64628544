// Replays that are being saved, each with its progress.

import * as api from "./api.js";
import { byId, made } from "./elements.js";

const LOOK_AGAIN_MS = 2000;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** Starts saves and shows them until they end. `onSaved(savedClip)` is called for each that became a clip. */
export class Saves {
  #list = byId("jobs");
  /** @type {Map<string, HTMLElement>} */
  #jobs = new Map();
  #toasts;
  #onSaved;

  /**
   * @param {import("./toasts.js").Toasts} toasts
   * @param {(savedClip: import("./resources.d.ts").SavedClip) => void} onSaved
   */
  constructor(toasts, onSaved) {
    this.#toasts = toasts;
    this.#onSaved = onSaved;
  }

  /** @param {number} seconds */
  async save(seconds) {
    const item = made("job");
    /** @type {HTMLElement} */ (item.querySelector(".what")).textContent = `Saving the last ${seconds} s`;
    this.#list.append(item);
    try {
      const operation = await api.saveReplay(seconds);
      this.#jobs.set(operation.operation_id, item);
      this.update(operation);
      this.#watch(operation.operation_id);
    } catch (error) {
      item.remove();
      this.#toasts.fail(/** @type {Error} */ (error));
    }
  }

  /**
   * An operation as it stands now; those that were not started here are none of this page's business.
   *
   * @param {import("./resources.d.ts").Operation} operation
   */
  update(operation) {
    const item = this.#jobs.get(operation.operation_id);
    if (!item) return;
    if (!ENDED.has(operation.state)) {
      /** @type {HTMLProgressElement} */ (item.querySelector("progress")).value = operation.progress;
      return;
    }
    item.remove();
    this.#jobs.delete(operation.operation_id);
    if (operation.saved_clip) this.#onSaved(operation.saved_clip);
    else this.#toasts.fail(new api.ApiError(0, operation.error?.message || "The replay was not saved."));
  }

  /**
   * Events tell the end; where one was missed, a look does.
   *
   * @param {string} operationId
   */
  #watch(operationId) {
    setTimeout(async () => {
      if (!this.#jobs.has(operationId)) return;
      try {
        this.update(await api.operation(operationId));
      } catch (error) {
        if (error instanceof api.ApiError && error.status === 404) this.#forget(operationId);
      }
      this.#watch(operationId);
    }, LOOK_AGAIN_MS);
  }

  /** @param {string} operationId */
  #forget(operationId) {
    this.#jobs.get(operationId)?.remove();
    this.#jobs.delete(operationId);
  }
}
