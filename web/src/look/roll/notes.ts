/** All notes of a song as columns in the order of their starts, so that what is in sight is found without looking at all. */

import type { Score } from "../score";

export interface NoteTable {
  readonly count: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly pitch: Uint8Array;
  readonly velocity: Uint8Array;
  /** Index of the part in the score. */
  readonly part: Uint16Array;
  /** The latest end among this note and all before it: rises, so that it can be searched. */
  readonly latest: Float64Array;
}

export function tableOf(score: Pick<Score, "parts">): NoteTable {
  const all = score.parts.flatMap((part, index) => part.notes.map((note) => ({ note, index })));
  all.sort((a, b) => a.note.start - b.note.start || a.index - b.index || a.note.pitch - b.note.pitch);
  const count = all.length;
  const table = {
    count,
    start: new Float64Array(count),
    end: new Float64Array(count),
    pitch: new Uint8Array(count),
    velocity: new Uint8Array(count),
    part: new Uint16Array(count),
    latest: new Float64Array(count),
  };
  let latest = 0;
  for (const [i, { note, index }] of all.entries()) {
    table.start[i] = note.start;
    table.end[i] = note.start + note.duration;
    table.pitch[i] = note.pitch;
    table.velocity[i] = note.velocity;
    table.part[i] = index;
    latest = Math.max(latest, note.start + note.duration);
    table.latest[i] = latest;
  }
  return table;
}

/** The first index of a rising column whose value is over `limit` (or reaches it, where `orEqual`). */
export function firstOver(column: Float64Array, limit: number, orEqual = false): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = column[middle] ?? Number.POSITIVE_INFINITY;
    if (value > limit || (orEqual && value === limit)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Indices `[first, end)` outside of which no note sounds between two beats; some inside may not, either. */
export function inSight(table: NoteTable, from: number, to: number): readonly [number, number] {
  return [firstOver(table.latest, from), firstOver(table.start, to, true)];
}
