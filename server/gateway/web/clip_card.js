// One clip in the list.

import { clock, date, seconds, sentence, size } from "./wording.js";

/**
 * A list item that shows a clip. `actions` are `play`, `favourite` and `remove`, each called with the card, and `renew`,
 * which answers the clip anew when its signed links no longer work.
 */
export class ClipCard {
  #part;
  #renew;
  #renewed = false;

  constructor(clip, actions) {
    const root = document.getElementById("clip-card").content.firstElementChild.cloneNode(true);
    const find = (selector) => root.querySelector(selector);
    this.root = root;
    this.#renew = actions.renew;
    this.#part = {
      play: find(".play"),
      picture: find("img"),
      length: find(".length"),
      badge: find(".badge"),
      title: find(".title"),
      time: find("time"),
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

  /** Shows a clip, or the same one after a change. A picture that is there already is not loaded again. */
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
