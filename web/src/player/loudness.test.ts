// @vitest-environment node
import { describe, expect, it } from "vitest";
import { LoudnessMeter } from "./loudness";

function sine(frequency: number, decibels: number, seconds: number, rate: number): Float32Array {
  const peak = 10 ** (decibels / 20);
  return Float32Array.from(
    { length: Math.round(seconds * rate) },
    (_, i) => peak * Math.sin((2 * Math.PI * frequency * i) / rate),
  );
}

// EBU Tech 3341, minimum requirements, cases 1 to 3: a stereo sine of 1 kHz reads what its peak in dBFS is.
describe("integrated loudness", () => {
  it.each([
    [48_000, -23],
    [48_000, -33],
    [44_100, -23],
  ])("of a sine of 1 kHz at %i Hz and %i dBFS", (rate, level) => {
    const meter = new LoudnessMeter(rate);
    const tone = sine(1000, level, 6, rate);
    meter.take([tone, tone]);
    expect(meter.integrated).toBeCloseTo(level, 1);
  });

  it("leaves out what is quieter than the gate (case 3)", () => {
    const meter = new LoudnessMeter(48_000);
    for (const [level, seconds] of [
      [-36, 4],
      [-23, 30],
      [-36, 4],
    ] as const) {
      const tone = sine(1000, level, seconds, 48_000);
      meter.take([tone, tone]);
    }
    expect(meter.integrated).toBeCloseTo(-23, 1);
  });

  it("does not depend on how the sound is cut", () => {
    const tone = sine(440, -20, 5, 48_000);
    const whole = new LoudnessMeter(48_000);
    whole.take([tone]);
    const cut = new LoudnessMeter(48_000);
    for (let from = 0; from < tone.length; from += 7001) cut.take([tone.subarray(from, from + 7001)]);
    expect(cut.integrated).toBeCloseTo(whole.integrated as number, 9);
  });

  it("is none for silence and for less than a block", () => {
    const meter = new LoudnessMeter(48_000);
    meter.take([new Float32Array(48_000)]);
    expect(meter.integrated).toBeNull();
    const short = new LoudnessMeter(48_000);
    short.take([sine(1000, -20, 0.3, 48_000)]);
    expect(short.integrated).toBeNull();
  });
});
