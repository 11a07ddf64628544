// One sound track: its level, mute and gain.

import * as api from "./api.js";
import { made } from "./elements.js";

const SILENCE_DBFS = -120;

/** @import {AudioTrack} from "./resources.d.ts" */

/** A list item that shows a track and changes it. */
export class SoundTrack {
  #sessionId;
  #number;
  #toasts;
  #part;
  #label = "";
  #muted = false;

  /**
   * @param {string} sessionId
   * @param {number} number of the track, from 1
   * @param {import("./toasts.js").Toasts} toasts
   */
  constructor(sessionId, number, toasts) {
    this.#sessionId = sessionId;
    this.#number = number;
    this.#toasts = toasts;
    this.root = made("track");
    /** @param {string} selector */
    const find = (selector) => /** @type {HTMLElement} */ (this.root.querySelector(selector));
    this.#part = {
      name: find(".name"),
      level: /** @type {HTMLMeterElement} */ (find("meter")),
      figure: find(".figure"),
      mute: find(".mute"),
      gain: /** @type {HTMLInputElement} */ (find(".gain")),
      gainFigure: find(".gain-figure"),
    };
    this.#part.mute.addEventListener("click", () => this.#change({ muted: !this.#muted }));
    this.#part.gain.addEventListener("input", () => this.#showGain());
    this.#part.gain.addEventListener("change", () => this.#change({ gain_db: this.#part.gain.valueAsNumber }));
  }

  /** @param {AudioTrack} track as it stands */
  show(track) {
    const part = this.#part;
    this.#muted = track.muted;
    if (this.#label !== track.label) this.#name(track.label);
    const peak = track.peak_dbfs;
    part.level.value = peak;
    part.figure.textContent = this.#words(track, peak);
    this.root.dataset.muted = String(track.muted);
    this.root.dataset.connected = String(track.connected || track.mixdown);
    part.mute.setAttribute("aria-pressed", String(track.muted));
    part.mute.hidden = track.mixdown;
    part.gain.hidden = track.mixdown;
    part.gainFigure.hidden = track.mixdown;
    if (document.activeElement !== part.gain) {
      part.gain.valueAsNumber = track.gain_db;
      this.#showGain();
    }
  }

  /** @param {string} label */
  #name(label) {
    this.#label = label;
    this.#part.name.textContent = label;
    this.#part.name.title = label;
    this.#part.level.setAttribute("aria-label", `Level of ${label}`);
    this.#part.mute.setAttribute("aria-label", `Mute ${label}`);
    this.#part.gain.setAttribute("aria-label", `Gain of ${label}`);
  }

  /**
   * @param {AudioTrack} track
   * @param {number} peak
   */
  #words(track, peak) {
    if (track.muted) return "muted";
    if (!track.connected && !track.mixdown) return "not there";
    return peak <= SILENCE_DBFS ? "silent" : `${peak.toFixed(0)} dB`;
  }

  #showGain() {
    const gain = this.#part.gain.valueAsNumber;
    const text = `${gain > 0 ? "+" : ""}${gain} dB`;
    this.#part.gainFigure.textContent = text;
    this.#part.gain.setAttribute("aria-valuetext", text);
  }

  /** @param {{muted?: boolean, gain_db?: number}} change */
  async #change(change) {
    try {
      const session = await api.updateAudioTrack(this.#sessionId, this.#number, change);
      const track = session.audio?.find((each) => each.track === this.#number);
      if (track) this.show(track);
    } catch (error) {
      this.#toasts.fail(/** @type {Error} */ (error));
    }
  }
}
