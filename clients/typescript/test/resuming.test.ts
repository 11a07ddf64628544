// How streams that break are taken up again, told by streams that break on purpose.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { UnavailableError, NotFoundError, Gap, Steps } from "@clipshot/client";
import { SubscribeResponseSchema, type SubscribeResponse } from "@clipshot/client/events";
import { OperationSchema, type Operation, Operation_State } from "@clipshot/client/operations";
import { resumed } from "#client/events";
import { tracked } from "#client/tracking";

const BROKEN = new UnavailableError({ message: "broken", reason: "BROKEN" });

/** Answers each call with the next of its scripts; an error in a script breaks the stream there. */
class Server<T> {
  readonly asked: string[] = [];
  private readonly scripts: (T | Error)[][];

  constructor(...scripts: (T | Error)[][]) {
    this.scripts = scripts;
  }

  readonly stream = async function* (this: Server<T>, after = ""): AsyncGenerator<T, void, void> {
    this.asked.push(after);
    for (const step of this.scripts.shift() ?? []) {
      if (step instanceof Error) {
        throw step;
      }
      yield step;
    }
  }.bind(this);
}

function hello(position: string): SubscribeResponse {
  return create(SubscribeResponseSchema, { position });
}

function batch(...ids: string[]): SubscribeResponse {
  return create(SubscribeResponseSchema, { events: ids.map((eventId) => ({ eventId })) });
}

async function taken(server: Server<SubscribeResponse>, count: number, after = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const event of resumed(server.stream, after)) {
    found.push(event instanceof Gap ? "gap" : event.eventId);
    if (found.length === count) {
      break;
    }
  }
  return found;
}

test("each stream goes on after the last event of the one before", async () => {
  const server = new Server<SubscribeResponse>(
    [hello("e-0"), batch("e-1", "e-2"), BROKEN],
    [BROKEN],
    [hello("e-2"), batch("e-3"), batch()],
    [hello("e-3"), batch("e-4")],
  );
  assert.deepEqual(await taken(server, 4, "e-0"), ["e-1", "e-2", "e-3", "e-4"]);
  assert.deepEqual(server.asked, ["e-0", "e-2", "e-2", "e-3"]);
});

test("a stream without an event yet goes on at its greeting", async () => {
  const server = new Server<SubscribeResponse>([hello("e-7"), BROKEN], [hello("e-7"), batch("e-8")]);
  assert.deepEqual(await taken(server, 1), ["e-8"]);
  assert.deepEqual(server.asked, ["", "e-7"]);
});

test("events without a number do not move the position", async () => {
  const server = new Server<SubscribeResponse>([hello("e-0"), batch("e-1", ""), BROKEN], [hello("e-1"), batch("e-2")]);
  assert.deepEqual(await taken(server, 3), ["e-1", "", "e-2"]);
  assert.deepEqual(server.asked, ["", "e-1"]);
});

test("a gap comes before the events after it", async () => {
  const gap = { afterEventId: "e-1", nextEventId: "e-5", missed: 3n };
  const after = create(SubscribeResponseSchema, { gap, events: [{ eventId: "e-5" }] });
  const server = new Server<SubscribeResponse>([hello("e-1"), after]);
  assert.deepEqual(await taken(server, 2, "e-1"), ["gap", "e-5"]);
});

test("a refusal is not waited for", async () => {
  const server = new Server<SubscribeResponse>([hello("e-0"), BROKEN], [new NotFoundError({ message: "gone", reason: "GONE" })]);
  await assert.rejects(taken(server, 1), NotFoundError);
});

function state(stage: string, ended?: Operation_State): Operation {
  return create(OperationSchema, { stage, state: ended ?? Operation_State.RUNNING });
}

test("an operation is tracked across broken streams", async () => {
  const server = new Server<Operation>(
    [state("half"), BROKEN],
    [BROKEN],
    [state("more"), state("all", Operation_State.SUCCEEDED)],
  );
  const stages: string[] = [];
  for await (const { stage } of new Steps(() => tracked(() => server.stream()))) {
    stages.push(stage);
  }
  assert.deepEqual(stages, ["half", "more", "all"]);
});

test("a failed operation tells its last state and throws, also where the failure is that something was away", async () => {
  const failed = create(OperationSchema, {
    state: Operation_State.FAILED,
    error: { code: 14, message: "the worker died" },
  });
  const steps = new Steps(() => tracked(() => new Server<Operation>([failed]).stream()))[Symbol.asyncIterator]();
  assert.equal((await steps.next()).value?.state, Operation_State.FAILED);
  await assert.rejects(steps.next(), /the worker died/);
});
