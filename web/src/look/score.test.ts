// @vitest-environment node
import { describe, expect, it } from "vitest";
import { EXAMPLE } from "./example";
import {
  barsOf,
  beatAt,
  beatsOf,
  countedBeat,
  isScore,
  keyAt,
  placeOf,
  secondsAt,
  sectionAt,
  stretchesOf,
} from "./score";

describe("the song's clock", () => {
  it("follows the tempo map", () => {
    expect(secondsAt(0, EXAMPLE.tempo)).toBe(0);
    expect(secondsAt(6, EXAMPLE.tempo)).toBe(6);
    expect(secondsAt(8, EXAMPLE.tempo)).toBe(7);
    expect(secondsAt(13, EXAMPLE.tempo)).toBe(11);
  });

  it("finds the beat that sounds at a time", () => {
    for (const beat of [0, 0.25, 5.9, 6, 6.1, 11.99, 12, 14.5]) {
      expect(beatAt(secondsAt(beat, EXAMPLE.tempo), EXAMPLE.tempo)).toBeCloseTo(beat, 9);
    }
    expect(beatAt(-3, EXAMPLE.tempo)).toBe(0);
  });

  it("counts bars and beats as they are counted", () => {
    expect([barsOf(EXAMPLE), beatsOf(EXAMPLE)]).toEqual([5, 15]);
    expect(placeOf(0, EXAMPLE)).toEqual({ bar: 1, beat: 1 });
    expect(placeOf(4.5, EXAMPLE)).toEqual({ bar: 2, beat: 2.5 });
    const compound = { time_signature: { numerator: 6, denominator: 8 } };
    expect(countedBeat(compound)).toBe(1.5);
    expect(placeOf(4.5, compound)).toEqual({ bar: 2, beat: 2 });
  });
});

describe("the song's form", () => {
  it("says in which section and key a beat is", () => {
    expect(sectionAt(EXAMPLE, 5.9)?.name).toBe("verse 1");
    expect(sectionAt(EXAMPLE, 6)?.name).toBe("prechorus");
    expect(sectionAt(EXAMPLE, 15)).toBeUndefined();
    expect(keyAt(EXAMPLE, 5.9)).toEqual({ key: "Bb", scale: "major" });
    expect(keyAt(EXAMPLE, 6)).toMatchObject({ key: "G", scale: "minor" });
  });

  it("tells the sections in seconds", () => {
    expect(stretchesOf(EXAMPLE)).toEqual([
      { name: "Verse 1", from: 0, to: 6 },
      { name: "Pre-chorus", from: 6, to: 7.5 },
      { name: "Chorus 1", from: 7.5, to: 15 },
    ]);
  });
});

it("knows a score from other documents", () => {
  expect(isScore(EXAMPLE)).toBe(true);
  expect(isScore({ ...EXAMPLE, tempo: [] })).toBe(false);
  expect(isScore({ beats_per_bar: 4 })).toBe(false);
  expect(isScore(null)).toBe(false);
});
