import { describe, expect, it } from "vitest";
import type { Operation } from "../api";
import { briefly, operationWords } from "./reading";

const table: [Partial<Operation> & Pick<Operation, "op">, string][] = [
  [{ op: "scale", path: "musical.tempo", value: 0.925 }, "Tempo 7.5 % slower"],
  [{ op: "scale", path: "musical.tempo", value: 1.08 }, "Tempo 8 % faster"],
  [{ op: "set", path: "musical.tempo", value: 92 }, "Tempo 92 bpm"],
  [{ op: "set", path: "musical.key", value: "Bb" }, "Key B♭"],
  [{ op: "set", path: "musical.scale", value: "harmonic_minor" }, "Scale harmonic minor"],
  [{ op: "set", path: "technical.loudness_target", value: -16 }, "Loudness −16 LUFS"],
  [{ op: "add", path: "technical.loudness_target", value: -1 }, "Loudness 1 LU lower"],
  [{ op: "add", path: "musical.mood.valence", value: 0.2 }, "A brighter mood"],
  [{ op: "append", path: "musical.instruments", value: "cello" }, "Cello joins the band"],
  [{ op: "remove", path: "musical.instruments", value: ["cello"] }, "Cello leaves the band"],
  [{ op: "new_take" }, "Another take of the stage"],
  [{ op: "take", path: "musical.takes", value: "verse 2" }, "Verse 2 written anew"],
  [{ op: "undo", path: "musical.edits" }, "The last edit is taken back"],
  [
    {
      op: "edit",
      path: "musical.edits",
      value: { op: "change_loudness", section: "chorus", part: "band", amount: 0.4 },
    },
    "Chorus louder",
  ],
  [
    { op: "edit", path: "musical.edits", value: { op: "change_tempo", section: "chorus", bpm: 120 } },
    "Chorus at 120 bpm",
  ],
];

describe("what words are understood as", () => {
  it.each(table)("%j is told as %s", (operation, words) => {
    expect(operationWords(operation as Operation)).toBe(words);
  });
  it("is told by its reason alone where it is not understood", () => {
    expect(briefly("the instruction 'quack' is not understood: say one of regenerate, faster")).toBe(
      "the instruction 'quack' is not understood",
    );
  });
});
