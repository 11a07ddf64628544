// The parts of the live picture that need no browser.

import assert from "node:assert/strict";
import test from "node:test";

import { PreviewAnswers } from "../../../server/gateway/web/live/preview_answers.js";
import { ERROR, PICTURE, START, readRecords } from "../../../server/gateway/web/live/preview_records.js";
import { ServerClock } from "../../../server/gateway/web/live/server_clock.js";

/** A record as the gateway writes it, with a longer header when asked: a later version may have one. */
function record(kind, payload, { key = false, numbers = [0, 0, 0, 0, 0, 0], headerBytes = 56 } = {}) {
  const bytes = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint8(1, key ? 1 : 0);
  view.setUint16(2, headerBytes);
  view.setUint32(4, payload.length);
  numbers.forEach((number, index) => view.setBigInt64(8 + 8 * index, BigInt(number)));
  bytes.set(payload, headerBytes);
  return bytes;
}

function inPieces(bytes, size) {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

const large = new Uint8Array(300_000).map((_, index) => index % 251);
const film = Buffer.concat([
  record(START, new TextEncoder().encode('{"preview_id":"p"}')),
  record(PICTURE, large, { key: true, numbers: [7, 33_000_000, 1_000_000, 2_000_000, 2 ** 52, 4] }),
  record(PICTURE, new Uint8Array([1, 2, 3]), { headerBytes: 72 }),
  record(ERROR, new Uint8Array(0)),
]);

for (const size of [1009, 56, film.length, 65_536]) {
  test(`records are whole in pieces of ${size} bytes`, async () => {
    const found = [];
    for await (const each of readRecords(inPieces(film, size))) found.push(each);
    assert.deepEqual(found.map(({ kind }) => kind), [START, PICTURE, PICTURE, ERROR]);
    const [start, key, next] = found;
    assert.equal(new TextDecoder().decode(start.payload), '{"preview_id":"p"}');
    assert.equal(key.key, true);
    assert.deepEqual(
      [key.sequence, key.pts, key.captureMs, key.readyMs, key.sentMs, key.dropped],
      [7, 33_000, 1, 2, 2 ** 52 / 1e6, 4],
    );
    assert.deepEqual(key.payload, large);
    assert.deepEqual([next.key, [...next.payload]], [false, [1, 2, 3]]);
  });
}

test("who stops reading ends the stream", async () => {
  let ended = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(record(PICTURE, new Uint8Array(1))),
    cancel: () => {
      ended = true;
    },
  });
  for await (const _ of readRecords(stream)) break;
  assert.equal(ended, true);
});

/** Notes what is posted; each call is answered when `answer` is called. */
function withServer(t) {
  const calls = [];
  const open = [];
  t.mock.method(globalThis, "fetch", (path, { body }) => {
    calls.push([path.split(":").pop(), JSON.parse(body)]);
    return new Promise((resolve) => open.push(() => resolve(new Response("{}"))));
  });
  const answer = async () => {
    open.shift()();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { calls, answer };
}

test("each third picture and every keyframe is acknowledged", async (t) => {
  const { calls, answer } = withServer(t);
  const answers = new PreviewAnswers("p");
  answers.handled(1, true);
  assert.deepEqual(calls, [["ack", { sequence: 1 }]]);
  await answer();
  answers.handled(2, false);
  answers.handled(3, false);
  assert.equal(calls.length, 1);
  answers.handled(4, false);
  assert.deepEqual(calls[1], ["ack", { sequence: 4 }]);
  await answer();
});

test("what is handled while an acknowledgement is on its way goes with the next", async (t) => {
  const { calls, answer } = withServer(t);
  const answers = new PreviewAnswers("p");
  answers.handled(1, true);
  for (let sequence = 2; sequence <= 9; sequence += 1) answers.handled(sequence, false);
  assert.equal(calls.length, 1);
  await answer();
  assert.deepEqual(calls[1], ["ack", { sequence: 9 }]);
  await answer();
  assert.equal(calls.length, 2);
});

test("a keyframe is asked for at most four times a second", async (t) => {
  let now = 1000;
  t.mock.method(performance, "now", () => now);
  const { calls } = withServer(t);
  const answers = new PreviewAnswers("p");
  for (; now < 2000; now += 10) answers.needKeyframe();
  assert.deepEqual(calls.map(([name]) => name), Array(4).fill("requestKeyframe"));
});

test("ages count from the quickest record", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const clock = new ServerClock();
  now = 130;
  clock.arrived(10_100); // 30 ms on its way, if the clocks were 10 000 apart
  now = 205;
  clock.arrived(10_200); // 5 ms
  now = 300;
  assert.equal(clock.ageMs(10_200), 95);
});
