import { expect, test } from "vitest";
import { languageName, lengths, pauseWords, priceWords, soldWords, standingOf } from "./providers";
import { callState, taskName } from "./tasks";

const fine = { configured: true, missing: "", healthy: true, note: "", pauses: [] };
const pause = { operation: "", seconds: 119, reason: "too many orders" };

test.each([
  [fine, "ready", ""],
  [{ ...fine, configured: false, missing: "set a key" }, "not set up", "set a key"],
  [{ ...fine, healthy: false, note: "401" }, "in trouble", "401"],
  [{ ...fine, healthy: null }, "not looked at yet", ""],
  [{ ...fine, pauses: [pause] }, "paused", "left alone for 2 min: too many orders"],
  [{ ...fine, pauses: [{ ...pause, operation: "generate" }] }, "ready", ""],
])("%j is %s", (provider, name, why) => {
  expect(standingOf(provider)).toMatchObject({ name, why });
});

test("a pause of one operation names it", () => {
  expect(pauseWords({ ...pause, operation: "make_song", seconds: 30.2 })).toBe(
    "make song is left alone for 31 s: too many orders",
  );
});

test.each([
  [{ usd: "0", per: "call" as const, usd_out: "0", note: "" }, "free"],
  [{ usd: "0.06", per: "song" as const, usd_out: "0", note: "" }, "$0.06 for a song"],
  [
    { usd: "3", per: "million tokens" as const, usd_out: "15", note: "" },
    "$3.00 in and $15.00 out for a million tokens",
  ],
])("%j costs %s", (price, words) => {
  expect(priceWords(price)).toBe(words);
});

test("lengths are told where there is sound", () => {
  expect([lengths(20, 900), lengths(0, 240), lengths(0, 0)]).toEqual(["20 s to 15 min", "up to 4 min", ""]);
});

test("what is not known stays as it is called", () => {
  expect([soldWords("maybe"), taskName("new_task"), taskName("full_song")]).toEqual([
    "maybe",
    "new task",
    "the whole song",
  ]);
});

test("a call tells how it stands, and why it failed", () => {
  expect(callState({ status: "succeeded", error_kind: null })).toBe("done");
  expect(callState({ status: "refused", error_kind: "moderation" })).toBe("not taken: the words were refused");
});

test("languages have names", () => {
  expect([languageName("ja"), languageName("en-GB"), languageName("any language")]).toEqual([
    "Japanese",
    "British English",
    "any language",
  ]);
});
