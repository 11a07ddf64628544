// Plays one clip.

import * as api from "./api.js";
import { byId } from "./elements.js";
import { MarkerLine } from "./marker_line.js";
import { clock, date, seconds, size } from "./wording.js";

const RETRY_MS = 5000;

/** A dialog with a video. Links to the file end after ten minutes; it asks for another and goes on where it was. */
export class Player {
  #dialog = /** @type {HTMLDialogElement} */ (byId("player"));
  #video = /** @type {HTMLVideoElement} */ (byId("player-video"));
  #title = byId("player-title");
  #facts = byId("player-facts");
  #download = /** @type {HTMLAnchorElement} */ (byId("player-download"));
  #markers = new MarkerLine(byId("player-markers"), (at) => this.#goTo(at));
  #clipId = "";
  #renewedAt = -Infinity;

  constructor() {
    byId("player-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close(); // outside of its content
    });
    this.#dialog.addEventListener("close", () => this.#unload());
    this.#video.addEventListener("error", () => this.#resume());
  }

  /**
   * Opens a clip. The link in the list may have ended, so the clip is read anew.
   *
   * @param {string} clipId
   * @param {string} title until then
   */
  async open(clipId, title) {
    this.#clipId = clipId;
    this.#title.textContent = title;
    this.#facts.textContent = "";
    this.#markers.show([], 0);
    this.#renewedAt = -Infinity;
    this.#dialog.showModal();
    await this.#load(0);
  }

  /** @param {number} position in seconds */
  async #load(position) {
    const clipId = this.#clipId;
    try {
      const clip = await api.clip(clipId);
      if (clipId !== this.#clipId) return; // closed or changed meanwhile
      this.#title.textContent = clip.title;
      const video = clip.video;
      const picture = video ? `${video.width} × ${video.height}` : "";
      const facts = [date(clip.start_time ?? clip.create_time), clock(seconds(clip.duration)), picture, size(clip.size_bytes)];
      this.#facts.textContent = facts.filter(Boolean).join("  ·  ");
      this.#markers.show(clip.markers ?? [], seconds(clip.duration));
      this.#download.href = clip.media_url;
      this.#video.src = clip.media_url;
      this.#video.currentTime = position;
      await this.#video.play();
    } catch (thrown) {
      const error = /** @type {Error} */ (thrown);
      // The browser wants a press of its own first, or a newer load took over: the controls are there.
      if (error.name === "NotAllowedError" || error.name === "AbortError" || error.name === "NotSupportedError") return;
      this.#fail(error);
    }
  }

  /** @param {number} at seconds */
  #goTo(at) {
    this.#video.currentTime = at;
    this.#video.focus();
  }

  /**
   * Messages of the page lie behind the dialog, so this one is told in it.
   *
   * @param {Error} error
   */
  #fail(error) {
    this.#facts.textContent = error.message;
  }

  async #resume() {
    if (!this.#clipId || !this.#video.hasAttribute("src")) return;
    if (performance.now() - this.#renewedAt < RETRY_MS) {
      this.#fail(new Error("This clip cannot be played here."));
      return;
    }
    this.#renewedAt = performance.now();
    await this.#load(this.#video.currentTime);
  }

  #unload() {
    this.#clipId = "";
    this.#video.pause();
    this.#video.removeAttribute("src");
    this.#video.load(); // lets go of the connection
  }
}
