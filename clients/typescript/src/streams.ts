import { persist } from "./backoff.js";
import { UnavailableError } from "./errors.js";

/** Milliseconds without a message after which a connection counts as broken: three heartbeats of the server. */
const SILENCE_MS = 45_000;

/** Opens a stream that ends when the signal is aborted. */
export type Begin<T> = (signal: AbortSignal) => AsyncIterable<T>;

/**
 * The messages of one stream, once there is one.
 *
 * @throws UnavailableError The connection broke, fell silent or ended after the first message.
 * @throws ClipShotError The server refuses the call.
 */
export async function* reached<T>(begin: Begin<T>): AsyncGenerator<T, never, void> {
  let stream = new Stream(begin);
  try {
    let message = await persist(() => {
      stream = new Stream(begin);
      return stream.next();
    });
    for (;;) {
      yield message;
      message = await stream.next();
    }
  } finally {
    stream.close();
  }
}

class Stream<T> {
  private readonly abort = new AbortController();
  private messages: AsyncIterator<T> | undefined;

  constructor(private readonly begin: Begin<T>) {}

  async next(): Promise<T> {
    this.messages ??= this.begin(this.abort.signal)[Symbol.asyncIterator]();
    const timer = setTimeout(() => this.close(), SILENCE_MS);
    try {
      const message = await this.messages.next();
      if (message.done === true) {
        throw new UnavailableError({ message: "the server has ended the stream", reason: "STREAM_ENDED" });
      }
      return message.value;
    } catch (error) {
      if (this.abort.signal.aborted) {
        throw new UnavailableError({ message: "the server has fallen silent", reason: "STREAM_SILENT" });
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.abort.abort();
  }
}
