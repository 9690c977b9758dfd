/** Measurements in a musician's words: what each is called, its unit, and what more or less of it means. */

import type { MeasuredChange } from "../api/schema";

interface Measure {
  readonly name: string;
  readonly unit?: string;
  /** The unit of a difference, where it is another one: two LUFS values are some LU apart. */
  readonly apart?: string;
  readonly decimals?: number;
  readonly more?: string;
  readonly less?: string;
  /** Numbers for the desk rather than for the ear: they stand below the others. */
  readonly fine?: true;
}

/** In the order in which they are told. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  integrated_lufs: { name: "Loudness", unit: "LUFS", apart: "LU", decimals: 1, more: "louder", less: "quieter" },
  tempo_bpm: { name: "Tempo, as heard", unit: "bpm", decimals: 1, more: "faster", less: "slower" },
  key: { name: "Key, as heard" },
  duration_s: { name: "Length", unit: "s", decimals: 1, more: "longer", less: "shorter" },
  true_peak_dbtp: { name: "True peak", unit: "dBTP", apart: "dB", decimals: 1, more: "higher", less: "lower" },
  loudness_range_lu: { name: "Loudness range", unit: "LU", decimals: 1, more: "more dynamic", less: "more even" },
  plr_db: { name: "Peak to loudness", unit: "dB", decimals: 1, more: "punchier", less: "denser" },
  slope_db_per_octave: { name: "Tone", unit: "dB per octave", decimals: 1, more: "brighter", less: "darker" },
  correlation: { name: "Stereo correlation", decimals: 2, more: "narrower", less: "wider" },
  checks_ok: { name: "Holds all its checks" },
  title: { name: "Title that was found" },
  confidence: { name: "Sure of the idea", unit: "%", decimals: 0, more: "surer", less: "less sure" },
  sound_set: { name: "Sounds" },
  sketch_sound_set: { name: "Sounds of the sketch" },
  max_short_term_lufs: {
    name: "Loudest three seconds",
    unit: "LUFS",
    apart: "LU",
    decimals: 1,
    more: "louder",
    less: "quieter",
    fine: true,
  },
  max_momentary_lufs: {
    name: "Loudest moment",
    unit: "LUFS",
    apart: "LU",
    decimals: 1,
    more: "louder",
    less: "quieter",
    fine: true,
  },
  sample_peak_dbfs: {
    name: "Highest sample",
    unit: "dBFS",
    apart: "dB",
    decimals: 1,
    more: "higher",
    less: "lower",
    fine: true,
  },
  crest_db: { name: "Crest factor", unit: "dB", decimals: 1, more: "more", less: "less", fine: true },
  balance_db: {
    name: "Left against right",
    unit: "dB",
    decimals: 1,
    more: "further left",
    less: "further right",
    fine: true,
  },
  min_correlation: { name: "Lowest correlation", decimals: 2, more: "narrower", less: "wider", fine: true },
  low_side_db: { name: "Width of the low end", unit: "dB", decimals: 1, more: "wider", less: "narrower", fine: true },
  mono_loss_db: { name: "Lost in mono", unit: "dB", decimals: 1, more: "more", less: "less", fine: true },
  mono_band_loss_db: {
    name: "Lost in mono, worst band",
    unit: "dB",
    decimals: 1,
    more: "more",
    less: "less",
    fine: true,
  },
  lead_silence_s: { name: "Silence before", unit: "s", decimals: 2, more: "longer", less: "shorter", fine: true },
  longest_silence_s: {
    name: "Longest silence inside",
    unit: "s",
    decimals: 2,
    more: "longer",
    less: "shorter",
    fine: true,
  },
  tail_silence_s: { name: "Silence after", unit: "s", decimals: 2, more: "longer", less: "shorter", fine: true },
  clipped_samples: { name: "Clipped samples", decimals: 0, more: "more", less: "fewer", fine: true },
  clicks: { name: "Clicks", decimals: 0, more: "more", less: "fewer", fine: true },
  tempo_confidence: {
    name: "How clear the pulse is",
    unit: "%",
    decimals: 0,
    more: "clearer",
    less: "less clear",
    fine: true,
  },
  key_confidence: {
    name: "How clear the key is",
    unit: "%",
    decimals: 0,
    more: "clearer",
    less: "less clear",
    fine: true,
  },
  dc: { name: "DC offset", decimals: 4, more: "more", less: "less", fine: true },
};

/** Measurements that say the same again in a shape for programs. */
const UNTOLD: ReadonlySet<string> = new Set(["sections"]);

export interface MeasureLine {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** "2.0 LU quieter"; empty where the two cannot be subtracted. */
  readonly difference: string;
  readonly fine: boolean;
}

/** The differences that can be seen after rounding, the ones for the ear first. */
export function measureLines(changes: readonly MeasuredChange[]): readonly MeasureLine[] {
  const order = Object.keys(MEASURES);
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return changes
    .filter((change) => !UNTOLD.has(change.name))
    .sort((one, other) => rank(one.name) - rank(other.name) || one.name.localeCompare(other.name))
    .map(line)
    .filter((told) => told.before !== told.after)
    .sort((one, other) => Number(one.fine) - Number(other.fine));
}

function line(change: MeasuredChange): MeasureLine {
  const measure = measureOf(change.name);
  return {
    name: measure.name,
    before: worded(measure, change.before),
    after: worded(measure, change.after),
    difference: difference(measure, change),
    fine: measure.fine ?? false,
  };
}

const measureOf = (name: string): Measure =>
  MEASURES[name] ?? { name: plainName(name), decimals: 2, fine: true as const };

type Value = MeasuredChange["before"] | undefined;

/** A measured value with its unit. */
export function valueWords(name: string, value: Value): string {
  return worded(measureOf(name), value);
}

function worded(measure: Measure, value: Value): string {
  if (value === null || value === undefined) return "not measured";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  const unit = measure.unit ? `${measure.unit === "%" ? "" : " "}${measure.unit}` : "";
  return `${number(scaled(measure, value), measure.decimals)}${unit}`;
}

function difference(measure: Measure, change: MeasuredChange): string {
  const { before, after } = change;
  if (typeof before !== "number" || typeof after !== "number") return "";
  const apart = scaled(measure, after - before);
  const amount = number(Math.abs(apart), measure.decimals);
  if (Number(amount) === 0) return "";
  const unit = measure.apart ?? measure.unit ?? "";
  const way = (apart > 0 ? measure.more : measure.less) ?? (apart > 0 ? "more" : "less");
  return [unit === "%" ? `${amount}%` : amount, unit === "%" ? "" : unit, way].filter(Boolean).join(" ");
}

/** Shares are kept from 0 to 1 and told in per cent. */
const scaled = (measure: Measure, value: number): number => (measure.unit === "%" ? value * 100 : value);

/** A number with a real minus sign and no minus before zero. */
export function number(value: number, decimals = 2): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** "max_short_term" as words, for measurements that this page has not heard of. */
const plainName = (name: string): string => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
