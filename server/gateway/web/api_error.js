/** An answer that is no success; `reason` is the server's word for programs, `remedy` what a person can do. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status; 0 when nobody answered
   * @param {string} message
   * @param {string} [reason]
   * @param {string} [remedy]
   */
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

  /** The server was there and failed. */
  get serverFault() {
    return this.status >= 500 && !this.unreachable;
  }

  /** Nobody answered, or only somebody in between. */
  get unreachable() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** @param {Response} response */
  static async of(response) {
    /** @type {import("./resources.d.ts").Status} */
    let status = {};
    try {
      status = await response.json();
    } catch {
      // Not from the API; the HTTP status has to do.
    }
    return ApiError.ofStatus(response.status, status);
  }

  /**
   * @param {number} code HTTP status
   * @param {import("./resources.d.ts").Status} status a google.rpc.Status
   */
  static ofStatus(code, status) {
    const details = Array.isArray(status.details) ? status.details : [];
    const info = details.find((each) => each["@type"].endsWith("/google.rpc.ErrorInfo"));
    return new ApiError(code, status.message || `The server answered ${code}.`, info?.reason, info?.metadata?.remedy);
  }
}
