import { persist } from "./backoff.js";

/** One page and the token of the next; the token is empty on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string;
}

/** The entries of all pages; `fetch` answers the page of a token. */
export async function* items<T>(
  fetch: (pageToken: string) => Promise<Page<T>>,
  pageToken = "",
): AsyncGenerator<T, void, void> {
  let token = pageToken;
  do {
    const asked = token;
    const page = await persist(() => fetch(asked));
    yield* page.items;
    token = page.nextPageToken;
  } while (token !== "");
}
