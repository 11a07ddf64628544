// What is captured now: header, picture, buffer, and the buttons that act on it.

import * as api from "./api.js";
import { LivePicture } from "./live_picture.js";
import { clock, seconds, sentence } from "./wording.js";

const BUFFER_EVERY_MS = 5000;
const TIMES_EVERY_MS = 500;

const byId = (id) => document.getElementById(id);

/** Shows the sessions, and starts and stops recordings. `onLoggedOut()` is called when the login has ended. */
export class CapturePanel {
  #session = null; // the one that `current` means
  #recording = null; // the one that records
  #readAt = 0;
  #buffer = null;
  #picture;
  #toasts;
  #onLoggedOut;
  #timers = [];

  constructor({ toasts, saves, onLoggedOut }) {
    this.#toasts = toasts;
    this.#onLoggedOut = onLoggedOut;
    this.#picture = new LivePicture(byId("live"), {
      onFrame: () => this.#note(""),
      onError: (error) => this.#pictureFailed(error),
    });
    for (const button of document.querySelectorAll("[data-seconds]")) {
      button.addEventListener("click", () => saves.save(Number(button.dataset.seconds)));
    }
    byId("record").addEventListener("click", () => this.#press(() => this.#toggleRecording()));
    byId("start-replay").addEventListener("click", () => this.#press(() => api.startSession("replay")));
  }

  /** Reads the sessions anew. */
  async reload() {
    const sessions = await api.liveSessions();
    this.#readAt = performance.now();
    this.#session = sessions.find((each) => each.replay_duration) ?? sessions[0] ?? null;
    this.#recording = sessions.find((each) => each.recording) ?? null;
    await this.#readBuffer();
    this.#show();
    if (this.#timers.length === 0) {
      this.#timers = [
        setInterval(() => this.#showTimes(), TIMES_EVERY_MS),
        setInterval(() => this.#readBuffer().catch(() => {}), BUFFER_EVERY_MS),
      ];
    }
  }

  /** Everything stands still: nobody is logged in, or nobody answers. */
  rest(text) {
    this.#picture.stop();
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    byId("state").textContent = text;
    document.querySelector(".status").dataset.state = "waiting";
    byId("figures").hidden = true;
  }

  /** Counters of a session, as events tell them each second. */
  showStats({ session_id: sessionId, stats }) {
    if (sessionId !== this.#session?.session_id || !stats) return;
    const dropped = Object.values(stats.dropped_frames ?? {}).reduce((sum, each) => sum + Number(each), 0);
    byId("fps").textContent = stats.fps.toFixed(0);
    byId("bitrate").textContent = (stats.bitrate_kbps / 1000).toFixed(1);
    byId("dropped").textContent = String(dropped);
    byId("figures").hidden = false;
  }

  #show() {
    const session = this.#session;
    const words = [];
    if (this.#recording) words.push("recording");
    if (session?.replay_duration) words.push("buffering");
    byId("state").textContent = sentence(words.join(", ") || (session ? "starting" : "idle"));
    document.querySelector(".status").dataset.state = this.#recording ? "recording" : session ? "buffering" : "idle";

    for (const button of document.querySelectorAll("[data-seconds]")) button.disabled = !session?.replay_duration;
    byId("record").disabled = false;
    byId("record").setAttribute("aria-pressed", String(this.#recording !== null));
    byId("record-text").textContent = this.#recording ? "Stop recording" : "Record";
    byId("recording").hidden = !this.#recording;

    byId("start-replay").hidden = session !== null;
    if (session) {
      if (session.stats) this.showStats({ session_id: session.session_id, stats: session.stats });
      this.#picture.start();
    } else {
      byId("figures").hidden = true;
      this.#picture.stop();
      this.#picture.clear();
      this.#note("Nothing is captured.");
    }
    this.#showTimes();
  }

  #showTimes() {
    const since = (performance.now() - this.#readAt) / 1000;
    if (this.#recording) byId("recording-time").textContent = clock(seconds(this.#recording.recording.duration) + since);
  }

  async #readBuffer() {
    this.#buffer = this.#session?.replay_duration ? await api.replayBuffer().catch(() => this.#buffer) : null;
    byId("buffer").hidden = this.#buffer === null;
    if (this.#buffer === null) return;
    const capacity = seconds(this.#buffer.capacity);
    const filled = Math.min(seconds(this.#buffer.filled), capacity);
    byId("held").max = capacity;
    byId("held").value = filled;
    byId("held-text").textContent = `${clock(filled)} of ${clock(capacity)}`;
  }

  async #toggleRecording() {
    if (this.#recording) await api.stopRecording(this.#recording.session_id);
    else await api.startSession("record", this.#session?.source_id);
  }

  async #press(work) {
    byId("record").disabled = true;
    try {
      await work();
    } catch (error) {
      this.#toasts.fail(error);
    }
    await this.reload().catch((error) => this.#toasts.fail(error));
  }

  #pictureFailed(error) {
    if (error.loggedOut) this.#onLoggedOut();
    else this.#note(error.status === 404 ? "Nothing is captured." : error.message);
  }

  #note(text) {
    byId("live-note").hidden = text === "";
    byId("live-note-text").textContent = text;
  }
}
