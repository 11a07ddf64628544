import { setTimeout as sleep } from "node:timers/promises";
import { FIRST_WAIT_MS } from "./backoff.js";
import { UnavailableError } from "./errors.js";
import type { SubscribeResponse } from "./gen/clipshot/events/v1/event_service_pb.js";
import type { Event } from "./gen/clipshot/events/v1/event_pb.js";
import { reached } from "./streams.js";

/** Events that are not to be had any more: they are older than what the server keeps. */
export class Gap {
  constructor(
    /** Id of the last event before the gap; empty when nothing came before. */
    readonly afterEventId: string,
    /** Id of the first event after the gap. */
    readonly nextEventId: string,
    /** Number of events left out; 0 when unknown. */
    readonly missed: bigint,
  ) {}
}

/**
 * Events, from one stream after the other, each going on where the one before broke off; without an end.
 *
 * @param subscribe Opens a stream of the events after an id; empty: from now on.
 * @throws ClipShotError The server refuses the subscription; only that it is unavailable is waited for.
 */
export async function* resumed(
  subscribe: (after: string, signal: AbortSignal) => AsyncIterable<SubscribeResponse>,
  after: string,
): AsyncGenerator<Event | Gap, never, void> {
  let position = after;
  for (;;) {
    try {
      for await (const batch of reached((signal) => subscribe(position, signal))) {
        if (batch.gap !== undefined) {
          yield new Gap(batch.gap.afterEventId, batch.gap.nextEventId, batch.gap.missed);
        }
        for (const event of batch.events) {
          position = event.eventId || position;
          yield event;
        }
        position = batch.position || position;
      }
    } catch (error) {
      if (!(error instanceof UnavailableError)) {
        throw error;
      }
    }
    await sleep(FIRST_WAIT_MS);
  }
}
