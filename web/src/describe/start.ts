/** Starting a song so that it starts once: the same body goes with the same key until an answer has come. */

import type { Keeping } from "./draft";
import { intentionKey, settle } from "./intention";
import type { StartBody } from "./request";

/** Sends the body under the key; throws what has gone wrong. */
export type Post<Song> = (body: StartBody, key: string) => Promise<Song>;

/** Milliseconds before each repetition: the answer was lost, or the API is away for a moment. */
const PAUSES = [800, 2500];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Start a song; what fails on the way is repeated, what is refused is thrown. The key stays until the song is there. */
export async function startOnce<Song>(
  body: StartBody,
  post: Post<Song>,
  storage: Keeping,
  wait: (ms: number) => Promise<void> = pause,
): Promise<Song> {
  const key = intentionKey(JSON.stringify(body), storage);
  for (let attempt = 0; ; attempt++) {
    try {
      const song = await post(body, key);
      settle(storage);
      return song;
    } catch (error) {
      const ms = PAUSES[attempt];
      if (ms === undefined || !mayRepeat(error)) throw error;
      await wait(ms);
    }
  }
}

/** Whether the answer was lost or only late; a refusal would be the same again. */
export function mayRepeat(error: unknown): boolean {
  const { status, code } = error as { status?: unknown; code?: unknown };
  if (typeof status !== "number") return true;
  return status === 0 || status >= 500 || code === "idempotency_key_in_flight";
}
