// @vitest-environment node
import { describe, expect, it } from "vitest";
import { energyPath, fitted, secondsAt, sectionAt, sectionsOfPlan, sectionsOfScore } from "./sections";

const SCORE = {
  time_signature: { numerator: 3, denominator: 4 },
  tempo: [
    { start: 0, bpm: 60 },
    { start: 12, bpm: 120 },
  ],
  sections: [
    { name: "verse", start_bar: 0, bars: 4, energy: 0.3 },
    { name: "chorus", start_bar: 4, bars: 8, energy: 0.9 },
  ],
};

describe("the form of a score", () => {
  it("follows metre and tempo map", () => {
    expect(secondsAt(6, SCORE.tempo)).toBe(6);
    expect(secondsAt(14, SCORE.tempo)).toBe(13);
    expect(sectionsOfScore(SCORE)).toEqual([
      { name: "verse", bars: 4, energy: 0.3, start: 0, end: 12 },
      { name: "chorus", bars: 8, energy: 0.9, start: 12, end: 24 },
    ]);
  });

  it("ends where the recording ends, with what rings on", () => {
    const sections = sectionsOfScore(SCORE);
    expect(fitted(sections, 26.5).at(-1)?.end).toBe(26.5);
    expect(fitted(sections, 10)).toEqual([{ name: "verse", bars: 4, energy: 0.3, start: 0, end: 10 }]);
  });

  it("tells the section of a moment", () => {
    const sections = sectionsOfScore(SCORE);
    expect(sectionAt(sections, 11.99)?.name).toBe("verse");
    expect(sectionAt(sections, 12)?.name).toBe("chorus");
    expect(sectionAt(sections, 24)).toBeUndefined();
  });
});

it("the form of a plan counts bars, beats and seconds", () => {
  const structure = [
    { name: "intro", duration: 2, unit: "bars" },
    { name: "break", duration: 4, unit: "beats" },
    { name: "end", duration: 3, unit: "seconds" },
  ];
  const found = sectionsOfPlan({ tempo: 120, time_signature: "4/4", structure, energies: { intro: 0.2 } });
  expect(found.map(({ start, end }) => [start, end])).toEqual([
    [0, 4],
    [4, 6],
    [6, 9],
  ]);
  expect(found.map(({ energy, bars }) => [energy, bars])).toEqual([
    [0.2, 2],
    [0.5, undefined],
    [0.5, undefined],
  ]);
});

it("the energy curve stays in its box and goes from the beginning to the end", () => {
  const path = energyPath(fitted(sectionsOfScore(SCORE), 24), 24);
  const points = path
    .slice(1)
    .split("L")
    .map((point) => point.split(",").map(Number));
  expect(points[0]).toEqual([0, 0.7]);
  expect(points.at(-1)).toEqual([1, 0.1]);
  const across = points.map(([x]) => x as number);
  expect([...across].sort((a, b) => a - b)).toEqual(across);
  expect(energyPath([], 24)).toBe("");
});
