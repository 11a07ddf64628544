// The replay buffer: how much it holds, its switch, and the buttons that save it.

import * as api from "./api.js";
import { byButton, byId } from "./elements.js";
import { clock, seconds } from "./wording.js";

const READ_EVERY_MS = 5000;

/** Shows the buffer of a session. */
export class ReplayBuffer {
  #toasts;
  #changed;
  #saveButtons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-seconds]"));
  /** @type {import("./resources.d.ts").Session | null} */
  #session = null;
  #sessionId = "";
  #readAt = -Infinity;

  /**
   * @param {import("./toasts.js").Toasts} toasts
   * @param {import("./saves.js").Saves} saves
   * @param {() => Promise<unknown>} changed reads the sessions anew
   */
  constructor(toasts, saves, changed) {
    this.#toasts = toasts;
    this.#changed = changed;
    for (const button of this.#saveButtons) {
      button.addEventListener("click", () => saves.save(Number(button.dataset.seconds)));
    }
    byId("buffer-switch").addEventListener("click", () => this.#toggle());
  }

  /** @param {import("./resources.d.ts").Session | null} session the one that is shown */
  async show(session) {
    this.#session = session;
    const buffering = session?.replay_duration ? session : null;
    for (const button of this.#saveButtons) button.disabled = !buffering;
    byId("buffer").hidden = session === null;
    byId("held").hidden = !buffering;
    const toggle = byButton("buffer-switch");
    toggle.setAttribute("aria-checked", String(Boolean(buffering)));
    if (!buffering) {
      byId("held-text").textContent = "off";
      this.#sessionId = "";
      return;
    }
    if (buffering.session_id === this.#sessionId && performance.now() - this.#readAt < READ_EVERY_MS) return;
    this.#sessionId = buffering.session_id;
    this.#readAt = performance.now();
    await this.#read().catch(() => {}); // it is read again soon
  }

  async #read() {
    const buffer = await api.replayBuffer(this.#sessionId);
    const capacity = seconds(buffer.capacity);
    const filled = Math.min(seconds(buffer.filled), capacity);
    const held = /** @type {HTMLMeterElement} */ (byId("held"));
    held.max = capacity;
    held.value = filled;
    byId("held-text").textContent = `${clock(filled)} of ${clock(capacity)}`;
  }

  async #toggle() {
    const session = this.#session;
    if (!session) return;
    try {
      if (session.replay_duration) await api.stopSession(session.session_id, "replay");
      else await api.startSession("replay", session.source_id);
    } catch (error) {
      this.#toasts.fail(/** @type {Error} */ (error));
    }
    await this.#changed();
  }
}
