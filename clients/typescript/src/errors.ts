import { Code, ConnectError } from "@connectrpc/connect";
import type { Status } from "./gen/google/rpc/status_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { anyUnpack } from "@bufbuild/protobuf/wkt";

/** One field of a request that the server refuses. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** What is known about a failure. */
export interface Failure {
  /** What is wrong, for people. */
  readonly message: string;
  /** The server's word for programs, e.g. `CLIP_NOT_FOUND`; the gRPC code's name where it gave none. */
  readonly reason: string;
  /** Facts that belong to the reason, e.g. `resource_id`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What to do about it, for people. */
  readonly remedy?: string;
  /** Fields that are wrong. */
  readonly violations?: readonly Violation[];
}

/** A call or an operation failed. */
export class ClipShotError extends Error {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What to do about it, for people; may be empty. */
  readonly remedy: string;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = new.target.name;
    this.reason = failure.reason;
    this.metadata = failure.metadata ?? {};
    this.remedy = failure.remedy ?? this.metadata["remedy"] ?? "";
  }

  override toString(): string {
    return `${this.name}: ${this.message} [${this.reason}]${this.remedy ? `; ${this.remedy}` : ""}`;
  }
}

/** The request is wrong. */
export class InvalidArgumentError extends ClipShotError {
  readonly violations: readonly Violation[];

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure, options);
    this.violations = failure.violations ?? [];
  }
}

/** The key is missing or wrong. */
export class UnauthenticatedError extends ClipShotError {}
/** The caller may not do this. */
export class PermissionDeniedError extends ClipShotError {}
/** What the request names does not exist. */
export class NotFoundError extends ClipShotError {}
/** What the request would make exists already. */
export class AlreadyExistsError extends ClipShotError {}
/** It cannot be done as things stand, e.g. no replay buffer runs. */
export class PreconditionError extends ClipShotError {}
/** Somebody else changed it in the meantime: read it again, then repeat. */
export class ConflictError extends ClipShotError {}
/** Too much at once, or no room. */
export class ResourceExhaustedError extends ClipShotError {}
/** The work was stopped on request. */
export class CancelledError extends ClipShotError {}
/** No answer within the call's time. */
export class DeadlineExceededError extends ClipShotError {}
/** The server does not answer. Events, tracked operations, lists and downloads wait for it to come back. */
export class UnavailableError extends ClipShotError {}
/** The server is of a version that does not know the call. */
export class UnimplementedError extends ClipShotError {}
/** A fault of the server; its log says more. */
export class InternalError extends ClipShotError {}

const KINDS: Readonly<Record<number, new (failure: Failure, options?: ErrorOptions) => ClipShotError>> = {
  [Code.Canceled]: CancelledError,
  [Code.InvalidArgument]: InvalidArgumentError,
  [Code.DeadlineExceeded]: DeadlineExceededError,
  [Code.NotFound]: NotFoundError,
  [Code.AlreadyExists]: AlreadyExistsError,
  [Code.PermissionDenied]: PermissionDeniedError,
  [Code.ResourceExhausted]: ResourceExhaustedError,
  [Code.FailedPrecondition]: PreconditionError,
  [Code.Aborted]: ConflictError,
  [Code.OutOfRange]: InvalidArgumentError,
  [Code.Unimplemented]: UnimplementedError,
  [Code.Unavailable]: UnavailableError,
  [Code.Unauthenticated]: UnauthenticatedError,
};

/** The error of a gRPC code. */
export function errorOf(code: number, failure: Failure, options?: ErrorOptions): ClipShotError {
  return new (KINDS[code] ?? InternalError)(failure, options);
}

/** What connect-node makes of a connection that is refused, reset or cut in the middle of a message. */
const BROKEN = new Set([Code.Unavailable, Code.Aborted, Code.Canceled, Code.InvalidArgument]);

/**
 * Our error for whatever a call threw.
 *
 * Every error of the server carries an ErrorInfo; one without was made by the library, mostly of a broken connection.
 *
 * @param aborted The caller has aborted the call itself.
 */
export function errorOfCall(thrown: unknown, aborted: boolean): ClipShotError {
  if (thrown instanceof ClipShotError) {
    return thrown;
  }
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema)[0];
  if (info === undefined && !aborted && BROKEN.has(error.code)) {
    const message = `the server does not answer: ${error.rawMessage}`;
    return new UnavailableError({ message, reason: "UNAVAILABLE" }, { cause: thrown });
  }
  const violations = error.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations);
  const reason = info?.reason || nameOf(error.code);
  const failure = { message: error.rawMessage, reason, metadata: info?.metadata ?? {}, violations };
  return errorOf(error.code, failure, { cause: thrown });
}

/** The error that a google.rpc.Status means. */
export function errorOfStatus(status: Status): ClipShotError {
  const info = status.details.map((detail) => anyUnpack(detail, ErrorInfoSchema)).find((found) => found !== undefined);
  const reason = info?.reason || nameOf(status.code);
  return errorOf(status.code, { message: status.message, reason, metadata: info?.metadata ?? {} });
}

/** The error that an HTTP answer means: a google.rpc.Status as JSON, unless somebody else than the server answered. */
export function errorOfAnswer(status: number, body: string): ClipShotError {
  const told = parsed(body);
  if (told === undefined) {
    const kind = status >= 500 ? UnavailableError : ClipShotError;
    return new kind({ message: `HTTP status ${status}`, reason: `HTTP_${status}` });
  }
  const info = told.details?.find((detail) => detail["@type"]?.endsWith("/google.rpc.ErrorInfo"));
  const reason = info?.reason ?? nameOf(told.code);
  return errorOf(told.code, { message: told.message, reason, metadata: info?.metadata ?? {} });
}

interface StatusJson {
  code: number;
  message: string;
  details?: { "@type"?: string; reason?: string; metadata?: Record<string, string> }[];
}

function parsed(body: string): StatusJson | undefined {
  try {
    const told = JSON.parse(body) as StatusJson;
    return typeof told.code === "number" ? told : undefined;
  } catch {
    return undefined;
  }
}

/** A code's name as gRPC writes it, e.g. `NOT_FOUND`. */
function nameOf(code: number): string {
  const name = Code[code] ?? "Unknown";
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
