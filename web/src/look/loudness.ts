/** The loudness of a song over time: what its chart shows, and the same in words. */

import type { LoudnessCurve } from "../api";
import type { Stretch } from "./score";

const UNDER_TARGET = 24;
const STEP = 6;
const SILENCE = -100;

/** Lowest and highest LUFS of the chart: from well under the target to over the loudest moment. */
export function loudnessRange(
  curve: Pick<LoudnessCurve, "integrated_lufs" | "max_momentary_lufs">,
  target: number | null,
): [number, number] {
  const middle = target ?? Math.max(-40, curve.integrated_lufs);
  const top = Math.min(0, STEP * Math.ceil((Math.max(middle, curve.max_momentary_lufs) + 1) / STEP));
  return [STEP * Math.floor((middle - UNDER_TARGET) / STEP), top];
}

export interface SectionLoudness extends Stretch {
  /** The loudest three seconds in it, or moment where it is shorter; null where nothing was measured. */
  readonly loudest: number | null;
  /** Mean of the power over it, as LUFS. */
  readonly usual: number | null;
}

export function bySection(curve: LoudnessCurve, stretches: readonly Stretch[]): SectionLoudness[] {
  return stretches.map((stretch) => {
    const inside = (values: readonly (number | null)[]) =>
      values.filter((value, i): value is number => {
        const middle = (i + 0.5) * curve.step_s;
        return value !== null && value > SILENCE && middle >= stretch.from && middle < stretch.to;
      });
    const long = inside(curve.short_term);
    const brief = inside(curve.momentary);
    return { ...stretch, loudest: highest(long) ?? highest(brief), usual: meanOfPower(brief) };
  });
}

function highest(values: readonly number[]): number | null {
  return values.length > 0 ? Math.max(...values) : null;
}

export function meanOfPower(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return 10 * Math.log10(values.reduce((sum, value) => sum + 10 ** (value / 10), 0) / values.length);
}

/** The value of a curve at a time; null outside of it. */
export function readAt(values: readonly (number | null)[], step: number, seconds: number): number | null {
  return values[Math.floor(seconds / step)] ?? null;
}

export const signed = (value: number, digits = 1): string =>
  `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(digits)}`;

/** A level with a real minus sign: "−14.0". */
export const level = (value: number, digits = 1): string => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(digits)}`;

export function loudnessInWords(
  curve: LoudnessCurve,
  target: number | null,
  sections: readonly SectionLoudness[],
): string {
  const known = sections.filter((section): section is SectionLoudness & { usual: number } => section.usual !== null);
  const loudest = known.toSorted((a, b) => b.usual - a.usual)[0];
  const softest = known.toSorted((a, b) => a.usual - b.usual)[0];
  const against = target === null ? "" : `, ${againstTarget(curve.integrated_lufs - target)} of ${level(target)}`;
  const range = `Loudness range ${curve.loudness_range_lu.toFixed(1)} LU, true peak ${level(curve.true_peak_dbtp)} dBTP.`;
  const form =
    loudest && softest && loudest !== softest
      ? ` The loudest section is ${loudest.name}, the softest ${softest.name}.`
      : "";
  return `The song as a whole has ${level(curve.integrated_lufs)} LUFS${against}. ${range}${form}`;
}

function againstTarget(difference: number): string {
  if (Math.abs(difference) < 0.15) return "at its target";
  return `${Math.abs(difference).toFixed(1)} LU ${difference > 0 ? "over" : "under"} its target`;
}
