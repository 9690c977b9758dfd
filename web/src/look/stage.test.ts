// @vitest-environment node
import { expect, it } from "vitest";
import { spotsOf } from "./stage";

const PLACES = [
  { id: "a", name: "Acoustic kit", pan: 0, level: -2 },
  { id: "b", name: "Fingered bass", pan: 0, level: -2.5 },
  { id: "c", name: "Rhodes", pan: -0.3, level: -5.7 },
  { id: "d", name: "Clean electric guitar", pan: 0.38, level: -5.7 },
  { id: "e", name: "Synth strings", pan: 0, level: -8.7 },
  { id: "f", name: "Synth pluck", pan: 0, level: 1.5 },
  { id: "g", name: "String ensemble", pan: -0.15, level: -6.7 },
];

it("lets every name be read", () => {
  for (const width of [350, 700, 1100]) {
    const spots = spotsOf(PLACES, width, 244);
    for (const one of spots) {
      const half = (one.name.length * 6.7) / 2;
      expect(one.labelX - half).toBeGreaterThanOrEqual(0);
      expect(one.labelX + half).toBeLessThanOrEqual(width);
      for (const other of spots) {
        if (one === other) continue;
        const near = Math.abs(one.labelX - other.labelX) < half + (other.name.length * 6.7) / 2 - 0.1;
        expect(near && Math.abs(one.labelY - other.labelY) < 13.9, `${one.name} on ${other.name} at ${width}`).toBe(
          false,
        );
        expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThanOrEqual(14);
      }
    }
  }
});

it("puts left on the left and loud in front", () => {
  const at = new Map(spotsOf(PLACES, 700, 244).map((spot) => [spot.id, spot]));
  expect(at.get("c")?.x).toBeLessThan(at.get("d")?.x ?? 0);
  expect(at.get("e")?.y).toBeLessThan(at.get("f")?.y ?? 0);
});
