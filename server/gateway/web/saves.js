// Replays that are being saved, each with its progress.

import * as api from "./api.js";

const LOOK_AGAIN_MS = 2000;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** Starts saves and shows them until they end. `onSaved(savedClip)` is called for each that became a clip. */
export class Saves {
  #list = document.getElementById("jobs");
  #jobs = new Map();
  #toasts;
  #onSaved;

  constructor(toasts, onSaved) {
    this.#toasts = toasts;
    this.#onSaved = onSaved;
  }

  async save(seconds) {
    const item = document.getElementById("job").content.firstElementChild.cloneNode(true);
    item.querySelector(".what").textContent = `Saving the last ${seconds} s`;
    this.#list.append(item);
    try {
      const operation = await api.saveReplay(seconds);
      this.#jobs.set(operation.operation_id, item);
      this.update(operation);
      this.#watch(operation.operation_id);
    } catch (error) {
      item.remove();
      this.#toasts.fail(error);
    }
  }

  /** An operation as it stands now; those that were not started here are none of this page's business. */
  update(operation) {
    const item = this.#jobs.get(operation.operation_id);
    if (!item) return;
    if (!ENDED.has(operation.state)) {
      item.querySelector("progress").value = operation.progress;
      return;
    }
    item.remove();
    this.#jobs.delete(operation.operation_id);
    if (operation.state === "succeeded") this.#onSaved(operation.saved_clip);
    else this.#toasts.fail(new api.ApiError(0, operation.error?.message || "The replay was not saved."));
  }

  /** Events tell the end; where one was missed, a look does. */
  #watch(operationId) {
    setTimeout(async () => {
      if (!this.#jobs.has(operationId)) return;
      try {
        this.update(await api.operation(operationId));
      } catch (error) {
        if (error.status === 404) this.#forget(operationId);
      }
      this.#watch(operationId);
    }, LOOK_AGAIN_MS);
  }

  #forget(operationId) {
    this.#jobs.get(operationId)?.remove();
    this.#jobs.delete(operationId);
  }
}
