// One clip in the list.

import { made } from "./elements.js";
import { clock, date, seconds, sentence, size } from "./wording.js";

/** @import {Clip} from "./resources.d.ts" */

/**
 * @typedef {object} Actions
 * @property {(card: ClipCard) => void} play
 * @property {(card: ClipCard) => void} favourite
 * @property {(card: ClipCard) => void} remove
 * @property {(clipId: string) => Promise<Clip | null>} renew
 */

/**
 * A list item that shows a clip. `actions` are `play`, `favourite` and `remove`, each called with the card, and `renew`,
 * which answers the clip anew when its signed links no longer work.
 */
export class ClipCard {
  #part;
  #renew;
  #renewed = false;

  /**
   * @param {Clip} clip
   * @param {Actions} actions
   */
  constructor(clip, actions) {
    const root = made("clip-card");
    /** @param {string} selector */
    const find = (selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
    this.root = root;
    this.clip = clip;
    this.#renew = actions.renew;
    this.#part = {
      play: /** @type {HTMLButtonElement} */ (find(".play")),
      picture: /** @type {HTMLImageElement} */ (find("img")),
      length: find(".length"),
      badge: find(".badge"),
      title: find(".title"),
      time: /** @type {HTMLTimeElement} */ (find("time")),
      size: find(".size"),
      origin: find(".origin"),
      favourite: find(".favourite"),
      remove: find(".delete"),
    };
    this.#part.play.addEventListener("click", () => actions.play(this));
    this.#part.favourite.addEventListener("click", () => actions.favourite(this));
    this.#part.remove.addEventListener("click", () => actions.remove(this));
    this.#part.picture.addEventListener("load", () => {
      this.#part.picture.classList.add("shown");
    });
    this.#part.picture.addEventListener("error", () => this.#loadAgain());
    this.show(clip);
  }

  focus() {
    this.#part.play.focus();
  }

  /**
   * Shows a clip, or the same one after a change. A picture that is there already is not loaded again.
   *
   * @param {Clip} clip
   */
  show(clip) {
    const part = this.#part;
    this.clip = clip;
    const length = clock(seconds(clip.duration));
    const playable = clip.state === "ready";
    this.root.dataset.clipId = clip.clip_id;
    part.title.textContent = clip.title;
    part.title.title = clip.title;
    part.length.textContent = length;
    part.time.dateTime = clip.create_time;
    part.time.textContent = date(clip.create_time);
    part.size.textContent = size(clip.size_bytes);
    part.origin.textContent = sentence(clip.origin);
    part.badge.hidden = playable;
    part.badge.textContent = sentence(clip.state);
    part.play.disabled = !playable;
    part.play.setAttribute("aria-label", `Play ${clip.title}, ${length}`);
    part.favourite.setAttribute("aria-pressed", String(clip.favourite));
    part.favourite.setAttribute("aria-label", `Favourite: ${clip.title}`);
    part.remove.setAttribute("aria-label", `Delete ${clip.title}`);
    if (clip.thumbnail_url && !part.picture.classList.contains("shown")) part.picture.src = clip.thumbnail_url;
  }

  /** Signed links end after ten minutes, and a thumbnail may not be made yet: asks for another link, once. */
  async #loadAgain() {
    if (this.#renewed) return;
    this.#renewed = true;
    const clip = await this.#renew(this.clip.clip_id);
    if (clip) this.show(clip);
  }
}
