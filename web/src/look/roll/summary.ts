/** The piano roll in words: who plays how much, how high and in which sections. */

import { drumName, isFlatKey, pitchName } from "../names";
import { beatsPerBar, NEAR, type Part, type Score, sectionLabel } from "../score";

export interface PartSummary {
  readonly id: string;
  readonly name: string;
  readonly notes: number;
  /** Lowest and highest pitch, or the drums that are struck most. */
  readonly range: string;
  /** Sections in which it plays; all of them are "throughout". */
  readonly plays: string;
}

const MOST_DRUMS = 4;

export function summaryOf(score: Score): PartSummary[] {
  const flats = isFlatKey(score.key, score.scale);
  return score.parts.map((part) => ({
    id: part.id,
    name: part.name,
    notes: part.notes.length,
    range: part.is_drum ? strokesOf(part) : rangeOf(part, flats),
    plays: sectionsOf(part, score),
  }));
}

function rangeOf(part: Part, flats: boolean): string {
  if (part.notes.length === 0) return "";
  const pitches = part.notes.map(({ pitch }) => pitch);
  return `${pitchName(Math.min(...pitches), flats)} to ${pitchName(Math.max(...pitches), flats)}`;
}

function strokesOf(part: Part): string {
  const counts = new Map<number, number>();
  for (const { pitch } of part.notes) counts.set(pitch, (counts.get(pitch) ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST_DRUMS);
  return most.map(([pitch]) => drumName(pitch)).join(", ");
}

function sectionsOf(part: Part, score: Score): string {
  const bar = beatsPerBar(score);
  const playing = score.sections.filter(({ start_bar, bars }) => {
    const [from, to] = [start_bar * bar - NEAR, (start_bar + bars) * bar - NEAR];
    return part.notes.some(({ start }) => start >= from && start < to);
  });
  if (playing.length === 0) return "nowhere";
  if (playing.length === score.sections.length) return "throughout";
  return playing.map(({ name }) => sectionLabel(name)).join(", ");
}
