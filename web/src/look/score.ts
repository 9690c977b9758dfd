/** The written score (domain: Score) and its clock: beats are quarter notes, seconds follow the tempo map. */

export interface Note {
  readonly pitch: number;
  readonly start: number;
  readonly duration: number;
  readonly velocity: number;
}

export interface Part {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly instrument: string;
  readonly is_drum: boolean;
  readonly notes: readonly Note[];
}

export interface Section {
  readonly name: string;
  readonly kind: string;
  readonly start_bar: number;
  readonly bars: number;
  readonly energy: number;
}

export interface WrittenChord {
  readonly start: number;
  readonly duration: number;
  readonly symbol: string;
}

export interface TempoChange {
  readonly start: number;
  readonly bpm: number;
}

export interface KeyChange {
  readonly start: number;
  readonly key: string;
  readonly scale: string;
}

export interface Score {
  readonly title: string;
  readonly key: string;
  readonly scale: string;
  readonly time_signature: { readonly numerator: number; readonly denominator: number };
  readonly tempo: readonly TempoChange[];
  readonly key_changes: readonly KeyChange[];
  readonly sections: readonly Section[];
  readonly chords: readonly WrittenChord[];
  readonly parts: readonly Part[];
}

/** Beats that are alike up to the rounding of decimal numbers. */
export const NEAR = 1e-6;

export function isScore(found: unknown): found is Score {
  if (typeof found !== "object" || found === null) return false;
  const { parts, sections, tempo, chords } = found as Partial<Score>;
  return [parts, sections, tempo, chords].every(Array.isArray) && (tempo?.length ?? 0) > 0;
}

export function beatsPerBar({ time_signature }: Pick<Score, "time_signature">): number {
  return (time_signature.numerator * 4) / time_signature.denominator;
}

/** What a musician counts as one beat, in quarter notes: a dotted quarter in 6/8, 9/8 and 12/8. */
export function countedBeat({ time_signature: { numerator, denominator } }: Pick<Score, "time_signature">): number {
  if (denominator === 8 && numerator % 3 === 0 && numerator > 3) return 1.5;
  return 4 / denominator;
}

export function barsOf(score: Pick<Score, "sections">): number {
  return Math.max(0, ...score.sections.map((section) => section.start_bar + section.bars));
}

export function beatsOf(score: Pick<Score, "sections" | "time_signature">): number {
  return barsOf(score) * beatsPerBar(score);
}

/** Seconds until a beat is reached. */
export function secondsAt(beat: number, tempo: readonly TempoChange[]): number {
  let total = 0;
  for (const [index, change] of tempo.entries()) {
    if (beat <= change.start) break;
    total += ((Math.min(beat, tempo[index + 1]?.start ?? Number.POSITIVE_INFINITY) - change.start) * 60) / change.bpm;
  }
  return total;
}

/** The beat that sounds at a time; the other way round of `secondsAt`. */
export function beatAt(seconds: number, tempo: readonly TempoChange[]): number {
  let left = Math.max(0, seconds);
  for (const [index, change] of tempo.entries()) {
    const beats = (tempo[index + 1]?.start ?? Number.POSITIVE_INFINITY) - change.start;
    const lasts = (beats * 60) / change.bpm;
    if (left < lasts) return change.start + (left * change.bpm) / 60;
    left -= lasts;
  }
  return 0;
}

export function keyAt(
  score: Pick<Score, "key" | "scale" | "key_changes">,
  beat: number,
): { key: string; scale: string } {
  const change = score.key_changes.filter(({ start }) => start <= beat + NEAR).at(-1);
  return change ?? { key: score.key, scale: score.scale };
}

/** Bar and beat as they are counted, from 1; the beat may have a fraction. */
export function placeOf(beat: number, score: Pick<Score, "time_signature">): { bar: number; beat: number } {
  const length = beatsPerBar(score);
  const bar = Math.floor((beat + NEAR) / length);
  return { bar: bar + 1, beat: Math.max(0, beat - bar * length) / countedBeat(score) + 1 };
}

/** A section's name as it is printed: "verse 1" is Verse 1. */
export function sectionLabel(name: string): string {
  const text = name.replace("prechorus", "pre-chorus");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function sectionAt(score: Pick<Score, "sections" | "time_signature">, beat: number): Section | undefined {
  const bar = (beat + NEAR) / beatsPerBar(score);
  return score.sections.find((section) => bar >= section.start_bar && bar < section.start_bar + section.bars);
}

export interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The sections in seconds. */
export function stretchesOf(score: Pick<Score, "sections" | "time_signature" | "tempo">): Stretch[] {
  const bar = beatsPerBar(score);
  return score.sections.map(({ name, start_bar, bars }) => ({
    name: sectionLabel(name),
    from: secondsAt(start_bar * bar, score.tempo),
    to: secondsAt((start_bar + bars) * bar, score.tempo),
  }));
}
