import { setTimeout as sleep } from "node:timers/promises";
import { FIRST_WAIT_MS } from "./backoff.js";
import { CancelledError, errorOfStatus, InternalError, UnavailableError } from "./errors.js";
import { type Operation, Operation_State } from "./gen/clipshot/operations/v1/operation_pb.js";
import { type Begin, reached } from "./streams.js";

/**
 * The operation now and after each change until it has ended, across broken connections.
 *
 * @throws ClipShotError It failed or was cancelled; its last state is told before.
 */
export async function* tracked(watch: Begin<Operation>): AsyncGenerator<Operation, void, void> {
  for (;;) {
    const ended = yield* untilEnded(watch);
    if (ended !== undefined) {
      return throwIfFailed(ended);
    }
    await sleep(FIRST_WAIT_MS);
  }
}

/** The changes that one stream tells; answers the ended operation, or nothing when the stream broke before. */
async function* untilEnded(watch: Begin<Operation>): AsyncGenerator<Operation, Operation | undefined, void> {
  try {
    for await (const operation of reached(watch)) {
      yield operation;
      if (ENDED.has(operation.state)) {
        return operation;
      }
    }
  } catch (error) {
    if (!(error instanceof UnavailableError)) {
      throw error;
    }
  }
  return undefined;
}

const ENDED = new Set([Operation_State.SUCCEEDED, Operation_State.FAILED, Operation_State.CANCELLED]);

function throwIfFailed(operation: Operation): void {
  const id = operation.operationId;
  if (operation.state === Operation_State.CANCELLED) {
    throw new CancelledError({ message: `${id} was cancelled`, reason: "CANCELLED" });
  }
  if (operation.state === Operation_State.FAILED) {
    throw operation.error === undefined
      ? new InternalError({ message: `${id} failed`, reason: "UNKNOWN" })
      : errorOfStatus(operation.error);
  }
}
