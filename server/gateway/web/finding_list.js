// What is not as it should be, in words.

import { byId, made } from "./elements.js";

/** @type {Record<string, string>} */
const TITLES = {
  ring_in_memory: "The replay buffer is in memory",
  recording_disk_full: "The disk is full",
  recording_failed: "The recording failed",
  ring_failed: "The replay buffer failed",
  encoder_failed: "The encoder failed",
  black: "The picture is black",
  frozen: "The picture stands still",
  silent: "Nothing is heard",
  dropping: "Pictures are lost",
  disk_filling: "The disk is filling up",
  encoder_overloaded: "The encoder hardly keeps up",
  audio_lost: "A sound device is gone",
  encoder_fell_back: "A software encoder took over",
  audio_unavailable: "There is no sound",
  source_resized: "The source has another size",
};
const GRAVE = new Set(["recording_disk_full", "recording_failed", "ring_failed", "encoder_failed"]);

/** @import {Finding} from "./resources.d.ts" */

/** Shows the findings of the sessions; one that stays is not told again. */
export class FindingList {
  #list = byId("findings");
  /** @type {Map<string, HTMLElement>} */
  #items = new Map();

  /** @param {Finding[]} findings */
  show(findings) {
    const left = new Map(this.#items);
    for (const finding of findings) {
      const name = `${finding.kind} ${finding.subject}`;
      left.delete(name);
      const item = this.#items.get(name) ?? this.#add(name, finding);
      const detail = /** @type {HTMLElement} */ (item.querySelector(".detail"));
      if (detail.textContent !== finding.detail) detail.textContent = finding.detail;
    }
    for (const [name, item] of left) {
      item.remove();
      this.#items.delete(name);
    }
  }

  /**
   * @param {string} name
   * @param {Finding} finding
   */
  #add(name, { kind }) {
    const item = made("finding");
    item.classList.toggle("grave", GRAVE.has(kind));
    const title = /** @type {HTMLElement} */ (item.querySelector(".what"));
    title.textContent = TITLES[kind] ?? "Something is not right";
    this.#items.set(name, item);
    this.#list.append(item);
    return item;
  }
}
