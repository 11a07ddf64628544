export { Client, connect } from "./client.js";
export type { DownloadProgress } from "./download.js";
export {
  AlreadyExistsError,
  CancelledError,
  ClipShotError,
  ConflictError,
  DeadlineExceededError,
  InternalError,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionError,
  ResourceExhaustedError,
  UnauthenticatedError,
  UnavailableError,
  UnimplementedError,
  type Violation,
} from "./errors.js";
export { Gap } from "./events.js";
export type { Services } from "./services.js";
export { Steps } from "./steps.js";
export type { ConnectOptions } from "./whereabouts.js";
