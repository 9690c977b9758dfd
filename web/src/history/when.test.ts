import { expect, test } from "vitest";
import { when } from "./when";

const now = new Date(2026, 10, 30, 9, 5);
const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

test.each([
  [at(2026, 10, 30, 0, 1), "today 00:01"],
  [at(2026, 10, 29, 23, 59), "yesterday 23:59"],
  [at(2026, 10, 28, 18, 2), "28 November 18:02"],
  [at(2025, 0, 3, 7, 30), "3 January 2025 07:30"],
])("%s is %s", (iso, words) => {
  expect(when(iso, now)).toBe(words);
});
