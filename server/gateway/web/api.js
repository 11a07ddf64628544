// The REST API, with the login cookie of this page.

import { ApiError } from "./api_error.js";

export { ApiError };

/** @import {Clip, ClipPage, Marker, Operation, ReplayBuffer, Screenshot, Session} from "./resources.d.ts" */

const PREFIX = "/api/v1";

/**
 * @param {string} method
 * @param {string} path below PREFIX
 * @param {unknown} [body] becomes JSON
 * @param {AbortSignal} [signal]
 */
async function call(method, path, body, signal) {
  /** @type {RequestInit} */
  const init = { method, credentials: "same-origin" };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(PREFIX + path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server does not answer.", "", "Start it with clipshot serve.");
  }
  if (!response.ok) throw await ApiError.of(response);
  return response;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>} the resource; each caller says which
 */
async function callJson(method, path, body) {
  const response = await call(method, path, body);
  return response.status === 204 ? null : response.json();
}

/** A UUID that makes a call safe to repeat. `crypto.randomUUID` exists on secure origins only. */
function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (/** @type {number} */ (bytes[6]) & 0x0f) | 0x40;
  bytes[8] = (/** @type {number} */ (bytes[8]) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {string} clipId */
const clipPath = (clipId) => `/clips/${encodeURIComponent(clipId)}`;
/** @param {string} sessionId */
const sessionPath = (sessionId) => `/capture/sessions/${encodeURIComponent(sessionId)}`;
/** @param {string} previewId */
const previewPath = (previewId) => `/capture/previews/${encodeURIComponent(previewId)}`;

export const EVENTS_URL = `${PREFIX}/system/events`;

/**
 * Sessions that capture now, newest first.
 *
 * @returns {Promise<Session[]>}
 */
export async function liveSessions() {
  const answer = await callJson("GET", "/capture/sessions?states=starting&states=active&states=paused&states=stopping");
  return answer.sessions;
}

/**
 * @param {string} sessionId
 * @returns {Promise<ReplayBuffer>}
 */
export const replayBuffer = (sessionId) => callJson("GET", `${sessionPath(sessionId)}/replay`);

/**
 * One JPEG of now.
 *
 * @param {string} sessionId
 * @param {number} maxWidth
 * @param {AbortSignal} signal
 */
export async function previewFrame(sessionId, maxWidth, signal) {
  const response = await call("GET", `${sessionPath(sessionId)}/preview?max_width=${maxWidth}`, undefined, signal);
  return response.blob();
}

/**
 * The live preview, as records; all viewers of half the session's size share one encoder.
 *
 * @param {string} sessionId
 * @param {AbortSignal} signal
 */
export async function previewStream(sessionId, signal) {
  const response = await call("GET", `${sessionPath(sessionId)}/preview.h264?acknowledge=true`, undefined, signal);
  return /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body);
}

/**
 * @param {string} previewId
 * @param {number} sequence the newest picture that is dealt with
 */
export const ackPreview = (previewId, sequence) => callJson("POST", `${previewPath(previewId)}:ack`, { sequence });

/** @param {string} previewId */
export const requestKeyframe = (previewId) => callJson("POST", `${previewPath(previewId)}:requestKeyframe`, {});

/**
 * Answers at once with the operation; events tell how it goes on.
 *
 * @param {number} seconds
 * @returns {Promise<Operation>}
 */
export const saveReplay = (seconds) =>
  callJson("POST", `${sessionPath("current")}:saveReplay`, {
    duration: `${seconds}s`,
    no_wait: true,
    request_id: requestId(),
  });

/**
 * @param {"record" | "replay"} mode
 * @param {string} [sourceId] empty is the primary monitor
 * @returns {Promise<Session>}
 */
export const startSession = (mode, sourceId = "") =>
  callJson("POST", "/capture/sessions", { mode, source_id: sourceId, request_id: requestId() });

/**
 * @param {string} sessionId
 * @param {"recording" | "replay"} what
 * @returns {Promise<Session>}
 */
export const stopSession = (sessionId, what) =>
  callJson("POST", `${sessionPath(sessionId)}:stop`, { what, request_id: requestId() });

/**
 * @param {string} sessionId
 * @returns {Promise<Session>}
 */
export const pauseRecording = (sessionId) =>
  callJson("POST", `${sessionPath(sessionId)}:pause`, { request_id: requestId() });

/**
 * @param {string} sessionId
 * @returns {Promise<Session>}
 */
export const resumeRecording = (sessionId) =>
  callJson("POST", `${sessionPath(sessionId)}:resume`, { request_id: requestId() });

/**
 * @param {string} sessionId
 * @returns {Promise<Session>}
 */
export const splitRecording = (sessionId) =>
  callJson("POST", `${sessionPath(sessionId)}:split`, { request_id: requestId() });

/**
 * Saves a picture of now in the clips folder.
 *
 * @param {string} sessionId
 * @returns {Promise<Screenshot>}
 */
export const takeScreenshot = (sessionId) =>
  callJson("POST", "/capture/screenshots", { session_id: sessionId, format: "png", save: true, request_id: requestId() });

/**
 * @param {string} sessionId
 * @returns {Promise<Marker>}
 */
export const markNow = (sessionId) =>
  callJson("POST", `${sessionPath(sessionId)}/markers`, { request_id: requestId() });

/**
 * @param {string} sessionId
 * @param {number} track
 * @param {{muted?: boolean, gain_db?: number}} change
 * @returns {Promise<Session>}
 */
export const updateAudioTrack = (sessionId, track, change) =>
  callJson("PATCH", `${sessionPath(sessionId)}/audio/${track}`, { ...change, request_id: requestId() });

/**
 * @param {string} operationId
 * @returns {Promise<Operation>}
 */
export const operation = (operationId) => callJson("GET", `/operations/${encodeURIComponent(operationId)}`);

/** @returns {Promise<ClipPage>} */
export const clips = (pageToken = "") =>
  callJson("GET", `/clips?page_size=24&page_token=${encodeURIComponent(pageToken)}`);

/**
 * @param {string} clipId
 * @returns {Promise<Clip>}
 */
export const clip = (clipId) => callJson("GET", clipPath(clipId));

/**
 * @param {string} clipId
 * @param {boolean} favourite
 * @returns {Promise<Clip>}
 */
export const setFavourite = (clipId, favourite) => callJson("PATCH", clipPath(clipId), { favourite });

/** @param {string} clipId */
export const deleteClip = (clipId) => callJson("DELETE", clipPath(clipId));

/**
 * @param {string} clipId
 * @returns {Promise<Clip>}
 */
export const undeleteClip = (clipId) => callJson("POST", `${clipPath(clipId)}:undelete`, {});
