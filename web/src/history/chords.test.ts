import { expect, test } from "vitest";
import { shift, shiftWords } from "./chords";

test.each([
  [["Fm9", "Bbm7", "C7"], ["Dm9", "Gm7", "A7"], -3],
  [["C"], ["F#"], 6],
  [["C"], ["G"], -5],
  [["C/E", "Dm7 G7"], ["D/F#", "Em7 A7"], 2],
  [["C#m"], ["Dbm"], 0],
])("%j to %j is a shift by %i", (before, after, semitones) => {
  expect(shift(before, after)).toBe(semitones);
});

test.each([
  [
    ["C", "G"],
    ["D", "Am"],
  ],
  [["C", "G"], ["D"]],
  [
    ["I", "IV"],
    ["I", "V"],
  ],
  [[], []],
])("%j to %j is no shift", (before, after) => {
  expect(shift(before, after)).toBeUndefined();
});

test("a shift is told by its way", () => {
  expect(shiftWords(-3)).toBe("3 semitones lower");
  expect(shiftWords(1)).toBe("1 semitone higher");
});
