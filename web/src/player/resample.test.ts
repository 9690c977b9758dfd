// @vitest-environment node
import { describe, expect, it } from "vitest";
import { type Reader, stretch } from "./reader";
import { resampled } from "./resample";

function sine(rate: number, frequency: number, seconds: number): Reader {
  const samples = Float32Array.from({ length: rate * seconds }, (_, i) =>
    Math.sin((2 * Math.PI * frequency * i) / rate),
  );
  return {
    rate,
    channels: 1,
    frames: samples.length,
    async read(from, count) {
      return [samples.slice(from, from + count)];
    },
  };
}

describe("another rate", () => {
  it.each([
    [48_000, 44_100, 1000],
    [44_100, 48_000, 1000],
    [32_000, 48_000, 9000],
    [48_000, 44_100, 15_000],
    [96_000, 48_000, 5000],
  ])("from %i to %i Hz keeps a sine of %i Hz where it is", async (source, target, frequency) => {
    const reader = resampled(sine(source, frequency, 1), target);
    expect(reader.frames).toBe(target);
    const [samples] = await reader.read(2000, 4000);
    const worst = Math.max(
      ...[...(samples ?? [])].map((sample, i) =>
        Math.abs(sample - Math.sin((2 * Math.PI * frequency * (i + 2000)) / target)),
      ),
    );
    expect(worst).toBeLessThan(0.002);
  });

  it("keeps out what would fold back", async () => {
    const [samples] = await resampled(sine(48_000, 23_500, 1), 44_100).read(2000, 4000);
    expect(Math.max(...(samples ?? [1]).map(Math.abs))).toBeLessThan(0.02);
  });

  it("has no seams between pieces", async () => {
    const reader = resampled(sine(48_000, 777, 1), 44_100);
    const [whole] = await reader.read(0, 3000);
    const parts = await Promise.all([reader.read(0, 1111), reader.read(1111, 1889)]);
    expect(parts.flatMap(([part]) => [...(part ?? [])])).toEqual([...(whole ?? [])]);
  });
});

it("there is silence before and after a file", async () => {
  const [samples] = await stretch(sine(8, 2, 1), -2, 12);
  expect([...(samples ?? [])].map((sample) => Math.round(sample) + 0)).toEqual([0, 0, 0, 1, 0, -1, 0, 1, 0, -1, 0, 0]);
});
