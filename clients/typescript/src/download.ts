import { createHash } from "node:crypto";
import { open, rename, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { FIRST_WAIT_MS, persist } from "./backoff.js";
import { errorOfAnswer, UnavailableError } from "./errors.js";

/** Milliseconds without an answer or a byte after which a connection counts as broken. */
const SILENCE_MS = 30_000;

/** How much of a file is there, in bytes; `path` is where it is when all of it is. */
export interface DownloadProgress {
  readonly path: string;
  readonly received: number;
  readonly total: number;
}

/**
 * Fetches a file. What has arrived waits in `<path>.<version>.part`; the file appears when it is whole.
 *
 * @param link Answers a fresh URL: signed links end after ten minutes, and the server may move.
 * @throws ClipShotError The server refuses; only that it is unavailable is waited for.
 */
export async function* downloaded(
  link: () => Promise<string>,
  path: string,
): AsyncGenerator<DownloadProgress, void, void> {
  for (;;) {
    const { total, etag } = await persist(async () => facts(await link()));
    const part = partOf(path, etag);
    try {
      for await (const received of rest(await link(), part, total, etag)) {
        yield { path, received, total };
      }
    } catch (error) {
      if (!(error instanceof UnavailableError)) {
        throw error;
      }
      await sleep(FIRST_WAIT_MS);
    }
    if ((await sizeOf(part)) === total) {
      await rename(part, path);
      yield { path, received: total, total };
      return;
    }
  }
}

/** Where the bytes of one version of the file gather: those of another version are never taken for it. */
function partOf(path: string, etag: string): string {
  const version = createHash("sha256").update(etag).digest("hex").slice(0, 12);
  return `${path}.${version}.part`;
}

async function sizeOf(part: string): Promise<number> {
  return stat(part).then(
    (found) => found.size,
    () => 0,
  );
}

async function facts(url: string): Promise<{ total: number; etag: string }> {
  const answer = await called(url, { method: "HEAD" });
  return { total: Number(answer.headers.get("content-length")), etag: answer.headers.get("etag") ?? "" };
}

/** Appends what is missing; tells the bytes that are there after each chunk. */
async function* rest(url: string, part: string, total: number, etag: string): AsyncGenerator<number, void, void> {
  const have = etag === "" ? 0 : await sizeOf(part);
  if (have > 0 && have === total) {
    return;
  }
  const abort = new AbortController();
  const headers: Record<string, string> = have > 0 ? { Range: `bytes=${have}-`, "If-Range": etag } : {};
  const answer = await called(url, { headers, signal: abort.signal });
  const whole = answer.status === 200;
  if (whole && (answer.headers.get("etag") ?? "") !== etag) {
    abort.abort(); // changed since it was looked at: look again
    return;
  }
  const file = await open(part, whole ? "w" : "a");
  const timer = setTimeout(() => abort.abort(), SILENCE_MS);
  try {
    let received = whole ? 0 : have;
    yield received;
    for await (const chunk of chunks(answer)) {
      timer.refresh();
      await file.writeFile(chunk);
      received += chunk.byteLength;
      yield received;
    }
  } finally {
    clearTimeout(timer);
    abort.abort();
    await file.close();
  }
}

async function* chunks(answer: Response): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of answer.body ?? []) {
      yield chunk as Uint8Array;
    }
  } catch (error) {
    throw unavailable(error);
  }
}

async function called(url: string, init: RequestInit): Promise<Response> {
  const headers = { "Accept-Encoding": "identity", ...(init.headers as Record<string, string> | undefined) };
  const answer = await fetch(url, { ...init, headers }).catch((error: unknown) => {
    throw unavailable(error);
  });
  if (answer.status >= 400) {
    throw errorOfAnswer(answer.status, await answer.text());
  }
  return answer;
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError({ message: "the file cannot be fetched", reason: "CONNECTION_LOST" }, { cause });
}
