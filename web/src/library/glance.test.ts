import { expect, test } from "vitest";
import type { SongSummary } from "../api/schema";
import { glance } from "./glance";

const song = (more: Partial<SongSummary>) =>
  ({
    status: "running",
    current_stage: "mixing",
    progress: 50,
    started: true,
    checks_ok: false,
    allowed_commands: ["advance"],
    ...more,
  }) as SongSummary;

test.each([
  [{}, "Mixing: balance and space"],
  [{ started: false }, "Starts in a moment"],
  [{ status: "waiting" as const }, "Waits for you after mixing"],
  [{ status: "waiting" as const, allowed_commands: [] }, "Waits after mixing"],
  [{ status: "held" as const }, "Held at mixing"],
  [{ status: "blocked" as const }, "Stuck at mixing"],
  [{ status: "completed" as const, checks_ok: true }, "Finished"],
  [{ status: "completed" as const }, "Finished, misses a check"],
  [{ status: "cancelled" as const }, "Cancelled at mixing"],
])("%j is told as %s", (more, words) => {
  expect(glance(song(more)).words).toBe(words);
});

test("only a song on its way has a bar", () => {
  expect(glance(song({})).progress).toBe(0.5);
  expect(glance(song({ status: "completed" })).progress).toBeUndefined();
});
