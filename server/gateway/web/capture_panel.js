// What is captured now: reads the sessions and has each part show them.

import * as api from "./api.js";
import { byId } from "./elements.js";
import { FindingList } from "./finding_list.js";
import { LivePicture } from "./live/live_picture.js";
import { RecorderControls } from "./recorder_controls.js";
import { ReplayBuffer } from "./replay_buffer.js";
import { SoundPanel } from "./sound_panel.js";
import { StatusBar } from "./status_bar.js";

const READ_EVERY_MS = 1000;

/** @import {RecordingSession, Session} from "./resources.d.ts" */

/**
 * Shows the sessions, anew each second while somebody can see them: levels of sound and the length of the recording are
 * in no event. `onLoggedOut()` is called when the login has ended.
 */
export class CapturePanel {
  #picture;
  #status = new StatusBar();
  #findings = new FindingList();
  #controls;
  #buffer;
  #sound;
  #onLoggedOut;
  #timer = 0;

  /**
   * @param {{
   *   toasts: import("./toasts.js").Toasts,
   *   saves: import("./saves.js").Saves,
   *   onLoggedOut: () => void,
   * }} parts
   */
  constructor({ toasts, saves, onLoggedOut }) {
    this.#onLoggedOut = onLoggedOut;
    this.#picture = new LivePicture(/** @type {HTMLCanvasElement} */ (byId("live")), {
      onPicture: () => this.#note(""),
      onError: (error) => this.#pictureFailed(error),
    });
    const changed = () => this.reload().catch((error) => toasts.fail(error));
    this.#controls = new RecorderControls(toasts, changed);
    this.#buffer = new ReplayBuffer(toasts, saves, changed);
    this.#sound = new SoundPanel(toasts);
  }

  /** Reads the sessions anew. */
  async reload() {
    const sessions = await api.liveSessions();
    await this.#show(sessions);
    if (this.#timer === 0) this.#timer = setInterval(() => this.#readAgain(), READ_EVERY_MS);
  }

  /**
   * Everything stands still: nobody is logged in, or nobody answers.
   *
   * @param {string} text
   */
  rest(text) {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#picture.stop();
    this.#status.rest(text);
  }

  #readAgain() {
    if (document.visibilityState !== "visible") return;
    this.reload().catch((error) => {
      if (error instanceof api.ApiError && error.loggedOut) this.#onLoggedOut();
      // That nobody answers is what the events tell, by ending.
    });
  }

  /** @param {Session[]} sessions */
  async #show(sessions) {
    // The one that `current` means, and the one that records; mostly they are the same.
    const session = sessions.find((each) => each.replay_duration) ?? sessions[0] ?? null;
    const recording = /** @type {RecordingSession | null} */ (sessions.find((each) => each.recording) ?? null);
    this.#status.show(session, recording);
    this.#controls.show(session, recording);
    this.#findings.show(sessions.flatMap((each) => each.findings ?? []));
    this.#sound.show(session);
    if (session) {
      this.#picture.start(session.session_id);
    } else {
      this.#picture.stop();
      this.#picture.clear();
      this.#note("Nothing is captured.");
    }
    byId("start-replay").hidden = session !== null;
    await this.#buffer.show(session);
  }

  /** @param {api.ApiError} error */
  #pictureFailed(error) {
    if (error.loggedOut) this.#onLoggedOut();
    else this.#note(error.status === 404 ? "Nothing is captured." : error.message);
  }

  /** @param {string} text */
  #note(text) {
    byId("live-note").hidden = text === "";
    byId("live-note-text").textContent = text;
  }
}
