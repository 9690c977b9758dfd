/** Which page of the score a moment is on, learned page by page: pages are big, so none is fetched without need. */

import type { Timemap } from "../api";

export interface Sounding {
  readonly beat: number;
  readonly ids: readonly string[];
}

/** From which beat on which notes sound, for a cursor: every moment at which a note begins or ends. */
export function soundingOf(timemap: Timemap): Sounding[] {
  const now = new Set<string>();
  return timemap.events.map(({ qstamp, tstamp, on, off }) => {
    for (const id of off) now.delete(id);
    for (const id of on) now.add(id);
    return { beat: qstamp ?? tstamp / 500, ids: [...now] };
  });
}

/** Index of the last moment at or before a beat; −1 before the first. */
export function momentAt(moments: readonly Sounding[], beat: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.beat ?? 0) > beat + 1e-3) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

export interface PageRange {
  readonly page: number;
  readonly from: number;
  readonly to: number;
}

/** First and last beat that begin on a page, from the ids of its notes; null for a page without notes. */
export function rangeOf(page: number, ids: ReadonlySet<string>, timemap: Timemap): PageRange | null {
  const beats = timemap.events
    .filter(({ on }) => on.some((id) => ids.has(id)))
    .map(({ qstamp, tstamp }) => qstamp ?? tstamp / 500);
  const [from] = beats;
  return from === undefined ? null : { page, from, to: beats.at(-1) ?? from };
}

/**
 * The page to look at for a beat: a known one that holds it, else a guess between the known ones before and after it.
 * Every wrong guess, once known, narrows the next.
 */
export function pageFor(beat: number, known: readonly PageRange[], pages: number, beats: number): number {
  const sorted = [...known].sort((a, b) => a.page - b.page);
  const before = sorted.filter(({ from }) => from <= beat).at(-1);
  const after = sorted.find(({ from }) => from > beat);
  if (before && (beat <= before.to || after?.page === before.page + 1 || before.page === pages)) return before.page;
  const low = before ? before.page + 1 : 1;
  const high = after ? Math.max(low, after.page - 1) : pages;
  const start = before?.to ?? 0;
  const end = after?.from ?? beats;
  const share = end > start ? (beat - start) / (end - start) : 0;
  return Math.min(high, low + Math.floor(Math.max(0, Math.min(0.999, share)) * (high - low + 1)));
}
