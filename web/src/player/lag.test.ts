// @vitest-environment node
import { describe, expect, it } from "vitest";
import { lagOf, loudestAt } from "./lag";

// The same noise every time: Knuth's generator.
const noise = Float32Array.from({ length: 4000 }, (_, i) => (((i * 2654435761) % 4294967296) / 2147483648 - 1) ** 3);
const REACH = 50;

describe("how much later a sound comes out", () => {
  it.each([0, 1, -1, 17, -50, 50])("finds %i frames", (lag) => {
    const from = 1000;
    const heard = noise.slice(from - lag, from - lag + 800).map((sample) => 0.3 * sample);
    const wanted = noise.slice(from - REACH, from + 800 + REACH);
    expect(lagOf(heard, wanted, REACH)).toBeCloseTo(lag, 1);
  });

  it("tells nothing of silence", () => {
    expect(lagOf(new Float32Array(800), noise.slice(0, 900), REACH)).toBeNull();
    expect(lagOf(noise.slice(0, 800), new Float32Array(900), REACH)).toBeNull();
  });
});

it("the loudest place is found", () => {
  const samples = new Float32Array(1000);
  samples.fill(0.5, 610, 640);
  samples.fill(0.2, 100, 200);
  const start = loudestAt(samples, 100);
  expect(start).toBeLessThanOrEqual(610);
  expect(start + 100).toBeGreaterThanOrEqual(640);
});
