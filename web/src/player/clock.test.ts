// @vitest-environment node
import { describe, expect, it } from "vitest";
import { type Course, frameAfter, type Piece, pieceSeconds, pieces, within } from "./clock";

function first(count: number, course: Course, longest: number, start?: number): Piece[] {
  const found: Piece[] = [];
  for (const piece of pieces(course, longest, start)) {
    found.push(piece);
    if (found.length === count) break;
  }
  return found;
}

describe("pieces", () => {
  it("cover the course from its beginning to its end without gap or overlap", () => {
    const found = first(99, { from: 130, end: 1000, loop: null }, 100, 20);
    expect(found[0]).toEqual({ at: 0, from: 130, count: 20, turn: false });
    for (const [index, piece] of found.entries()) {
      const next = found[index + 1];
      if (next) expect([next.at, next.from]).toEqual([piece.at + piece.count, piece.from + piece.count]);
      expect(piece.count).toBeLessThanOrEqual(100);
      expect(piece.count).toBeGreaterThan(0);
    }
    const last = found.at(-1) as Piece;
    expect(last.from + last.count).toBe(1000);
  });

  it("end on multiples of the longest, so that the same bytes are asked for again", () => {
    const found = first(99, { from: 37, end: 450, loop: null }, 100);
    expect(found.map(({ from }) => from)).toEqual([37, 100, 200, 300, 400]);
  });

  it("turn at the end of a loop and never end", () => {
    const found = first(5, { from: 90, end: 1000, loop: { from: 50, to: 120 } }, 100);
    expect(found.map(({ from, count, turn }) => [from, count, turn])).toEqual([
      [90, 10, false],
      [100, 20, false],
      [50, 50, true],
      [100, 20, false],
      [50, 50, true],
    ]);
  });

  it("do not turn at a loop that has been passed", () => {
    const found = first(99, { from: 200, end: 300, loop: { from: 50, to: 120 } }, 100);
    expect(found).toEqual([{ at: 0, from: 200, count: 100, turn: false }]);
  });

  it("are none where there is nothing", () => {
    expect(first(9, { from: 0, end: 0, loop: null }, 100)).toEqual([]);
  });
});

describe("the frame that sounds", () => {
  it("moves with the time and stops at the end", () => {
    const course = { from: 10, end: 100, loop: null };
    expect([0, 50, 90, 500].map((elapsed) => frameAfter(course, elapsed))).toEqual([10, 60, 100, 100]);
  });

  it("goes round in a loop, exactly as the pieces do", () => {
    const course = { from: 90, end: 1000, loop: { from: 50, to: 120 } };
    for (const piece of first(12, course, 100)) expect(frameAfter(course, piece.at)).toBe(piece.from);
    expect(frameAfter(course, 29)).toBe(119);
    expect(frameAfter(course, 30)).toBe(50);
  });
});

describe("lengths", () => {
  it("of pieces grow with the number of tracks, so that many tracks ask no more often than eight", () => {
    expect([1, 8, 16, 24, 64].map(pieceSeconds)).toEqual([2, 2, 4, 6, 6]);
  });

  it("keep a place inside the song", () => {
    expect([-5, 3, 99, Number.NaN].map((seconds) => within(seconds, 10))).toEqual([0, 3, 10, 0]);
  });
});
