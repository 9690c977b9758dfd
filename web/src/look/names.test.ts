// @vitest-environment node
import { expect, it } from "vitest";
import { EXAMPLE } from "./example";
import { drumName, isFlatKey, keyName, lengthInWords, listed, pitchClass, pitchName, placeInWords } from "./names";

it("spells notes as the key does", () => {
  expect(isFlatKey("F", "major")).toBe(true);
  expect(isFlatKey("D", "minor")).toBe(true);
  expect(isFlatKey("G", "major")).toBe(false);
  expect(isFlatKey("E", "minor")).toBe(false);
  expect(isFlatKey("F#", "minor")).toBe(false);
  expect(isFlatKey("D", "phrygian")).toBe(true);
  expect([pitchName(60, false), pitchName(70, true), pitchName(70, false), pitchName(21, false)]).toEqual([
    "C4",
    "B♭4",
    "A♯4",
    "A0",
  ]);
  expect(keyName("Bb", "harmonic_minor")).toBe("B♭ harmonic minor");
});

it("reads note names", () => {
  expect([pitchClass("C"), pitchClass("Cb"), pitchClass("F##"), pitchClass("B♭"), pitchClass("H")]).toEqual([
    0,
    11,
    7,
    10,
    null,
  ]);
});

it("calls drums by their names, unknown ones too", () => {
  expect([drumName(36), drumName(42), drumName(99)]).toEqual(["bass drum", "closed hi-hat", "percussion 99"]);
});

it("says lengths as a musician does", () => {
  const lengths: [number, string][] = [
    [1, "one beat"],
    [0.95, "one beat"],
    [4, "four beats"],
    [0.5, "half a beat"],
    [0.475, "half a beat"],
    [0.25, "a quarter of a beat"],
    [1 / 3, "a third of a beat"],
    [1.5, "one and a half beats"],
    [2.3, "2.3 beats"],
    [0.05, "very short"],
    [16, "16 beats"],
  ];
  for (const [beats, words] of lengths) expect(lengthInWords(beats)).toBe(words);
});

it("says places with the parts of a beat", () => {
  expect(placeInWords(0, EXAMPLE)).toBe("bar 1 beat 1");
  expect(placeInWords(4.5, EXAMPLE)).toBe("bar 2 beat 2.5");
  expect(placeInWords(4 + 1 / 3, EXAMPLE)).toBe("bar 2 beat 2.33");
});

it("lists words", () => {
  expect([listed([]), listed(["a"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
});
