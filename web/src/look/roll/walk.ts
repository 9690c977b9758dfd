/** Walking from note to note with the arrows, and what is said of a note. */

import { drumName, isFlatKey, lengthInWords, pitchName, placeInWords } from "../names";
import { beatsPerBar, countedBeat, keyAt, type Score, sectionAt, sectionLabel } from "../score";
import { firstOver, type NoteTable } from "./notes";

export type Step = "next" | "previous" | "up" | "down" | "first" | "last" | "nextSection" | "previousSection";

/** What the keys of the piano roll do. */
export const STEPS: Readonly<Record<string, Step>> = {
  ArrowRight: "next",
  ArrowLeft: "previous",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
  PageDown: "nextSection",
  PageUp: "previousSection",
};

const NEAR_BEAT = 0.01;
const LOOK_BACK = 400;

/** The note after a step; null where there is none. Right and left stay in the part, up and down go to other notes near. */
export function stepped(
  score: Score,
  table: NoteTable,
  shown: readonly boolean[],
  from: number | null,
  step: Step,
  beat = 0,
): number | null {
  const isShown = (i: number) => shown[table.part[i] ?? 0] === true;
  if (step === "first") return seek(table, 0, 1, isShown);
  if (step === "last") return seek(table, table.count - 1, -1, isShown);
  if (step === "nextSection" || step === "previousSection") {
    const at = from === null ? beat : (table.start[from] ?? 0);
    const part = from === null ? undefined : table.part[from];
    return sectionStep(score, table, isShown, at, step === "nextSection" ? 1 : -1, part);
  }
  if (from === null) {
    const start = firstOver(table.start, beat - NEAR_BEAT);
    const tune = score.parts.findIndex(({ role }) => role === "lead");
    const inTune = (i: number) => table.part[i] === tune && isShown(i);
    return seek(table, start, 1, inTune) ?? seek(table, start, 1, isShown) ?? seek(table, 0, 1, isShown);
  }
  if (step === "next" || step === "previous") {
    const way = step === "next" ? 1 : -1;
    const part = table.part[from];
    return seek(table, from + way, way, (i) => table.part[i] === part && isShown(i));
  }
  return heightStep(score, table, isShown, from, step === "up" ? 1 : -1);
}

function seek(table: NoteTable, from: number, way: 1 | -1, fits: (i: number) => boolean): number | null {
  for (let i = from; i >= 0 && i < table.count; i += way) if (fits(i)) return i;
  return null;
}

/** The first note of the section after or before, of the same part where that plays there. */
function sectionStep(
  score: Score,
  table: NoteTable,
  isShown: (i: number) => boolean,
  beat: number,
  way: 1 | -1,
  part: number | undefined,
): number | null {
  const bar = beatsPerBar(score);
  const starts = score.sections.map((section) => section.start_bar * bar);
  const target =
    way > 0 ? starts.find((start) => start > beat + NEAR_BEAT) : starts.filter((s) => s < beat - NEAR_BEAT).at(-1);
  if (target === undefined) return null;
  const next = starts.find((start) => start > target + NEAR_BEAT) ?? Number.POSITIVE_INFINITY;
  const first = firstOver(table.start, target - NEAR_BEAT);
  const own = seek(table, first, 1, (i) => table.part[i] === part && isShown(i));
  return own !== null && (table.start[own] ?? next) < next ? own : seek(table, first, 1, isShown);
}

/** The next higher or lower note that sounds together with this one; percussion lies under all pitches. */
function heightStep(
  score: Score,
  table: NoteTable,
  isShown: (i: number) => boolean,
  from: number,
  way: 1 | -1,
): number | null {
  const level = (i: number) => {
    const drum = score.parts[table.part[i] ?? 0]?.is_drum ?? false;
    return (table.pitch[i] ?? 0) - (drum ? 128 : 0);
  };
  const begin = table.start[from] ?? 0;
  const end = Math.max(table.end[from] ?? 0, begin + NEAR_BEAT);
  const own = level(from);
  let best: number | null = null;
  const last = firstOver(table.start, end - NEAR_BEAT);
  for (let i = Math.max(0, from - LOOK_BACK); i < last; i++) {
    if (i === from || !isShown(i) || (table.end[i] ?? 0) <= begin + NEAR_BEAT) continue;
    const away = (level(i) - own) * way;
    const same = away === 0 && table.part[i] !== table.part[from] && (way > 0 ? i > from : i < from);
    if (away < 0 || (away === 0 && !same)) continue;
    if (best === null || away < (level(best) - own) * way) best = i;
  }
  return best;
}

const TOUCHES: readonly (readonly [number, string])[] = [
  [45, "very soft"],
  [64, "soft"],
  [96, ""],
  [112, "loud"],
  [128, "very loud"],
];

/** "Melody, A4, bar 12 beat 2, one beat". */
export function describeNote(score: Score, table: NoteTable, index: number): string {
  const part = score.parts[table.part[index] ?? 0];
  const start = table.start[index] ?? 0;
  const pitch = table.pitch[index] ?? 0;
  const { key, scale } = keyAt(score, start);
  const name = part?.is_drum ? drumName(pitch) : pitchName(pitch, isFlatKey(key, scale));
  const length = part?.is_drum ? "" : lengthInWords(((table.end[index] ?? 0) - start) / countedBeat(score));
  const touch = TOUCHES.find(([under]) => (table.velocity[index] ?? 80) < under)?.[1] ?? "";
  return [part?.name ?? "", name, placeInWords(start, score), length, touch].filter(Boolean).join(", ");
}

/** Where a beat is: "Chorus 1, bar 9 beat 1". */
export function describePlace(score: Score, beat: number): string {
  const section = sectionAt(score, beat);
  const place = placeInWords(beat, score);
  return section ? `${sectionLabel(section.name)}, ${place}` : place;
}
