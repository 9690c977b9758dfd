import { expect, test } from "vitest";
import type { MeasuredChange, PathChange } from "../api/schema";
import { changesOf } from "./changes";
import { measureLines, number } from "./measures";

const file = (name: string) => ({ name, before: null, after: null });

function comparison(given: {
  context?: PathChange[];
  decisions?: PathChange[];
  measured?: MeasuredChange[];
  changed?: string[];
  added?: string[];
  removed?: string[];
}) {
  const { context = [], decisions = [], measured = [] } = given;
  const [changed, added, removed] = [given.changed, given.added, given.removed].map((names) => (names ?? []).map(file));
  return changesOf({
    context,
    decisions,
    measured,
    changed: changed ?? [],
    added: added ?? [],
    removed: removed ?? [],
  });
}

const change = (path: string, before: unknown, after: unknown): PathChange => ({ path, before, after });

test("key and scale are one line, tempo has its unit", () => {
  const { groups } = comparison({
    context: [
      change("musical.key", "F", "D"),
      change("musical.scale", "minor", "major"),
      change("musical.tempo", 75, 69.38),
    ],
  });
  expect(groups).toEqual([
    {
      title: "Key and tempo",
      lines: [
        { name: "Key", before: "F minor", after: "D major" },
        { name: "Tempo", before: "75 bpm", after: "69.38 bpm" },
      ],
    },
  ]);
});

test("a scale without a key is none, and how the prompt was read is told elsewhere", () => {
  const { groups } = comparison({
    context: [change("musical.key", null, "D"), change("musical.scale", "major", "dorian")],
    decisions: [change("ai_decisions.prompt_enhancement.confidence", 0.5, 0.9)],
  });
  expect(groups.flatMap((group) => group.lines)).toEqual([{ name: "Key", before: "not set", after: "D dorian" }]);
});

test("chords that are the same in another key are told once", () => {
  const { groups } = comparison({
    decisions: [
      change("musical.chord_progression.verse", ["Fm9", "C7"], ["Dm9", "A7"]),
      change("musical.chord_progression.chorus", ["Dbmaj9", "C7"], ["Bbmaj9", "A7"]),
    ],
  });
  expect(groups[0]?.lines).toEqual([{ name: "Chords", words: "the same, 3 semitones lower, in every section" }]);
});

test("chords that differ otherwise are told section by section", () => {
  const { groups } = comparison({
    decisions: [
      change("musical.chord_progression.verse", ["Fm9", "C7"], ["Dm9", "A7"]),
      change("musical.chord_progression.chorus", ["Dbmaj9", "C7"], ["Bb", "C7"]),
    ],
  });
  expect(groups[0]?.lines.map((line) => [line.name, line.before, line.after])).toEqual([
    ["Chords of the verse", "Fm9 C7", "Dm9 A7"],
    ["Chords of the chorus", "D♭maj9 C7", "B♭ C7"],
  ]);
});

test("a band is told by who came and who went", () => {
  const { groups } = comparison({
    context: [change("musical.instruments", ["upright_piano", "bass"], ["rhodes", "bass"])],
  });
  expect(groups[0]?.lines).toEqual([{ name: "Band", words: "with rhodes; without upright piano" }]);
});

test("the range of a melody is told in notes", () => {
  const { groups } = comparison({
    decisions: [change("musical.melody.summary", "9 notes between 61 and 79", "8 notes between 60 and 78, hook of 4")],
  });
  expect(groups[0]?.lines).toEqual([
    { name: "Melody", before: "9 notes between C♯4 and G5", after: "8 notes between C4 and F♯5, hook of 4" },
  ]);
});

test("moods are told by their way", () => {
  const { groups } = comparison({ context: [change("musical.mood.valence", 0.25, 0.7)] });
  expect(groups[0]?.lines).toEqual([{ name: "Mood", words: "happier (25% → 70%)" }]);
});

test("what a person has set is told, whatever a stage decided on the same", () => {
  const { groups } = comparison({
    context: [change("musical.tempo", 75, 96)],
    decisions: [change("musical.tempo", 75, 80)],
  });
  expect(groups[0]?.lines).toEqual([{ name: "Tempo", before: "75 bpm", after: "96 bpm" }]);
});

test("a path that no rule knows is told in words", () => {
  const { groups } = comparison({ context: [change("future.thing_of_it", null, true)] });
  expect(groups[0]).toEqual({
    title: "How it was made",
    lines: [{ name: "Future, thing of it", before: "not set", after: "yes" }],
  });
});

test("files are told by what they are to a musician, the engine's own are left out", () => {
  const { files } = comparison({
    changed: ["stem:bass", "stem:drums", "mixed:reverb_plate", "master", "verification", "part:bass"],
    added: ["stem:pad"],
    removed: ["lyrics"],
  });
  expect(files.map((line) => `${line.name}: ${line.words}`)).toEqual([
    "Other sound or notes: the master",
    "Played anew: bass, drums",
    "Mixed anew: reverb plate",
    "New: pad",
    "Gone: the lyrics",
  ]);
});

test("two states that are alike differ in nothing", () => {
  expect(comparison({}).nothing).toBe(true);
  expect(comparison({ changed: ["master"] }).nothing).toBe(false);
});

test("measurements have units and a difference in words, those for the ear first", () => {
  const lines = measureLines([
    { name: "crest_db", before: 15.3, after: 15.6, delta: 0.3 },
    { name: "true_peak_dbtp", before: -1.1, after: -2.88, delta: -1.78 },
    { name: "integrated_lufs", before: -14.003, after: -16, delta: -1.997 },
    { name: "key", before: "C minor", after: "D minor", delta: null },
    { name: "checks_ok", before: true, after: false, delta: null },
  ]);
  expect(lines.map((line) => [line.name, line.before, line.after, line.difference])).toEqual([
    ["Loudness", "−14.0 LUFS", "−16.0 LUFS", "2.0 LU quieter"],
    ["Key, as heard", "C minor", "D minor", ""],
    ["True peak", "−1.1 dBTP", "−2.9 dBTP", "1.8 dB lower"],
    ["Holds all its checks", "yes", "no", ""],
    ["Crest factor", "15.3 dB", "15.6 dB", "0.3 dB more"],
  ]);
});

test("differences that rounding hides are left out, shares are per cent", () => {
  const lines = measureLines([
    { name: "dc", before: 0.0000019, after: 0, delta: -0.0000019 },
    { name: "sections", before: "[]", after: "[1]", delta: null },
    { name: "confidence", before: 0.9, after: 0.82, delta: -0.08 },
    { name: "loudness_of_cats", before: null, after: 3.1444, delta: null },
  ]);
  expect(lines.map((line) => [line.name, line.before, line.after, line.difference])).toEqual([
    ["Sure of the idea", "90%", "82%", "8% less sure"],
    ["Loudness of cats", "not measured", "3.14", ""],
  ]);
});

test("numbers have a real minus, and none before zero", () => {
  expect(number(-1.25, 1)).toBe("−1.3");
  expect(number(-0.01, 1)).toBe("0.0");
});
