/** The form of a song in seconds: sections with names, lengths and energy. */

import type { Loop } from "./clock";

export interface SongSection {
  name: string;
  start: number;
  end: number;
  energy: number;
  bars?: number;
}

/** What of a written score (domain: Score) tells the form. */
export interface WrittenForm {
  time_signature?: { numerator: number; denominator: number };
  tempo: readonly { start: number; bpm: number }[];
  sections: readonly { name: string; start_bar: number; bars: number; energy?: number }[];
}

/** What of a song's context tells the form when there is no score yet. */
export interface PlannedForm {
  tempo: number;
  time_signature?: string;
  structure: readonly { name: string; duration: number; unit?: string }[];
  energies?: Readonly<Record<string, number>>;
}

const MIDDLE_ENERGY = 0.5;

/** Seconds until a beat (quarter note) under a tempo map that starts at beat 0. */
export function secondsAt(beat: number, tempo: WrittenForm["tempo"]): number {
  let total = 0;
  tempo.forEach((change, index) => {
    const until = Math.min(beat, tempo[index + 1]?.start ?? Number.POSITIVE_INFINITY);
    if (until > change.start) total += ((until - change.start) * 60) / change.bpm;
  });
  return total;
}

export function sectionsOfScore(score: WrittenForm): SongSection[] {
  const metre = score.time_signature ?? { numerator: 4, denominator: 4 };
  const bar = (metre.numerator * 4) / metre.denominator;
  return score.sections.map((section) => ({
    name: section.name,
    bars: section.bars,
    energy: section.energy ?? MIDDLE_ENERGY,
    start: secondsAt(section.start_bar * bar, score.tempo),
    end: secondsAt((section.start_bar + section.bars) * bar, score.tempo),
  }));
}

export function sectionsOfPlan(plan: PlannedForm): SongSection[] {
  const [over = 4, under = 4] = (plan.time_signature ?? "4/4").split("/").map(Number);
  const beats = (over * 4) / under;
  const seconds: Readonly<Record<string, number>> = {
    bars: (beats * 60) / plan.tempo,
    beats: 60 / plan.tempo,
    seconds: 1,
  };
  let start = 0;
  return plan.structure.map((section) => {
    const unit = section.unit ?? "bars";
    const end = start + section.duration * (seconds[unit] ?? 1);
    const found: SongSection = {
      name: section.name,
      start,
      end,
      energy: plan.energies?.[section.name] ?? MIDDLE_ENERGY,
    };
    if (unit === "bars") found.bars = section.duration;
    start = end;
    return found;
  });
}

/** Sections inside a recording of `duration` seconds, the last one with what rings on after it. */
export function fitted(sections: readonly SongSection[], duration: number): SongSection[] {
  const inside = sections.filter((section) => section.start < duration);
  return inside.map((section, index) => ({
    ...section,
    end: index === inside.length - 1 ? duration : Math.min(section.end, duration),
  }));
}

export function sectionAt(sections: readonly SongSection[], position: number): SongSection | undefined {
  return sections.find((section) => position >= section.start && position < section.end);
}

/** The stretch that a section covers, in frames. */
export function loopOf(section: SongSection, rate: number): Loop {
  return { from: Math.round(section.start * rate), to: Math.round(section.end * rate) };
}

/**
 * The energy curve as the points of an SVG path in a box of 1 by 1, y down: flat inside a section, and a short slope
 * from one to the next, because a band swells into a section.
 */
export function energyPath(sections: readonly SongSection[], duration: number, slope = 0.012): string {
  if (duration <= 0) return "";
  const points = sections.flatMap((section, index) => {
    const start = section.start / duration;
    const end = section.end / duration;
    const lean = Math.min(slope, (end - start) / 4);
    const y = (1 - Math.min(1, Math.max(0, section.energy))).toFixed(4);
    const from = index === 0 ? start : start + lean;
    const to = index === sections.length - 1 ? end : end - lean;
    return [`${from.toFixed(4)},${y}`, `${to.toFixed(4)},${y}`];
  });
  return points.length ? `M${points.join("L")}` : "";
}
