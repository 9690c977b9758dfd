/** Where everything is on a piano roll, in CSS pixels. Beats run to the right, pitches up; percussion stands below in lanes. */

import { beatsOf, type Score } from "../score";
import { inSight, type NoteTable } from "./notes";

export const GUTTER = 62;
/** Heights of the three lines on top: sections, bar numbers, chords. */
export const TOP = { sections: 24, bars: 18, chords: 20 } as const;
export const HEAD = TOP.sections + TOP.bars + TOP.chords;
const LANE = 14;
const GAP = 10;
const LOWEST_ROW = 6;
const HIGHEST_ROW = 13;
/** A run of unused pitches longer than this is folded away. */
const FOLD_OVER = 7;
const MARGIN = 1;
export const NARROWEST_BEAT = 0.2;
export const WIDEST_BEAT = 160;
const REACH = 4;

export interface Row {
  /** MIDI note; a folded stretch has the pitch above it. */
  readonly pitch: number;
  readonly kind: "pitch" | "fold" | "drum";
  readonly top: number;
  readonly height: number;
}

export interface Layout {
  readonly rows: readonly Row[];
  /** Top of a pitch's row and of a drum's lane, by MIDI note; NaN where nothing is played. */
  readonly pitchTop: Float64Array;
  readonly drumTop: Float64Array;
  readonly rowHeight: number;
  readonly laneHeight: number;
  readonly height: number;
  readonly beats: number;
}

/** What of the roll is in sight: the left edge in pixels of the whole roll, the width of a beat, and the window's size. */
export interface View {
  readonly left: number;
  readonly top: number;
  readonly beat: number;
  readonly width: number;
  readonly height: number;
}

/** Pitches from the highest down, with the runs that nobody plays folded; null stands for a fold. */
export function foldedPitches(used: ReadonlySet<number>): (number | null)[] {
  if (used.size === 0) return [];
  const low = Math.max(0, Math.min(...used) - MARGIN);
  const high = Math.min(127, Math.max(...used) + MARGIN);
  const out: (number | null)[] = [];
  let run: number[] = [];
  for (let pitch = high; pitch >= low; pitch--) {
    if (!used.has(pitch)) {
      run.push(pitch);
      continue;
    }
    out.push(...closed(run), pitch);
    run = [];
  }
  return [...out, ...closed(run)];
}

function closed(run: readonly number[]): (number | null)[] {
  if (run.length <= FOLD_OVER) return [...run];
  return [...run.slice(0, MARGIN), null, ...run.slice(-MARGIN)];
}

/** Lay the rows out for a window of some height: rows grow into it as far as they stay notes, and scroll where they are many. */
export function layoutOf(score: Pick<Score, "parts" | "sections" | "time_signature">, room: number): Layout {
  const used = new Set<number>();
  const struck = new Map<number, number>();
  for (const part of score.parts) {
    for (const { pitch } of part.notes) {
      if (part.is_drum) struck.set(pitch, (struck.get(pitch) ?? 0) + 1);
      else used.add(pitch);
    }
  }
  const pitches = foldedPitches(used);
  const lanes = [...struck.keys()].sort((a, b) => b - a);
  const below = lanes.length > 0 ? lanes.length * LANE + (pitches.length > 0 ? GAP : 0) : 0;
  const fitting = Math.floor((room - HEAD - below) / Math.max(1, pitches.length));
  const rowHeight = Math.min(HIGHEST_ROW, Math.max(LOWEST_ROW, fitting));
  const pitchTop = new Float64Array(128).fill(Number.NaN);
  const drumTop = new Float64Array(128).fill(Number.NaN);
  const rows: Row[] = [];
  let top = HEAD;
  for (const [index, pitch] of pitches.entries()) {
    if (pitch === null) {
      rows.push({ pitch: pitches[index - 1] ?? 0, kind: "fold", top, height: rowHeight });
    } else {
      rows.push({ pitch, kind: "pitch", top, height: rowHeight });
      pitchTop[pitch] = top;
    }
    top += rowHeight;
  }
  if (lanes.length > 0 && pitches.length > 0) top += GAP;
  for (const pitch of lanes) {
    rows.push({ pitch, kind: "drum", top, height: LANE });
    drumTop[pitch] = top;
    top += LANE;
  }
  return { rows, pitchTop, drumTop, rowHeight, laneHeight: LANE, height: top, beats: beatsOf(score) };
}

/** The place of a beat inside the window. */
export function xOf(beat: number, view: View): number {
  return GUTTER + beat * view.beat - view.left;
}

export function beatOf(x: number, view: View): number {
  return (x - GUTTER + view.left) / view.beat;
}

export function widthOf(layout: Pick<Layout, "beats">, beat: number): number {
  return GUTTER + layout.beats * beat;
}

/** First and last beat in sight. */
export function beatsInSight(view: View): readonly [number, number] {
  return [Math.max(0, beatOf(GUTTER, view)), beatOf(view.width, view)];
}

export function notesInSight(table: NoteTable, view: View): readonly [number, number] {
  return inSight(table, ...beatsInSight(view));
}

/** The width of a beat with which the whole song fits. */
export function fitting(layout: Pick<Layout, "beats">, width: number): number {
  return clampBeat((width - GUTTER) / Math.max(1, layout.beats));
}

export function clampBeat(beat: number): number {
  return Math.min(WIDEST_BEAT, Math.max(NARROWEST_BEAT, beat));
}

/** Zoom so that what is under `x` stays there: the new width of a beat and the new left edge. */
export function zoomed(
  view: View,
  layout: Pick<Layout, "beats">,
  factor: number,
  x: number,
): { beat: number; left: number } {
  const beat = clampBeat(view.beat * factor);
  const left = beatOf(x, view) * beat - (x - GUTTER);
  return { beat, left: clampLeft(left, beat, view.width, layout) };
}

export function clampLeft(left: number, beat: number, width: number, layout: Pick<Layout, "beats">): number {
  return Math.max(0, Math.min(left, widthOf(layout, beat) - width));
}

/** Top of a note's row in the whole roll; NaN where it has none. */
export function topOf(pitch: number, isDrum: boolean, layout: Layout): number {
  return (isDrum ? layout.drumTop[pitch] : layout.pitchTop[pitch]) ?? Number.NaN;
}

/**
 * The note under a place of the window, the one painted last where several lie there; null for none. A hand is given a
 * few pixels around short notes.
 */
export function hit(
  table: NoteTable,
  layout: Layout,
  view: View,
  x: number,
  y: number,
  drums: readonly boolean[],
  shown: readonly boolean[],
): number | null {
  if (x < GUTTER || y < HEAD) return null;
  const reach = REACH / view.beat;
  const beat = beatOf(x, view);
  const line = y + view.top;
  const [first, end] = inSight(table, beat - reach, beat + reach);
  let best: number | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = first; i < end; i++) {
    const part = table.part[i] ?? 0;
    if (!shown[part]) continue;
    const isDrum = drums[part] ?? false;
    const top = topOf(table.pitch[i] ?? 0, isDrum, layout);
    if (!(line >= top && line < top + (isDrum ? layout.laneHeight : layout.rowHeight))) continue;
    const from = table.start[i] ?? 0;
    const to = isDrum ? from : (table.end[i] ?? 0);
    const away = beat < from ? from - beat : beat > to ? beat - to : 0;
    if (away > reach || away > nearest) continue;
    nearest = away;
    best = i;
  }
  return best;
}

/** Every how many bars a number fits. */
export function barStep(barWidth: number, room: number): number {
  let step = 1;
  while (step * barWidth < room) step *= 2;
  return step;
}

/** Where the window should stand for a beat to be in sight: unmoved while it is, else with some of what comes before it. */
export function leftFor(beat: number, view: View, layout: Pick<Layout, "beats">): number {
  const x = xOf(beat, view);
  if (x >= GUTTER && x <= view.width - 24) return view.left;
  const lead = (view.width - GUTTER) * 0.15;
  return clampLeft(beat * view.beat - lead, view.beat, view.width, layout);
}
