/** Chords and notes by their names: whether two progressions are the same in another key. */

const ROOT = /^([A-G])(##|bb|#|b)?(.*)$/;
const SEMITONES: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const ACCIDENTALS: Readonly<Record<string, number>> = { "##": 2, "#": 1, b: -1, bb: -2 };

interface Chord {
  readonly root: number;
  readonly quality: string;
}

function chord(symbol: string): Chord | undefined {
  const found = ROOT.exec(symbol);
  if (!found) return undefined;
  const [, letter = "", accidental = "", rest = ""] = found;
  const root = (SEMITONES[letter] ?? 0) + (ACCIDENTALS[accidental] ?? 0);
  const [quality = "", bass] = rest.split("/");
  const under = bass === undefined ? undefined : chord(bass);
  const over = under ? `/${mod(under.root - root)}` : "";
  return { root: mod(root), quality: quality + over };
}

const mod = (value: number): number => ((value % 12) + 12) % 12;

const symbols = (bars: readonly string[]): readonly string[] => bars.flatMap((bar) => bar.split(/\s+/)).filter(Boolean);

/**
 * By how many semitones every chord moved, -5 to 6, the nearer way; undefined where they are not one progression in two
 * keys. Chords that are written as Roman numerals are in no key.
 */
export function shift(before: readonly string[], after: readonly string[]): number | undefined {
  const [old, fresh] = [symbols(before).map(chord), symbols(after).map(chord)];
  if (old.length === 0 || old.length !== fresh.length) return undefined;
  let found: number | undefined;
  for (const [index, one] of old.entries()) {
    const other = fresh[index];
    if (!one || !other || one.quality !== other.quality) return undefined;
    const moved = mod(other.root - one.root);
    if (found !== undefined && moved !== found) return undefined;
    found = moved;
  }
  return found === undefined ? undefined : found > 6 ? found - 12 : found;
}

/** "3 semitones lower". */
export function shiftWords(semitones: number): string {
  const amount = Math.abs(semitones);
  return `${amount} ${amount === 1 ? "semitone" : "semitones"} ${semitones < 0 ? "lower" : "higher"}`;
}

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** A MIDI note number as a name: 60 is C4. */
export const noteName = (midi: number): string => `${NAMES[mod(midi)]}${Math.floor(midi / 12) - 1}`;
