/** What was asked and what was measured, as the check of the finished song tells it. */

export interface Check {
  readonly name: string;
  readonly asked: unknown;
  readonly measured: unknown;
  readonly ok: boolean;
}

export interface Verification {
  readonly checks: readonly Check[];
  readonly unchecked: readonly string[];
  readonly measured: Readonly<Record<string, unknown>>;
}

export function isVerification(found: unknown): found is Verification {
  return typeof found === "object" && found !== null && Array.isArray((found as { checks?: unknown }).checks);
}

interface Row {
  readonly title: string;
  readonly unit?: string;
}

/** What the checks are called, and the unit of a bare number; those that a person asked for come first. */
const CHECKS: Readonly<Record<string, Row>> = {
  loudness: { title: "Loudness", unit: "LUFS" },
  true_peak: { title: "True peak", unit: "dBTP" },
  duration: { title: "Length", unit: "s" },
  tempo: { title: "Tempo, by ear", unit: "bpm" },
  key: { title: "Key, by ear" },
  spectrum: { title: "Spectrum" },
  crest: { title: "Peaks over loudness", unit: "dB" },
  mono: { title: "Played in mono" },
  mono_safe: { title: "Left and right together" },
  low_end: { title: "Bass in the middle", unit: "dB" },
  clipping: { title: "Clipping", unit: "samples" },
  clicks: { title: "Clicks" },
  silence: { title: "Silence inside", unit: "s" },
  stems: { title: "Stems", unit: "dB" },
  notes: { title: "Notes", unit: "notes" },
  "master.wav": { title: "The WAV file" },
};
/** Checks of what the person asked for. */
export const ASKED: readonly string[] = ["loudness", "true_peak", "duration", "tempo", "key", "spectrum", "notes"];

export function checkTitle(name: string): string {
  const known = CHECKS[name]?.title;
  if (known) return known;
  const [what, file] = name.split(" of ");
  if (file) return `${CHECKS[what ?? ""]?.title ?? what} of the ${fileKind(file)} file`;
  const text = name.replace(/_/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function fileKind(file: string): string {
  return (file.split(".").at(-1) ?? file).toUpperCase().replace("OPUS", "Opus");
}

/** A value in words, with real minus signs, and its unit where it is a bare number. */
export function told(value: unknown, name = ""): string {
  if (value === null || value === undefined) return "not measured";
  if (typeof value === "number") {
    const unit = CHECKS[name.split(" of ")[0] ?? ""]?.unit;
    const number = Number.isInteger(value) ? String(value) : String(Number(value.toFixed(2)));
    return minus(unit ? `${number} ${unit}` : number);
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => told(one)).join(", ");
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([key, one]) => `${key.replace(/_/g, " ")}: ${told(one)}`)
      .join(", ");
  }
  // Genres and the like come by their names in tables, such as lo_fi.
  return minus(String(value).replace(/(?<=[a-z])_(?=[a-z])/g, " "));
}

function minus(text: string): string {
  return text.replace(/(^|[\s(])-(?=\d)/g, "$1−");
}

/** The checks in two lists: what was asked for, in its order, and everything else that was looked at. */
export function sorted(checks: readonly Check[]): { asked: Check[]; others: Check[] } {
  const rank = (check: Check) => ASKED.indexOf(check.name);
  return {
    asked: checks.filter((check) => rank(check) >= 0).toSorted((a, b) => rank(a) - rank(b)),
    others: checks.filter((check) => rank(check) < 0),
  };
}

export function heldInWords(checks: readonly Check[]): string {
  const held = checks.filter(({ ok }) => ok).length;
  if (held === checks.length) return `All ${checks.length} checks hold.`;
  const missed = checks.length - held;
  return `${held} of ${checks.length} checks hold, ${missed} ${missed === 1 ? "does" : "do"} not.`;
}

const FIGURES: readonly (readonly [string, string, string, number])[] = [
  ["integrated_lufs", "Loudness of the whole", "LUFS", 1],
  ["max_short_term_lufs", "Loudest three seconds", "LUFS", 1],
  ["max_momentary_lufs", "Loudest moment", "LUFS", 1],
  ["loudness_range_lu", "Loudness range", "LU", 1],
  ["true_peak_dbtp", "True peak", "dBTP", 2],
  ["plr_db", "Peak over loudness", "dB", 1],
  ["crest_db", "Crest factor", "dB", 1],
  ["duration_s", "Length", "s", 1],
  ["tempo_bpm", "Tempo heard", "bpm", 1],
  ["key", "Key heard", "", 0],
  ["correlation", "Left against right", "", 2],
  ["balance_db", "More on the left", "dB", 1],
  ["low_side_db", "Sides under 120 Hz", "dB", 1],
  ["slope_db_per_octave", "Slope of the spectrum", "dB per octave", 1],
];

/** Figures of the finished sound that are worth a look, in words. */
export function figuresOf(measured: Readonly<Record<string, unknown>>): { name: string; value: string }[] {
  return FIGURES.flatMap(([key, name, unit, digits]) => {
    const found = measured[key];
    if (found === undefined || found === null) return [];
    const text = typeof found === "number" ? minus(found.toFixed(digits)) : String(found);
    return [{ name, value: unit ? `${text} ${unit}` : text }];
  });
}
