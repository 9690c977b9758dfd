/** The chord chart: every section with its bars, every bar with the chords that sound in it. */

import { chordName, degreeOf } from "./chord";
import { keyName } from "./names";
import { beatsPerBar, keyAt, NEAR, type Score, secondsAt, sectionLabel, type WrittenChord } from "./score";

export interface ChartChord {
  readonly name: string;
  readonly degree: string;
  /** Beats of the whole song. */
  readonly start: number;
  readonly end: number;
  /** Whether it began in an earlier bar. */
  readonly held: boolean;
}

export interface ChartBar {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  readonly seconds: number;
  readonly chords: readonly ChartChord[];
  /** Whether it has the chords of the bar before. */
  readonly repeats: boolean;
}

export interface ChartSection {
  readonly name: string;
  readonly firstBar: number;
  readonly bars: readonly ChartBar[];
  /** The key where it differs from that of the section before. */
  readonly key: string | null;
}

export function chartOf(score: Score): ChartSection[] {
  const length = beatsPerBar(score);
  let before = keyName(score.key, score.scale);
  return score.sections.map((section) => {
    const bars = Array.from({ length: section.bars }, (_, i) => barOf(score, section.start_bar + i, length));
    const { key, scale } = keyAt(score, section.start_bar * length);
    const now = keyName(key, scale);
    const changed = now !== before;
    before = now;
    return {
      name: sectionLabel(section.name),
      firstBar: section.start_bar + 1,
      bars: bars.map((bar, i) => ({ ...bar, repeats: i > 0 && alike(bar, bars[i - 1]) })),
      key: changed ? now : null,
    };
  });
}

function barOf(score: Score, index: number, length: number): Omit<ChartBar, "repeats"> {
  const [begin, end] = [index * length, (index + 1) * length];
  const sounding = score.chords.filter((c) => c.start < end - NEAR && c.start + c.duration > begin + NEAR);
  const chords: ChartChord[] = [];
  for (const chord of sounding) {
    const shown = chartChord(score, chord, begin, end);
    const last = chords.at(-1);
    if (last && last.name === shown.name) chords[chords.length - 1] = { ...last, end: shown.end };
    else chords.push(shown);
  }
  return { number: index + 1, start: begin, seconds: secondsAt(begin, score.tempo), chords };
}

function chartChord(score: Score, chord: WrittenChord, begin: number, end: number): ChartChord {
  const { key, scale } = keyAt(score, chord.start);
  return {
    name: chordName(chord.symbol),
    degree: degreeOf(chord.symbol, key, scale),
    start: Math.max(begin, chord.start),
    end: Math.min(end, chord.start + chord.duration),
    held: chord.start < begin - NEAR,
  };
}

function alike(one: { chords: readonly ChartChord[] }, other: { chords: readonly ChartChord[] } | undefined): boolean {
  const names = (bar: { chords: readonly ChartChord[] }) => bar.chords.map(({ name }) => name).join(" ");
  return other !== undefined && one.chords.length > 0 && names(one) === names(other);
}

/** Which bar and chord sound at a beat; null before the first and after the last bar. */
export function playingAt(chart: readonly ChartSection[], beat: number): { bar: number; chord: number } | null {
  for (const { bars } of chart) {
    for (const [i, bar] of bars.entries()) {
      const next = bars[i + 1]?.start ?? Math.max(bar.start + NEAR, ...bar.chords.map(({ end }) => end));
      if (beat < bar.start - NEAR || beat >= next - NEAR) continue;
      return { bar: bar.number, chord: bar.chords.findIndex(({ end }) => beat < end - NEAR) };
    }
  }
  return null;
}

/** Each chord of the song once, with how often it sounds and for how many bars: the song's palette. */
export function paletteOf(chart: readonly ChartSection[]): { name: string; degree: string; bars: number }[] {
  const found = new Map<string, { name: string; degree: string; bars: number }>();
  for (const { bars } of chart) {
    for (const { chords } of bars) {
      const whole = chords.reduce((sum, { start, end }) => sum + end - start, 0);
      for (const { name, degree, start, end } of chords) {
        const known = found.get(name) ?? { name, degree, bars: 0 };
        known.bars += whole > 0 ? (end - start) / whole : 0;
        found.set(name, known);
      }
    }
  }
  return [...found.values()].sort((a, b) => b.bars - a.bars);
}
