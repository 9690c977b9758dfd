/** Notes, drums and lengths as a musician says them. */

import { placeOf, type Score } from "./score";

const FLAT_KEYS = new Set(["F", "Bb", "Eb", "Ab", "Db", "Gb", "Cb"]);
/** Semitones from a mode's tonic up to the tonic of the major key that has its notes. */
const TO_MAJOR: Readonly<Record<string, number>> = {
  minor: 3,
  harmonic_minor: 3,
  melodic_minor: 3,
  dorian: 10,
  phrygian: 8,
  lydian: 7,
  mixolydian: 5,
  locrian: 1,
};
const SHARP = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"] as const;
const FLAT = ["C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B"] as const;
const MAJOR_KEYS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"] as const;
const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** 0 to 11 of a note's name such as F#, B♭ or Ebb; null for what is none. */
export function pitchClass(name: string): number | null {
  const match = /^([A-G])([#b♯♭]*)$/.exec(name);
  const letter = LETTERS[match?.[1] ?? ""];
  if (!match || letter === undefined) return null;
  const signs = [...(match[2] ?? "")].reduce((sum, sign) => sum + (sign === "#" || sign === "♯" ? 1 : -1), 0);
  return (((letter + signs) % 12) + 12) % 12;
}

/** Whether notes outside the key's own are called flats. */
export function isFlatKey(key: string, scale: string): boolean {
  if (key.includes("b") || key.includes("♭")) return true;
  if (key.includes("#") || key.includes("♯")) return false;
  const tonic = pitchClass(key);
  if (tonic === null) return false;
  return FLAT_KEYS.has(MAJOR_KEYS[(tonic + (TO_MAJOR[scale] ?? 0)) % 12] ?? "C");
}

/** Such as B♭3; middle C is C4. */
export function pitchName(pitch: number, flats: boolean): string {
  return `${(flats ? FLAT : SHARP)[pitch % 12] ?? ""}${Math.floor(pitch / 12) - 1}`;
}

/** A note or chord name with real signs: Bb is B♭, F# is F♯. */
export function withSigns(name: string): string {
  return name.replace(/#/g, "♯").replace(/b/g, "♭");
}

export function keyName(key: string, scale: string): string {
  return `${withSigns(key)} ${scale.replace(/_/g, " ")}`;
}

/** The General MIDI kit. */
const DRUMS: Readonly<Record<number, string>> = {
  35: "acoustic bass drum",
  36: "bass drum",
  37: "side stick",
  38: "snare",
  39: "hand clap",
  40: "electric snare",
  41: "low floor tom",
  42: "closed hi-hat",
  43: "high floor tom",
  44: "pedal hi-hat",
  45: "low tom",
  46: "open hi-hat",
  47: "mid tom",
  48: "high-mid tom",
  49: "crash",
  50: "high tom",
  51: "ride",
  52: "china cymbal",
  53: "ride bell",
  54: "tambourine",
  55: "splash",
  56: "cowbell",
  57: "second crash",
  58: "vibraslap",
  59: "second ride",
  60: "high bongo",
  61: "low bongo",
  62: "muted conga",
  63: "open conga",
  64: "low conga",
  65: "high timbale",
  66: "low timbale",
  67: "high agogo",
  68: "low agogo",
  69: "cabasa",
  70: "maracas",
  73: "short guiro",
  74: "long guiro",
  75: "claves",
  76: "high wood block",
  77: "low wood block",
  80: "muted triangle",
  81: "open triangle",
  82: "shaker",
};

export function drumName(pitch: number): string {
  return DRUMS[pitch] ?? `percussion ${pitch}`;
}

const COUNTS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] as const;
const PARTS: readonly (readonly [number, string])[] = [
  [1 / 4, "a quarter of a beat"],
  [1 / 3, "a third of a beat"],
  [1 / 2, "half a beat"],
  [2 / 3, "two thirds of a beat"],
  [3 / 4, "three quarters of a beat"],
  [1.5, "one and a half beats"],
];
const TOLERANCE = 0.06;

/** A length in counted beats, to the next one that has a name: "one beat", "half a beat", "2.3 beats". */
export function lengthInWords(beats: number): string {
  const whole = Math.round(beats);
  if (whole >= 1 && Math.abs(beats - whole) <= TOLERANCE * whole) {
    return whole === 1 ? "one beat" : `${COUNTS[whole] ?? whole} beats`;
  }
  const named = PARTS.find(([length]) => Math.abs(beats - length) <= TOLERANCE * Math.max(length, 0.5));
  if (named) return named[1];
  return beats < 0.2 ? "very short" : `${Number(beats.toFixed(1))} beats`;
}

/** "bar 12 beat 2", with "and a half" and the like where a note lies between the beats. */
export function placeInWords(beat: number, score: Pick<Score, "time_signature">): string {
  const place = placeOf(beat, score);
  const eighths = Math.round(place.beat * 4) / 4;
  const inside = Math.abs(eighths - place.beat) < 0.04 ? eighths : Number(place.beat.toFixed(2));
  return `bar ${place.bar} beat ${inside}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "drums, bass and keys". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
