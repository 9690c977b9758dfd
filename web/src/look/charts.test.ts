// @vitest-environment node
import { describe, expect, it } from "vitest";
import type { LoudnessCurve } from "../api";
import { at, linePath, TIME_STEPS, ticks, valueAt } from "./axis";
import { bySection, level, loudnessInWords, loudnessRange, meanOfPower, readAt, signed } from "./loudness";
import {
  hertz,
  isOctaves,
  type Octave,
  placed,
  spectrumBounds,
  spectrumInWords,
  usualRange,
  verdict,
} from "./spectrum";

describe("scales", () => {
  it("go both ways", () => {
    const scale = { from: -30, to: 0, start: 200, end: 20 };
    expect([at(scale, -30), at(scale, 0), at(scale, -15)]).toEqual([200, 20, 110]);
    expect(valueAt(scale, 110)).toBeCloseTo(-15);
  });

  it("have round ticks, never too many", () => {
    expect(ticks(0, 10, 6)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticks(-32, -3, 6)).toEqual([-30, -25, -20, -15, -10, -5]);
    expect(ticks(-32, -3, 5)).toEqual([-30, -20, -10]);
    expect(ticks(0, 91.8, 7, TIME_STEPS)).toEqual([0, 15, 30, 45, 60, 75, 90]);
    for (const span of [0.3, 7, 61, 900, 12345]) expect(ticks(0, span, 8).length).toBeLessThanOrEqual(8);
  });

  it("draw lines that break off where nothing was measured", () => {
    expect(
      linePath(
        [null, 1, 2, null, 3],
        (i) => i * 10,
        (v) => v,
      ),
    ).toBe("M10.0,1.0L20.0,2.0M40.0,3.0");
  });
});

const CURVE: LoudnessCurve = {
  duration_s: 4,
  step_s: 1,
  integrated_lufs: -14.02,
  loudness_range_lu: 6.1,
  max_momentary_lufs: -9.9,
  max_short_term_lufs: -12,
  true_peak_dbtp: -1.1,
  momentary: [-20, -20, -10, null],
  short_term: [null, -16, -12, null],
};
const SECTIONS = [
  { name: "Verse", from: 0, to: 2 },
  { name: "Chorus", from: 2, to: 4 },
  { name: "Coda", from: 4, to: 5 },
];

describe("loudness", () => {
  it("has a scale around its target", () => {
    expect(loudnessRange(CURVE, -14)).toEqual([-42, -6]);
    expect(loudnessRange({ integrated_lufs: -80, max_momentary_lufs: -70 }, null)).toEqual([-66, -36]);
  });

  it("is told by section", () => {
    const found = bySection(CURVE, SECTIONS);
    expect(found.map(({ loudest, usual }) => [loudest, usual])).toEqual([
      [-16, expect.closeTo(-20)],
      [-12, expect.closeTo(-10)],
      [null, null],
    ]);
    expect(meanOfPower([-10, -20])).toBeCloseTo(-12.6, 1);
  });

  it("is told in words", () => {
    const words = loudnessInWords(CURVE, -14, bySection(CURVE, SECTIONS));
    expect(words).toBe(
      "The song as a whole has −14.0 LUFS, at its target of −14.0. Loudness range 6.1 LU, true peak −1.1 dBTP. The loudest section is Chorus, the softest Verse.",
    );
    expect(loudnessInWords(CURVE, -16, [])).toContain("2.0 LU over its target of −16.0");
  });

  it("is read off at a time", () => {
    expect([readAt(CURVE.momentary, 1, 2.4), readAt(CURVE.momentary, 1, 3.5), readAt(CURVE.momentary, 1, 99)]).toEqual([
      -10,
      null,
      null,
    ]);
    expect([signed(1.25, 2), signed(-2), signed(0), level(-14.02)]).toEqual(["+1.25", "−2.0", "0.0", "−14.0"]);
  });
});

const octave = (part: Partial<Octave>): Octave => ({
  hz: 63,
  measured_db: 0,
  usual_db: 3,
  over_db: 1,
  lowest_db: -5,
  highest_db: 5,
  ok: true,
  ...part,
});

describe("the spectrum", () => {
  it("stands beside what is usual", () => {
    expect(placed(octave({}))).toBe(4);
    expect(usualRange(octave({}))).toEqual({ low: -2, high: 8 });
    expect(usualRange(octave({ lowest_db: -120 }))).toEqual({ low: null, high: 8 });
    expect(spectrumBounds([octave({}), octave({ usual_db: -20, lowest_db: -120, over_db: -3 })])).toEqual([-30, 12]);
  });

  it("is told in words", () => {
    expect(spectrumInWords([octave({})], "pop")).toBe("Every octave lies within what pop usually has.");
    const outside = [octave({ hz: 8000, over_db: 6.2, ok: false }), octave({ over_db: -7, ok: false })];
    expect(spectrumInWords(outside, "")).toBe("Outside of what is usual: 8 kHz (6.2 dB more), 63 Hz (7.0 dB less).");
    expect(outside.map(verdict)).toEqual(["over the usual", "under the usual"]);
    expect([hertz(31.5), hertz(16000)]).toEqual(["31.5 Hz", "16 kHz"]);
  });

  it("is known from other documents", () => {
    expect([isOctaves([octave({})]), isOctaves([]), isOctaves(null), isOctaves([{ hz: 3 }])]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
