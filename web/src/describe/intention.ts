/** One Idempotency-Key for each intention: whoever sends the same song again, by whatever way, starts it once. */

import type { Keeping } from "./draft";

const PLACE = "sostenuto.new-song.intention";

/** The key of the start of exactly this body: a new one for another body, the same until `settle`. */
export function intentionKey(body: string, storage: Keeping, fresh: () => string = randomKey): string {
  const kept = read(storage);
  if (kept?.body === body) return kept.key;
  const intention = { body, key: fresh() };
  try {
    storage.setItem(PLACE, JSON.stringify(intention));
  } catch {
    remembered = intention;
  }
  return intention.key;
}

/** The start was answered, one way or the other: the next one is a new song. */
export function settle(storage: Keeping): void {
  remembered = null;
  try {
    storage.removeItem(PLACE);
  } catch {
    // Nothing was kept.
  }
}

interface Intention {
  readonly body: string;
  readonly key: string;
}

/** For browsers that keep nothing: a double click still finds its key here. */
let remembered: Intention | null = null;

function read(storage: Keeping): Intention | null {
  try {
    const kept: unknown = JSON.parse(storage.getItem(PLACE) ?? "null");
    return isIntention(kept) ? kept : remembered;
  } catch {
    return remembered;
  }
}

function isIntention(value: unknown): value is Intention {
  const kept = value as Partial<Intention> | null;
  return typeof kept?.body === "string" && typeof kept.key === "string";
}

/** 128 random bits; `crypto.randomUUID` is missing where a page comes over plain HTTP. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
