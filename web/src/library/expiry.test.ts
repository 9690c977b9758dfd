import { expect, test } from "vitest";
import { endOf, keyState } from "./expiry";

const now = Date.parse("2026-11-30T10:00:00Z");

test("a key lasts so many days from now", () => {
  expect(endOf("7", "", now)).toBe("2026-12-07T10:00:00.000Z");
});

test("no choice leaves the end to the API", () => {
  expect(endOf("", "2027-01-01", now)).toBeNull();
  expect(endOf("date", "", now)).toBeNull();
});

test("a chosen day counts to its end", () => {
  expect(endOf("date", "2027-01-31", now)).toBe(new Date(2027, 0, 31, 23, 59, 59).toISOString());
});

test.each([
  [null, null, "in force"],
  ["2026-11-30T10:00:01Z", null, "in force"],
  ["2026-11-30T10:00:00Z", null, "expired"],
  ["2027-01-01T00:00:00Z", "2026-11-01T00:00:00Z", "revoked"],
])("expires %s, revoked %s: %s", (expires_at, revoked_at, state) => {
  expect(keyState({ expires_at, revoked_at }, now)).toBe(state);
});
