// The REST API, with the login cookie of this page.

const PREFIX = "/api/v1";

/** An answer that is no success; `reason` is the server's word for programs, `remedy` what a person can do. */
export class ApiError extends Error {
  constructor(status, message, reason = "", remedy = "") {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.reason = reason;
    this.remedy = remedy;
  }

  get loggedOut() {
    return this.status === 401;
  }

  /** Nobody answered, or only somebody in between. */
  get unreachable() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  static async of(response) {
    let status = {};
    try {
      status = await response.json();
    } catch {
      // Not from the API; the HTTP status has to do.
    }
    const details = Array.isArray(status.details) ? status.details : [];
    const info = details.find((each) => String(each["@type"]).endsWith("/google.rpc.ErrorInfo")) ?? {};
    return new ApiError(
      response.status,
      status.message || `The server answered ${response.status}.`,
      info.reason,
      info.metadata?.remedy,
    );
  }
}

async function call(method, path, body, signal) {
  const init = { method, signal, credentials: "same-origin", headers: {} };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(PREFIX + path, init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The server does not answer.", "", "Start it with clipshot serve.");
  }
  if (!response.ok) throw await ApiError.of(response);
  return response;
}

async function callJson(method, path, body) {
  const response = await call(method, path, body);
  return response.status === 204 ? null : response.json();
}

/** A UUID that makes a call safe to repeat. `crypto.randomUUID` exists on secure origins only. */
function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const clipPath = (clipId) => `/clips/${encodeURIComponent(clipId)}`;
const sessionPath = (sessionId) => `/capture/sessions/${encodeURIComponent(sessionId)}`;

export const EVENTS_URL = `${PREFIX}/system/events?include_high_volume=true`;

/** Sessions that capture now, newest first. */
export async function liveSessions() {
  const answer = await callJson("GET", "/capture/sessions?states=starting&states=active&states=stopping");
  return answer.sessions;
}

export const replayBuffer = () => callJson("GET", `${sessionPath("current")}/replay`);

export async function previewFrame(maxWidth, signal) {
  const response = await call("GET", `${sessionPath("current")}/preview?max_width=${maxWidth}`, undefined, signal);
  return response.blob();
}

/** Answers at once with the operation; events tell how it goes on. */
export const saveReplay = (seconds) =>
  callJson("POST", `${sessionPath("current")}:saveReplay`, {
    duration: `${seconds}s`,
    no_wait: true,
    request_id: requestId(),
  });

/** `mode` is `record` or `replay`; an empty source is the primary monitor. */
export const startSession = (mode, sourceId = "") =>
  callJson("POST", "/capture/sessions", { mode, source_id: sourceId, request_id: requestId() });

export const stopRecording = (sessionId) =>
  callJson("POST", `${sessionPath(sessionId)}:stop`, { what: "recording", request_id: requestId() });

export const operation = (operationId) => callJson("GET", `/operations/${encodeURIComponent(operationId)}`);

export const clips = (pageToken = "") =>
  callJson("GET", `/clips?page_size=24&page_token=${encodeURIComponent(pageToken)}`);

export const clip = (clipId) => callJson("GET", clipPath(clipId));

export const setFavourite = (clipId, favourite) => callJson("PATCH", clipPath(clipId), { favourite });

export const deleteClip = (clipId) => callJson("DELETE", clipPath(clipId));

export const undeleteClip = (clipId) => callJson("POST", `${clipPath(clipId)}:undelete`, {});
