/** Chord symbols as a musician reads them, and as degrees of the key. */

import { pitchClass, withSigns } from "./names";

export interface ChordSymbol {
  readonly root: string;
  /** What stands after the root: "m7", "maj7", "sus4", "" for a major triad. */
  readonly quality: string;
  readonly bass: string | null;
}

export function readChord(symbol: string): ChordSymbol | null {
  const match = /^([A-G][#b]*)(.*?)(?:\/([A-G][#b]*))?$/.exec(symbol.trim());
  return match ? { root: match[1] ?? "", quality: match[2] ?? "", bass: match[3] ?? null } : null;
}

/** Qualities that are printed otherwise than they are kept; all others are printed with real signs. */
const PRINTED: Readonly<Record<string, string>> = {
  dim: "°",
  aug: "+",
  "69": "6/9",
  mmaj7: "m(maj7)",
  dim7: "°7",
  aug7: "+7",
  madd9: "m(add9)",
};

/** Such as B♭maj7 or F♯m7♭5. */
export function chordName(symbol: string): string {
  const chord = readChord(symbol);
  if (!chord) return symbol;
  const quality = PRINTED[chord.quality] ?? chord.quality.replace(/#/g, "♯").replace(/b(?=\d)/g, "♭");
  return withSigns(chord.root) + quality + (chord.bass ? `/${withSigns(chord.bass)}` : "");
}

const MAJOR_DEGREES = ["I", "♭II", "II", "♭III", "III", "IV", "♯IV", "V", "♭VI", "VI", "♭VII", "VII"] as const;
const MINOR_DEGREES = ["I", "♭II", "II", "III", "♯III", "IV", "♯IV", "V", "VI", "♯VI", "VII", "♯VII"] as const;
const MINOR_LIKE = new Set(["minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "locrian"]);

interface Kind {
  readonly test: RegExp;
  readonly small: boolean;
  readonly mark: string;
}

/** How the third and fifth show in a degree, in the order in which they are looked for. */
const KINDS: readonly Kind[] = [
  { test: /^m7b5/, small: true, mark: "ø" },
  { test: /^(dim|°)/, small: true, mark: "°" },
  { test: /^(aug|\+)/, small: false, mark: "+" },
  { test: /^m(?!aj)/, small: true, mark: "" },
  { test: /^/, small: false, mark: "" },
];

/** The degree of a chord in a key: "V7", "ii", "♭VII", "vii°"; "" where key or chord cannot be read. */
export function degreeOf(symbol: string, key: string, scale: string): string {
  const chord = readChord(symbol);
  const root = chord && pitchClass(chord.root);
  const tonic = pitchClass(key);
  if (!chord || root === null || tonic === null) return "";
  const degrees = MINOR_LIKE.has(scale) ? MINOR_DEGREES : MAJOR_DEGREES;
  const degree = degrees[(root - tonic + 12) % 12] ?? "";
  const kind = KINDS.find(({ test }) => test.test(chord.quality));
  return (kind?.small ? degree.toLowerCase() : degree) + (kind?.mark ?? "") + tail(chord.quality);
}

/** What a degree keeps of the quality behind its third and fifth: sevenths, added and suspended notes. */
function tail(quality: string): string {
  if (/^(m7b5|dim7|aug7)/.test(quality)) return "7";
  const rest = quality.replace(/^(dim|aug|m(?!aj))/, "");
  return rest
    .replace(/^add(\d+)$/, "(add$1)")
    .replace(/#/g, "♯")
    .replace(/b(?=\d)/g, "♭");
}
