// Downloads from a server that breaks connections and changes files.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { DownloadProgress } from "@clipshot/client";
import { downloaded } from "#client/download";

const CHUNK = 64 * 1024;
const CONTENT = randomBytes(5 * CHUNK + 17);

let content: Buffer, etag: string, ranges: string[], received: number;
/** Bytes after which each answer in turn breaks, once the client has what was sent. */
let breakAfter: number[];
let folder: string, target: string;
const server = createServer(answer);

function answer(request: IncomingMessage, response: ServerResponse): void {
  const range = request.headers.range ?? "";
  const begin = range !== "" && request.headers["if-range"] === etag ? Number(/\d+/.exec(range)?.[0]) : 0;
  response.writeHead(begin > 0 ? 206 : 200, { ETag: etag, "Content-Length": content.length - begin });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  ranges.push(range);
  const end = begin + (breakAfter.shift() ?? content.length);
  response.write(content.subarray(begin, end));
  if (end >= content.length) {
    response.end();
    return;
  }
  const timer = setInterval(() => {
    if (received >= end) {
      clearInterval(timer);
      response.destroy();
    }
  }, 5);
}

async function fetchAll(stopAt = Infinity): Promise<DownloadProgress[]> {
  const link = () => Promise.resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/file`);
  const told: DownloadProgress[] = [];
  for await (const step of downloaded(link, target)) {
    told.push(step);
    received = step.received;
    if (received >= stopAt) {
      break;
    }
  }
  return told;
}

beforeEach(async () => {
  [content, etag, ranges, received, breakAfter] = [CONTENT, '"one"', [], 0, []];
  folder = await mkdtemp(join(tmpdir(), "clipshot-"));
  target = join(folder, "clip.mp4");
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rm(folder, { recursive: true });
});

test("a broken connection goes on where it was", async () => {
  breakAfter = [2 * CHUNK, CHUNK];
  const told = await fetchAll();
  assert.deepEqual(await readFile(target), CONTENT);
  assert.deepEqual(await readdir(folder), ["clip.mp4"]);
  assert.deepEqual(ranges, ["", `bytes=${2 * CHUNK}-`, `bytes=${3 * CHUNK}-`]);
  assert.deepEqual(told.at(-1), { path: target, received: CONTENT.length, total: CONTENT.length });
});

test("another run goes on too", async () => {
  await fetchAll(2 * CHUNK);
  await assert.rejects(readFile(target));
  const told = await fetchAll();
  assert.ok((told[0]?.received ?? 0) >= 2 * CHUNK);
  assert.deepEqual(await readFile(target), CONTENT);
});

test("a changed file is fetched from its start", async () => {
  await fetchAll(2 * CHUNK);
  [content, etag] = [Buffer.from(CONTENT).reverse(), '"two"'];
  const told = await fetchAll();
  assert.equal(told[0]?.received, 0);
  assert.deepEqual(await readFile(target), content);
});
