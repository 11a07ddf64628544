// The buttons that act on what is captured.

import * as api from "./api.js";
import { byButton, byId } from "./elements.js";
import { clock, seconds } from "./wording.js";

/** @import {RecordingSession, Session} from "./resources.d.ts" */

const TIME_EVERY_MS = 250;

/**
 * Record, pause, new file, mark, screenshot. Each button says what a press does now, and does that and nothing else, even
 * when the server has changed since.
 */
export class RecorderControls {
  #toasts;
  #changed;
  /** @type {Session | null} the session that is shown */
  #session = null;
  /** @type {RecordingSession | null} the session that records */
  #recording = null;
  #readAt = 0;
  #busy = false;

  /**
   * @param {import("./toasts.js").Toasts} toasts
   * @param {() => Promise<unknown>} changed reads the sessions anew
   */
  constructor(toasts, changed) {
    this.#toasts = toasts;
    this.#changed = changed;
    byId("record").addEventListener("click", () => this.#press(() => this.#toggleRecording()));
    byId("pause").addEventListener("click", () => this.#press(() => this.#togglePause()));
    byId("split").addEventListener("click", () => this.#press(() => this.#split()));
    byId("mark").addEventListener("click", () => this.#press(() => this.#mark()));
    byId("screenshot").addEventListener("click", () => this.#press(() => this.#takeScreenshot()));
    byId("start-replay").addEventListener("click", () => this.#press(() => api.startSession("replay")));
    setInterval(() => this.#showTime(), TIME_EVERY_MS);
  }

  /**
   * @param {Session | null} session the one that is shown
   * @param {RecordingSession | null} recording the one that records
   */
  show(session, recording) {
    this.#session = session;
    this.#recording = recording;
    this.#readAt = performance.now();
    this.#render();
  }

  #render() {
    const recording = this.#recording?.recording;
    const paused = Boolean(recording?.paused);
    byId("record").dataset.on = String(Boolean(recording));
    byId("record-text").textContent = recording ? "Stop recording" : "Record";
    byId("pause-text").textContent = paused ? "Resume" : "Pause";
    byId("pause").dataset.paused = String(paused);
    byId("recording").hidden = !recording;
    byId("recording").dataset.paused = String(paused);
    byId("recording-word").textContent = paused ? "PAUSED" : "REC";
    byButton("record").disabled = this.#busy;
    byButton("pause").disabled = this.#busy || !recording;
    byButton("split").disabled = this.#busy || !recording || paused;
    for (const id of ["mark", "screenshot"]) byButton(id).disabled = this.#busy || !this.#session;
    this.#showTime();
  }

  #showTime() {
    const recording = this.#recording?.recording;
    if (!recording) return;
    const since = recording.paused ? 0 : (performance.now() - this.#readAt) / 1000;
    const part = recording.part > 1 ? `  part ${recording.part}` : "";
    byId("recording-time").textContent = clock(seconds(recording.duration) + since) + part;
  }

  async #toggleRecording() {
    if (this.#recording) await api.stopSession(this.#recording.session_id, "recording");
    else await api.startSession("record", this.#session?.source_id);
  }

  async #togglePause() {
    if (!this.#recording) return;
    const { session_id: sessionId, recording } = this.#recording;
    if (recording.paused) await api.resumeRecording(sessionId);
    else await api.pauseRecording(sessionId);
  }

  async #split() {
    if (!this.#recording) return;
    await api.splitRecording(this.#recording.session_id);
    this.#toasts.tell("The recording goes on in a new file.");
  }

  async #mark() {
    const marked = this.#recording ?? this.#session;
    if (!marked) return;
    const marker = await api.markNow(marked.session_id);
    this.#toasts.tell(`Marked at ${clock(seconds(marker.at))}.`);
  }

  async #takeScreenshot() {
    if (!this.#session) return;
    const { path } = await api.takeScreenshot(this.#session.session_id);
    this.#toasts.tell(`Screenshot saved as ${path.split("/").pop()}.`);
  }

  /** @param {() => Promise<unknown>} work */
  async #press(work) {
    const pressed = document.activeElement;
    this.#busy = true;
    this.#render();
    try {
      await work();
    } catch (error) {
      this.#toasts.fail(/** @type {Error} */ (error));
    }
    this.#busy = false;
    await this.#changed();
    this.#render();
    // A disabled button loses the focus, and with it the place of whoever uses the keyboard.
    if (document.activeElement === document.body && pressed instanceof HTMLElement) pressed.focus();
  }
}
