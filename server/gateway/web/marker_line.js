// The marked moments of a clip, along its length.

import { clock, seconds } from "./wording.js";

/** @import {ClipMarker} from "./resources.d.ts" */

/** A list whose items lie where their moments are; a press goes there. */
export class MarkerLine {
  #list;
  #onPress;

  /**
   * @param {HTMLElement} list
   * @param {(seconds: number) => void} onPress
   */
  constructor(list, onPress) {
    this.#list = list;
    this.#onPress = onPress;
  }

  /**
   * @param {ClipMarker[]} markers of a clip
   * @param {number} length of the clip in seconds
   */
  show(markers, length) {
    this.#list.replaceChildren(...(length > 0 ? markers.map((marker) => this.#item(marker, length)) : []));
    this.#list.hidden = this.#list.childElementCount === 0;
  }

  /**
   * @param {ClipMarker} marker
   * @param {number} length
   */
  #item(marker, length) {
    const at = Math.min(seconds(marker.at), length);
    const item = document.createElement("li");
    const button = document.createElement("button");
    const words = marker.label || "Marked moment";
    button.type = "button";
    button.dataset.kind = marker.kind;
    button.title = `${clock(at)}  ${words}`;
    button.setAttribute("aria-label", `${words}, at ${clock(at)}`);
    button.style.left = `${(100 * at) / length}%`;
    button.style.width = `${(100 * Math.min(seconds(marker.duration), length - at)) / length}%`;
    button.addEventListener("click", () => this.#onPress(at));
    item.append(button);
    return item;
  }
}
