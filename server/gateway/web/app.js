// Wires the page together.

import { ApiError } from "./api.js";
import { CapturePanel } from "./capture_panel.js";
import { ClipList } from "./clip_list.js";
import { byId } from "./elements.js";
import { EventFeed } from "./event_feed.js";
import { Player } from "./player.js";
import { Saves } from "./saves.js";
import { Toasts } from "./toasts.js";
import { clock, seconds } from "./wording.js";

const AGAIN_MS = 3000;

const login = byId("login");
const studio = byId("studio");

const toasts = new Toasts(byId("toasts"));
const player = new Player();
const clipList = new ClipList(toasts, (clip) => player.open(clip.clip_id, clip.title));
const saves = new Saves(toasts, saved);
const capture = new CapturePanel({ toasts, saves, onLoggedOut: askForLogin });
const feed = new EventFeed(handlers(), { onLost: lost, onStale: read });

/** @param {import("./resources.d.ts").SavedClip} savedClip */
function saved(savedClip) {
  const length = clock(seconds(savedClip.duration));
  const action = { label: "Play", run: () => player.open(savedClip.clip_id, "Replay") };
  toasts.tell(`Saved ${length}.`, action);
  clipList.refresh(savedClip.clip_id);
}

/**
 * What the page does on each event.
 *
 * @returns {Record<string, import("./event_feed.js").Handler>}
 */
function handlers() {
  const sessions = () => capture.reload().catch(failed);
  /** @type {import("./event_feed.js").Handler} */
  const refresh = ({ clip }) => clipList.refresh(clip.clip_id);
  /** @type {import("./event_feed.js").Handler} */
  const progress = ({ operation }) => saves.update(operation);
  /** @type {import("./event_feed.js").Handler} */
  const warn = ({ detail }) => toasts.tell(detail);
  return {
    "capture:session_started": sessions,
    "capture:session_updated": sessions,
    "capture:session_paused": sessions,
    "capture:session_resumed": sessions,
    "capture:session_split": sessions,
    "capture:session_stopped": sessions,
    "capture:session_failed": ({ session }) => {
      toasts.fail(new ApiError(0, session.error?.message || "The capture ended by a fault."));
      sessions();
    },
    "capture:source_lost": warn,
    "capture:health_changed": sessions,
    "clip:created": refresh,
    "clip:updated": refresh,
    "clip:restored": refresh,
    "clip:damaged": ({ clip_id: clipId }) => clipList.refresh(clipId),
    "clip:trashed": ({ clip }) => clipList.drop(clip.clip_id),
    "clip:deleted": ({ clip_id: clipId }) => clipList.drop(clipId),
    "operation:started": progress,
    "operation:progress": progress,
    "operation:finished": progress,
    "system:degraded": ({ detail, recovered }) => !recovered && toasts.tell(detail),
    "system:storage_low": ({ path }) => toasts.tell(`The disk of ${path} is filling up.`),
  };
}

/** Reads everything; answers whether that worked. */
async function read() {
  try {
    await capture.reload();
    await clipList.reload();
    login.hidden = true;
    studio.hidden = false;
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** @param {unknown} error */
function failed(error) {
  if (error instanceof ApiError && error.loggedOut) askForLogin();
  else if (error instanceof ApiError && error.unreachable) capture.rest("Server away");
  else toasts.fail(/** @type {Error} */ (error));
}

/** The events stopped: either nobody is there, or the login has ended, which one more call tells. */
function lost() {
  capture.rest("Server away");
  read();
}

function askForLogin() {
  feed.stop();
  capture.rest("Logged out");
  studio.hidden = true;
  login.hidden = false;
}

/** Reads until it works; then events keep the page up to date. */
async function start() {
  if (await read()) feed.start();
  else if (login.hidden) setTimeout(start, AGAIN_MS);
}

byId("login-retry").addEventListener("click", start);
start();
