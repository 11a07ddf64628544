// The sound tracks of the session that is shown.

import { byId } from "./elements.js";
import { SoundTrack } from "./sound_track.js";

/** Shows one row for each track. */
export class SoundPanel {
  #toasts;
  #list = byId("tracks");
  #sessionId = "";
  /** @type {Map<number, SoundTrack>} */
  #tracks = new Map();

  /** @param {import("./toasts.js").Toasts} toasts */
  constructor(toasts) {
    this.#toasts = toasts;
  }

  /** @param {import("./resources.d.ts").Session | null} session the one that is shown */
  show(session) {
    const tracks = session?.audio ?? [];
    byId("sound").hidden = tracks.length === 0;
    if (session?.session_id !== this.#sessionId || tracks.length !== this.#tracks.size) {
      this.#sessionId = session?.session_id ?? "";
      this.#list.replaceChildren();
      this.#tracks.clear();
    }
    for (const track of tracks) {
      let row = this.#tracks.get(track.track);
      if (!row) {
        row = new SoundTrack(this.#sessionId, track.track, this.#toasts);
        this.#tracks.set(track.track, row);
        this.#list.append(row.root);
      }
      row.show(track);
    }
  }
}
