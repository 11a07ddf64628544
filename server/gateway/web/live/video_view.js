// The live preview: a stream of H.264 pictures, decoded by WebCodecs and drawn as soon as they are there.

import * as api from "../api.js";
import { PreviewAnswers } from "./preview_answers.js";
import { ERROR, PICTURE, START, readRecords } from "./preview_records.js";
import { ServerClock } from "./server_clock.js";

const MOST_QUEUED = 4;
const LONGEST_WAY_MS = 300;

/** @typedef {import("./preview_records.js").PreviewRecord} PreviewRecord */

/** This browser, or this stream, cannot be decoded; the JPEG view shows it. */
export class UndecodableError extends Error {}

/** Whether this browser has WebCodecs: only on secure origins, which localhost is. */
export const canDecode = () => "VideoDecoder" in window;

/**
 * Draws the preview of one session. Always reads on; of the decoded pictures draws only the newest at each refresh of the
 * screen. When too many wait for the decoder, or they arrive late, it passes over them to a keyframe, which it asks for.
 */
export class VideoView {
  #canvas;
  #context;
  #onPicture;
  #clock = new ServerClock();
  /** @type {PreviewAnswers | null} */
  #answers = null;
  /** @type {VideoDecoder | null} */
  #decoder = null;
  /** @type {Map<number, PreviewRecord>} records that the decoder has, by their time */
  #decoding = new Map();
  /** @type {VideoFrame | null} the newest decoded picture, not drawn yet */
  #newest = null;
  /** @type {Error | null} */
  #failure = null;
  #needsKey = true;
  #refresh = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(record: PreviewRecord) => void} onPicture called for each picture drawn
   */
  constructor(canvas, onPicture) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#onPicture = onPicture;
  }

  /**
   * Shows the session until the signal says stop or the stream ends.
   *
   * @param {string} sessionId
   * @param {AbortSignal} signal
   * @throws {UndecodableError | api.ApiError}
   */
  async run(sessionId, signal) {
    try {
      const body = await api.previewStream(sessionId, signal);
      for await (const record of readRecords(body)) {
        if (this.#failure) throw this.#failure;
        await this.#take(record);
      }
    } finally {
      this.#close();
    }
  }

  /** @param {PreviewRecord} record */
  async #take(record) {
    if (record.kind === PICTURE) this.#decode(record);
    else if (record.kind === START) await this.#start(JSON.parse(new TextDecoder().decode(record.payload)));
    else if (record.kind === ERROR) throw api.ApiError.ofStatus(0, JSON.parse(new TextDecoder().decode(record.payload)));
  }

  /** @param {{preview_id: string, codec: string, width: number, height: number}} facts */
  async #start({ preview_id: previewId, codec, width, height }) {
    const config = { codec, codedWidth: width, codedHeight: height, optimizeForLatency: true };
    const { supported } = await VideoDecoder.isConfigSupported(config);
    if (!supported) throw new UndecodableError(`This browser does not decode ${codec}.`);
    this.#answers = new PreviewAnswers(previewId);
    this.#decoder = new VideoDecoder({
      output: (frame) => this.#decoded(frame),
      error: (error) => {
        this.#failure = new UndecodableError(error.message);
      },
    });
    this.#decoder.configure(config);
  }

  /** @param {PreviewRecord} record */
  #decode(record) {
    const decoder = this.#decoder;
    if (decoder?.state !== "configured") return;
    this.#clock.arrived(record.sentMs);
    // Counted from the sending: where the server itself is slow, passing over pictures would not make them younger.
    const late = decoder.decodeQueueSize > MOST_QUEUED || this.#clock.ageMs(record.sentMs) > LONGEST_WAY_MS;
    if (record.key) this.#needsKey = false;
    else if (late) this.#needsKey = true;
    if (this.#needsKey) {
      this.#answers?.handled(record.sequence, false);
      this.#answers?.needKeyframe();
      return;
    }
    this.#decoding.set(record.pts, record);
    const type = record.key ? "key" : "delta";
    decoder.decode(new EncodedVideoChunk({ type, timestamp: record.pts, data: record.payload }));
  }

  /** @param {VideoFrame} frame */
  #decoded(frame) {
    const record = this.#decoding.get(frame.timestamp);
    if (record) this.#answers?.handled(record.sequence, record.key);
    for (const pts of this.#decoding.keys()) {
      if (pts < frame.timestamp) this.#decoding.delete(pts); // a decoder may leave pictures out
    }
    this.#newest?.close();
    this.#newest = frame;
    if (this.#refresh === 0) this.#refresh = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#refresh = 0;
    const frame = this.#newest;
    if (!frame) return;
    this.#newest = null;
    const canvas = this.#canvas;
    if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) {
      canvas.width = frame.displayWidth;
      canvas.height = frame.displayHeight;
    }
    this.#context.drawImage(frame, 0, 0);
    const record = this.#decoding.get(frame.timestamp);
    frame.close();
    if (record) this.#onPicture(record);
  }

  #close() {
    cancelAnimationFrame(this.#refresh);
    this.#newest?.close();
    this.#newest = null;
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }
}
