// The header: what is going on, in a word and three figures.

import { byId } from "./elements.js";
import { sentence } from "./wording.js";

/** @import {RecordingSession, Session, SessionStats} from "./resources.d.ts" */

/** Shows the state of the server. */
export class StatusBar {
  #badge = /** @type {HTMLElement} */ (document.querySelector(".status"));

  /**
   * @param {Session | null} session the one that is shown
   * @param {RecordingSession | null} recording the one that records
   */
  show(session, recording) {
    const paused = recording?.recording.paused;
    const words = [];
    if (recording) words.push(paused ? "recording paused" : "recording");
    if (session?.replay_duration) words.push("buffering");
    const state = recording ? (paused ? "paused" : "recording") : session ? "buffering" : "idle";
    this.#tell(sentence(words.join(", ") || (session ? "starting" : "idle")), state);
    this.#showStats(session?.stats);
  }

  /** @param {string} text why nothing is known */
  rest(text) {
    this.#tell(text, "waiting");
    this.#showStats(undefined);
  }

  /**
   * Says it only when it is new: screen readers read each change out.
   *
   * @param {string} text
   * @param {string} state
   */
  #tell(text, state) {
    if (byId("state").textContent !== text) byId("state").textContent = text;
    this.#badge.dataset.state = state;
  }

  /** @param {SessionStats | undefined} stats */
  #showStats(stats) {
    byId("figures").hidden = !stats;
    if (!stats) return;
    const lost = Object.values(stats.dropped_frames ?? {}).reduce((sum, each) => sum + Number(each), 0);
    byId("fps").textContent = stats.fps.toFixed(0);
    byId("bitrate").textContent = (stats.bitrate_kbps / 1000).toFixed(1);
    byId("dropped").textContent = String(lost);
  }
}
