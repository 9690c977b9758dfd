import { expect, test } from "vitest";
import { editWords } from "./edits";

test.each([
  [{ op: "change_tempo", section: "chorus", bpm: 120 }, "chorus at 120 bpm"],
  [{ op: "transpose", section: "song", semitones: -2 }, "the whole song 2 semitones lower"],
  [{ op: "transpose", key: "D minor" }, "the whole song in D minor"],
  [{ op: "mute", part: "drums", section: "intro" }, "drums silent in intro"],
  [{ op: "change_density", section: "verse 2", amount: -0.4, part: null }, "verse 2 sparser"],
  [{ op: "change_loudness", section: "chorus", amount: 0.4, part: "lead" }, "lead in chorus louder"],
  [{ op: "swap_instrument", old: "upright_piano", new: "rhodes" }, "rhodes instead of upright piano"],
  [{ op: "change_chord", section: "bridge", nth: -1, new: "Em7" }, "bridge: the last chord becomes Em7"],
  [{ op: "change_chord", section: "bridge", nth: null, bar: null, old: "C", new: "Em7" }, "bridge: C becomes Em7"],
  [{ op: "change_length", section: "intro", by: -1 }, "intro: 1 bar shorter"],
  [{ op: "drop_section", section: "verse 2" }, "verse 2 left out"],
  [{ op: "insert_section", section: "chorus", where: "end" }, "chorus once more, at the end"],
  [{ op: "insert_section", section: "chorus", where: "after", at: "verse 1" }, "chorus once more, after verse 1"],
])("%j is told", (edit, words) => {
  expect(editWords(edit)).toBe(words);
});
