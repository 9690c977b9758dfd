import { describe, expect, it } from "vitest";
import type { Keeping } from "./draft";
import { intentionKey, settle } from "./intention";
import type { StartBody } from "./request";
import { mayRepeat, startOnce } from "./start";

const BODY: StartBody = { prompt: "a waltz", settings: {}, context: {} };
const LOST = { status: 0, code: "unreachable" };

function drawer(): Keeping {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

/** An API that makes one song for each key, and loses its first `lost` answers. */
function server(lost = 0, problem: unknown = LOST) {
  const songs = new Map<string, string>();
  const post = async (_: StartBody, key: string) => {
    songs.set(key, songs.get(key) ?? `song ${songs.size + 1}`);
    if (lost-- > 0) throw problem;
    return { id: songs.get(key) };
  };
  return { songs, post };
}

const atOnce = async () => undefined;

describe("starting a song", () => {
  it("makes one song of a double click", async () => {
    const { songs, post } = server();
    const storage = drawer();
    await Promise.all([startOnce(BODY, post, storage, atOnce), startOnce(BODY, post, storage, atOnce)]);
    expect(songs.size).toBe(1);
  });

  it("repeats under the same key when the answer was lost", async () => {
    const { songs, post } = server(2);
    expect(await startOnce(BODY, post, drawer(), atOnce)).toEqual({ id: "song 1" });
    expect(songs.size).toBe(1);
  });

  it("keeps the key for the next click, and for a reload, when it gives up", async () => {
    const { songs, post } = server(3);
    const storage = drawer();
    await expect(startOnce(BODY, post, storage, atOnce)).rejects.toBe(LOST);
    await startOnce(BODY, post, storage, atOnce);
    expect(songs.size).toBe(1);
  });

  it("makes a new song of the same words once the first one is there", async () => {
    const { songs, post } = server();
    const storage = drawer();
    await startOnce(BODY, post, storage, atOnce);
    await startOnce(BODY, post, storage, atOnce);
    expect(songs.size).toBe(2);
  });

  it("does not repeat what was refused", async () => {
    let calls = 0;
    const refusal = { status: 422, code: "invalid_value" };
    const post = async () => {
      calls += 1;
      throw refusal;
    };
    await expect(startOnce(BODY, post, drawer(), atOnce)).rejects.toBe(refusal);
    expect(calls).toBe(1);
  });

  it("waits for a twin that is still under way", () => {
    expect(mayRepeat({ status: 409, code: "idempotency_key_in_flight" })).toBe(true);
    expect(mayRepeat({ status: 503, code: "database_unavailable" })).toBe(true);
    expect(mayRepeat(new TypeError("network"))).toBe(true);
    expect(mayRepeat({ status: 429, code: "too_many_requests" })).toBe(false);
  });
});

describe("an intention", () => {
  it("has a key of its own for each body", () => {
    const storage = drawer();
    const first = intentionKey("a", storage);
    expect(intentionKey("a", storage)).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(intentionKey("b", storage)).not.toBe(first);
  });

  it("is remembered by a page that may keep nothing", () => {
    const no = () => {
      throw new DOMException("no", "SecurityError");
    };
    const storage: Keeping = { getItem: no, setItem: no, removeItem: no };
    const first = intentionKey("c", storage);
    expect(intentionKey("c", storage)).toBe(first);
    settle(storage);
    expect(intentionKey("c", storage)).not.toBe(first);
  });
});
