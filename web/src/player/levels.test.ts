// @vitest-environment node
import { describe, expect, it } from "vitest";
import { decibelsOf, factors, gainOf, matched, SILENT_DB, type Strip, volumeFactor } from "./levels";

const strip = (change: Partial<Strip> = {}): Strip => ({ muted: false, soloed: false, gain: 0, ...change });

describe("mute and solo", () => {
  it.each([
    ["all play", [{}, {}, {}], [1, 1, 1]],
    ["a muted one is silent", [{ muted: true }, {}, {}], [0, 1, 1]],
    ["a soloed one is alone", [{}, { soloed: true }, {}], [0, 1, 0]],
    ["several soloed ones sound together", [{ soloed: true }, {}, { soloed: true }], [1, 0, 1]],
    ["solo wins over mute", [{ soloed: true, muted: true }, {}, { muted: true }], [1, 0, 0]],
  ])("%s", (_, changes, wanted) => {
    expect(factors((changes as Partial<Strip>[]).map(strip))).toEqual(wanted);
  });

  it("leaves gains as they are", () => {
    const [louder, softer] = factors([strip({ gain: 6 }), strip({ gain: -20 })]);
    expect(louder).toBeCloseTo(1.995, 3);
    expect(softer).toBeCloseTo(0.1, 6);
  });
});

describe("gains", () => {
  it("are decibels and back", () => {
    expect(gainOf(SILENT_DB)).toBe(0);
    for (const gain of [-30, -6, 0, 6]) expect(decibelsOf(gainOf(gain))).toBeCloseTo(gain, 9);
  });

  it("of the volume stay between silence and 1", () => {
    expect([-1, 0, 0.5, 1, 2].map(volumeFactor)).toEqual([0, 0, 0.25, 1, 1]);
  });
});

describe("two sides at one loudness", () => {
  it("the louder one is turned down, the quieter one never up", () => {
    expect(matched(-9, -14)).toEqual({ a: -5, b: 0 });
    expect(matched(-14, -9)).toEqual({ a: 0, b: -5 });
    expect(matched(-14, -14)).toEqual({ a: 0, b: 0 });
  });

  it("nothing is changed where a figure is missing", () => {
    expect(matched(null, -14)).toEqual({ a: 0, b: 0 });
    expect(matched(-14, Number.NEGATIVE_INFINITY)).toEqual({ a: 0, b: 0 });
  });
});
