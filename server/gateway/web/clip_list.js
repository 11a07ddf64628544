// The library: newest first, kept up to date by events.

import * as api from "./api.js";
import { ClipCard } from "./clip_card.js";
import { byId } from "./elements.js";

/** @import {Clip, ClipPage} from "./resources.d.ts" */

/** Keeps the list and its cards. `onPlay(clip)` opens a clip; failures go to `toasts`. */
export class ClipList {
  #list = byId("clips");
  #empty = byId("clips-empty");
  #more = byId("clips-more");
  /** @type {Map<string, ClipCard>} */
  #cards = new Map();
  #nextPage = "";
  #toasts;
  /** @type {import("./clip_card.js").Actions} */
  #actions;

  /**
   * @param {import("./toasts.js").Toasts} toasts
   * @param {(clip: Clip) => void} onPlay
   */
  constructor(toasts, onPlay) {
    this.#toasts = toasts;
    this.#actions = {
      play: (card) => onPlay(card.clip),
      favourite: (card) => this.#toggleFavourite(card),
      remove: (card) => this.#remove(card),
      renew: (clipId) => api.clip(clipId).catch(() => null),
    };
    this.#more.addEventListener("click", () => this.#attempt(() => this.#readPage()));
  }

  /** Reads the first page anew; cards that are there already are kept. */
  async reload() {
    const page = await api.clips();
    const known = new Set(page.clips.map((clip) => clip.clip_id));
    for (const clipId of this.#cards.keys()) {
      if (!known.has(clipId)) this.drop(clipId);
    }
    this.#take(page);
  }

  /**
   * A clip was made, changed or brought back: events carry no signed links, so it is read.
   *
   * @param {string} clipId
   */
  async refresh(clipId) {
    try {
      this.#put(await api.clip(clipId));
    } catch (thrown) {
      const error = /** @type {api.ApiError} */ (thrown);
      if (error.status === 404) this.drop(clipId);
      else if (!error.loggedOut) this.#toasts.fail(error);
    }
  }

  /**
   * A clip is gone from the list.
   *
   * @param {string} clipId
   */
  drop(clipId) {
    this.#cards.get(clipId)?.root.remove();
    this.#cards.delete(clipId);
    this.#showState();
  }

  async #readPage() {
    this.#take(await api.clips(this.#nextPage));
  }

  /** @param {ClipPage} page */
  #take(page) {
    for (const clip of page.clips) this.#put(clip);
    this.#nextPage = page.next_page_token;
    this.#showState();
  }

  /** @param {Clip} clip */
  #put(clip) {
    if (clip.state === "trashed") {
      this.drop(clip.clip_id);
      return;
    }
    const card = this.#cards.get(clip.clip_id);
    if (card) {
      card.show(clip);
      return;
    }
    const added = new ClipCard(clip, this.#actions);
    this.#cards.set(clip.clip_id, added);
    const older = [...this.#list.children].find((item) => {
      const other = this.#cardOf(item);
      return other !== undefined && other.clip.create_time < clip.create_time;
    });
    this.#list.insertBefore(added.root, older ?? null);
    this.#showState();
  }

  #showState() {
    this.#empty.hidden = this.#cards.size > 0;
    this.#more.hidden = this.#nextPage === "";
  }

  /** @param {ClipCard} card */
  #toggleFavourite(card) {
    return this.#attempt(async () => card.show(await api.setFavourite(card.clip.clip_id, !card.clip.favourite)));
  }

  /** @param {ClipCard} card */
  #remove(card) {
    return this.#attempt(async () => {
      const { clip_id: clipId, title } = card.clip;
      const neighbour = card.root.nextElementSibling ?? card.root.previousElementSibling;
      await api.deleteClip(clipId);
      this.drop(clipId);
      const undo = { label: "Undo", run: () => this.#restore(clipId) };
      const toast = this.#toasts.tell(`“${title}” is in the trash for 30 days.`, undo);
      // The pressed button is gone: the focus goes on to the next clip, or to where the deed can be undone.
      if (neighbour) this.#cardOf(neighbour)?.focus();
      else toast.querySelector("button")?.focus();
    });
  }

  /** @param {Element} item of the list */
  #cardOf(item) {
    return this.#cards.get(/** @type {HTMLElement} */ (item).dataset.clipId ?? "");
  }

  /** @param {string} clipId */
  #restore(clipId) {
    return this.#attempt(async () => {
      this.#put(await api.undeleteClip(clipId));
      this.#cards.get(clipId)?.focus();
    });
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
    } catch (error) {
      this.#toasts.fail(/** @type {Error} */ (error));
    }
  }
}
