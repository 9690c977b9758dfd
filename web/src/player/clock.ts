/** Where a song is, and what has to sound when: all in whole frames of the one rate at which everything plays. */

/** A stretch that is played over and over, from its first frame to the one after its last. */
export interface Loop {
  from: number;
  to: number;
}

/** Frames `from` to `from + count` of the song sound `at` frames after the start; `turn` says that a loop begins anew. */
export interface Piece {
  at: number;
  from: number;
  count: number;
  turn: boolean;
}

/** What is played: from which frame, up to which, and over which stretch again and again. */
export interface Course {
  from: number;
  end: number;
  loop: Loop | null;
}

/** A loop holds only where it has a length and the song has not passed it. */
export function holds(loop: Loop | null, from: number): loop is Loop {
  return loop !== null && loop.to > loop.from && from < loop.to;
}

/** The frame of the song that sounds `elapsed` frames after the start. */
export function frameAfter(course: Course, elapsed: number): number {
  const frame = course.from + elapsed;
  if (!holds(course.loop, course.from) || frame < course.loop.to) return Math.min(frame, course.end);
  const length = course.loop.to - course.loop.from;
  return course.loop.from + ((frame - course.loop.to) % length);
}

/**
 * The course cut into pieces of at most `longest` frames. The first ones are short, so that sound comes soon; the
 * rest ends on multiples of `longest`, so that the same stretch is always asked for in the same bytes.
 */
export function* pieces(course: Course, longest: number, first = longest): Generator<Piece> {
  let from = course.from;
  let at = 0;
  let size = Math.min(first, longest);
  let turn = false;
  const loop = holds(course.loop, course.from) ? course.loop : null;
  const end = loop ? loop.to : course.end;
  while (loop !== null || from < end) {
    const grid = (Math.floor(from / longest) + 1) * longest;
    const count = Math.min(size, grid - from, end - from);
    yield { at, from, count, turn };
    at += count;
    from += count;
    size = Math.min(size * 2, longest);
    turn = loop !== null && from === end;
    if (turn && loop) from = loop.from;
  }
}

/** How long a piece is at most, in seconds: many tracks take longer ones, so that they ask less often. */
export function pieceSeconds(tracks: number): number {
  return Math.min(6, Math.max(2, tracks / 4));
}

/** A moment inside the song. */
export function within(seconds: number, duration: number): number {
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), Math.max(0, duration)) : 0;
}
