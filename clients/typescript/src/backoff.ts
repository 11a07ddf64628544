import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "./errors.js";

/** Milliseconds that the first wait takes at most; each further one may take twice as long as the one before. */
export const FIRST_WAIT_MS = 100;

/** Milliseconds that no wait exceeds: a server that was restarted serves again in about a second. */
const LONGEST_WAIT_MS = 3000;

/** What `attempt` answers, tried again without end while the server is unavailable. */
export async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  for (let longest = FIRST_WAIT_MS; ; longest = Math.min(2 * longest, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnavailableError)) {
        throw error;
      }
    }
    await sleep(Math.random() * longest);
  }
}
