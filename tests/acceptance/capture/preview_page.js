// A page that shows the stream in one of three ways, at the top left and in the size of the screen that is recorded.
// It lies over the real page's address, so that the product's own modules are what is measured.

import { PreviewAnswers } from "/live/preview_answers.js";
import { JpegView } from "/live/jpeg_view.js";
import { PICTURE, START, readRecords } from "/live/preview_records.js";
import { ServerClock } from "/live/server_clock.js";
import { VideoView } from "/live/video_view.js";
import * as api from "/api.js";

const LIVE = "/api/v1/capture/sessions/current/live.mp4";
const SESSION = "current";

/** Beyond this the player jumps to the live edge, below it a higher speed catches up; seconds. */
const JUMP = 0.3;
const CATCH_UP = 0.05;

/** @type {AbortController | null} */
let running = null;

const place = (element) => {
  Object.assign(element.style, { position: "fixed", top: 0, left: 0, width: "1920px", height: "1080px" });
  document.body.replaceChildren(element);
  return element;
};

const canvas = () => place(Object.assign(document.createElement("canvas"), { width: 1920, height: 1080 }));

/** "avc1.640028" out of an init segment. */
function codecOf(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf("avcC") + 5;
  return `avc1.${Array.from(bytes.subarray(at, at + 3), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** live.mp4 by Media Source Extensions, as near to the live edge as the player stays without stalling. */
async function mse(signal) {
  const video = place(Object.assign(document.createElement("video"), { muted: true, autoplay: true }));
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
  source.duration = Infinity;
  const response = await fetch(LIVE, { signal });
  const reader = response.body.getReader();
  let waiting = [];
  let buffer = null;
  const feed = () => {
    if (!buffer || buffer.updating || waiting.length === 0) return;
    const bytes = joined(waiting);
    waiting = [];
    buffer.appendBuffer(bytes);
  };
  const chase = () => {
    const { buffered } = video;
    if (buffered.length > 0) {
      const lag = buffered.end(buffered.length - 1) - video.currentTime;
      if (lag > JUMP) video.currentTime = buffered.end(buffered.length - 1) - 0.01;
      video.playbackRate = lag > CATCH_UP ? 1.1 : 1;
      if (video.paused) video.play().catch(() => {});
    }
    feed();
  };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    waiting.push(value);
    if (!buffer && joined(waiting).byteLength > 1000) {
      buffer = source.addSourceBuffer(`video/mp4; codecs="${codecOf(joined(waiting))}"`);
      buffer.addEventListener("updateend", chase);
    }
    feed();
  }
}

const ways = {
  webcodecs: (signal, onPicture) => new VideoView(canvas(), onPicture).run(SESSION, signal),
  jpeg: (signal, onPicture) => new JpegView(canvas(), onPicture).run(SESSION, signal),
  mse,
};

/** Shows the stream until `stop`. */
window.show = (way) => {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  ways[way](signal, () => {}).catch((error) => {
    if (!signal.aborted) window.fault = String(error);
  });
};

window.stop = () => {
  running?.abort();
  document.body.replaceChildren();
};

/** Milliseconds from the request to the first picture that is drawn. */
window.firstPicture = async () => {
  const begin = performance.now();
  const control = new AbortController();
  const first = new Promise((resolve) => {
    new VideoView(canvas(), () => resolve(performance.now() - begin))
      .run(SESSION, control.signal)
      .catch((error) => resolve(`${error}`));
  });
  const took = await first;
  control.abort();
  return took;
};

/** Reads one picture each `everyMs` and acknowledges it; answers the ages of what it gets, in milliseconds. */
window.readSlowly = async (everyMs, seconds) => {
  const control = new AbortController();
  const clock = new ServerClock();
  const ages = [];
  const begin = performance.now();
  let answers = null;
  let dropped = 0;
  for await (const record of readRecords(await api.previewStream(SESSION, control.signal))) {
    if (record.kind === START) answers = new PreviewAnswers(JSON.parse(new TextDecoder().decode(record.payload)).preview_id);
    if (record.kind !== PICTURE) continue;
    clock.arrived(record.sentMs);
    ages.push(clock.ageMs(record.captureMs));
    answers.handled(record.sequence, record.key);
    dropped = record.dropped;
    if (performance.now() - begin > 1000 * seconds) break;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  control.abort();
  return { ages, dropped };
};

window.ready = true;
