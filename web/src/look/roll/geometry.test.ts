// @vitest-environment node
import { describe, expect, it } from "vitest";
import { EXAMPLE } from "../example";
import type { Score } from "../score";
import {
  barStep,
  beatOf,
  beatsInSight,
  clampLeft,
  fitting,
  foldedPitches,
  GUTTER,
  HEAD,
  hit,
  layoutOf,
  leftFor,
  notesInSight,
  topOf,
  type View,
  widthOf,
  xOf,
  zoomed,
} from "./geometry";
import { inSight, tableOf } from "./notes";

const VIEW: View = { left: 0, top: 0, beat: 20, width: 400, height: 300 };
const TABLE = tableOf(EXAMPLE);
const LAYOUT = layoutOf(EXAMPLE, 400);
const DRUMS = EXAMPLE.parts.map(({ is_drum }) => is_drum);
const ALL = EXAMPLE.parts.map(() => true);

describe("time and place", () => {
  it("go both ways", () => {
    const view = { ...VIEW, left: 130 };
    expect(xOf(10, view)).toBe(GUTTER + 200 - 130);
    for (const beat of [0, 3.3, 100]) expect(beatOf(xOf(beat, view), view)).toBeCloseTo(beat, 9);
  });

  it("know what is in sight", () => {
    expect(beatsInSight({ ...VIEW, left: 100 })).toEqual([5, (400 - GUTTER + 100) / 20]);
    expect(widthOf(LAYOUT, 20)).toBe(GUTTER + 15 * 20);
    expect(fitting({ beats: 100 }, GUTTER + 500)).toBe(5);
    expect(fitting({ beats: 1_000_000 }, GUTTER + 500)).toBe(0.2);
  });
});

describe("zooming", () => {
  it("keeps what is under the pointer where it is", () => {
    const layout = { beats: 1000 };
    const view = { ...VIEW, left: 2000 };
    const under = beatOf(250, view);
    const { beat, left } = zoomed(view, layout, 1.7, 250);
    expect(beat).toBeCloseTo(34, 9);
    expect(xOf(under, { ...view, beat, left })).toBeCloseTo(250, 6);
  });

  it("stays inside of the song and of what can be seen", () => {
    expect(zoomed(VIEW, { beats: 10 }, 0.0001, 200)).toEqual({ beat: 0.2, left: 0 });
    expect(zoomed(VIEW, { beats: 10 }, 1e6, 200).beat).toBe(160);
    expect(clampLeft(1e9, 20, 400, { beats: 100 })).toBe(GUTTER + 2000 - 400);
    expect(clampLeft(-5, 20, 400, { beats: 100 })).toBe(0);
  });
});

describe("rows", () => {
  it("fold a long run of pitches that nobody plays, and keep a short one", () => {
    expect(foldedPitches(new Set([60, 64]))).toEqual([65, 64, 63, 62, 61, 60, 59]);
    expect(foldedPitches(new Set([36, 72]))).toEqual([73, 72, 71, null, 37, 36, 35]);
    expect(foldedPitches(new Set())).toEqual([]);
    expect(foldedPitches(new Set([127]))).toEqual([127, 126]);
  });

  it("put high pitches above low ones and percussion below all", () => {
    const tops = [79, 74, 70, 43, 34].map((pitch) => topOf(pitch, false, LAYOUT));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    expect(tops[0]).toBeGreaterThanOrEqual(HEAD);
    expect(topOf(42, true, LAYOUT)).toBeGreaterThan(topOf(34, false, LAYOUT));
    expect(topOf(42, true, LAYOUT)).toBeLessThan(topOf(36, true, LAYOUT));
    expect(topOf(55, false, LAYOUT)).toBeNaN();
  });

  it("never lie on one another", () => {
    for (const room of [100, 400, 2000]) {
      const { rows, height } = layoutOf(EXAMPLE, room);
      for (const [i, row] of rows.entries()) {
        const next = rows[i + 1];
        expect(row.top + row.height).toBeLessThanOrEqual(next ? next.top : height);
      }
    }
  });

  it("grow with the room", () => {
    expect(layoutOf(EXAMPLE, 900).rowHeight).toBeGreaterThan(layoutOf(EXAMPLE, 200).rowHeight);
  });
});

describe("what is under a pointer", () => {
  const y = (pitch: number, drum = false) => topOf(pitch, drum, LAYOUT) + 2;
  const at = (x: number, line: number, view = VIEW, shown = ALL) => hit(TABLE, LAYOUT, view, x, line, DRUMS, shown);

  it("is the note there", () => {
    const found = at(xOf(7, VIEW), y(79));
    expect(found).not.toBeNull();
    expect([TABLE.pitch[found ?? 0], TABLE.start[found ?? 0]]).toEqual([79, 6]);
    expect(at(xOf(9.5, VIEW), y(79))).toBeNull();
    expect(at(xOf(7, VIEW), y(79) - LAYOUT.rowHeight)).toBeNull();
  });

  it("forgives a few pixels beside a short stroke", () => {
    const stroke = at(xOf(7, VIEW) + 3, y(42, true));
    expect(stroke === null ? null : TABLE.start[stroke]).toBe(7);
    expect(at(xOf(7, VIEW) + 9, y(42, true))).toBeNull();
  });

  it("is nothing of a part that is hidden, and nothing in the margins", () => {
    expect(at(xOf(7, VIEW), y(79), VIEW, [false, true, true])).toBeNull();
    expect(at(GUTTER - 2, y(79), { ...VIEW, left: 130 })).toBeNull();
    expect(at(xOf(7, VIEW), HEAD - 3)).toBeNull();
  });

  it("moves with the window", () => {
    const view = { ...VIEW, left: 100, top: 30 };
    const found = at(xOf(7, view), y(43) - 30, view);
    expect(found === null ? null : TABLE.pitch[found]).toBe(43);
    expect(y(79) - 30).toBeLessThan(HEAD);
    expect(at(xOf(7, view), y(79) - 30, view)).toBeNull();
  });
});

describe("the notes in sight", () => {
  it("are all that sound between two beats, among few others", () => {
    const [first, end] = inSight(TABLE, 5, 7);
    const inside = Array.from(TABLE.start.keys()).filter((i) => (TABLE.start[i] ?? 0) < 7 && (TABLE.end[i] ?? 0) > 5);
    expect(inside.every((i) => i >= first && i < end)).toBe(true);
  });

  it("are found for every window of a big song", () => {
    const big = bigSong(2000, 900);
    const table = tableOf(big);
    for (let left = 0; left < 900; left += 37) {
      const [first, end] = inSight(table, left, left + 16);
      for (let i = 0; i < table.count; i++) {
        const sounds = (table.start[i] ?? 0) < left + 16 && (table.end[i] ?? 0) > left;
        if (sounds) expect(i >= first && i < end).toBe(true);
      }
      expect(end - first).toBeLessThan(200);
    }
  });

  it("of 15 minutes with 20,000 notes are found in no time", () => {
    const table = tableOf(bigSong(20_000, 1800));
    const began = performance.now();
    let seen = 0;
    for (let frame = 0; frame < 1000; frame++) {
      const [first, end] = notesInSight(table, { left: frame * 30, top: 0, beat: 24, width: 1200, height: 400 });
      seen += end - first;
    }
    expect(seen).toBeGreaterThan(1000);
    expect(seen / 1000).toBeLessThan(1500);
    // A frame of 60 a second has 16 ms; finding its notes may take a hundredth of that.
    expect((performance.now() - began) / 1000).toBeLessThan(0.16);
  });
});

it("follows the playhead by whole windows", () => {
  const layout = { beats: 1000 };
  expect(leftFor(3, VIEW, layout)).toBe(0);
  const left = leftFor(50, VIEW, layout);
  expect(xOf(50, { ...VIEW, left })).toBeCloseTo(GUTTER + (400 - GUTTER) * 0.15, 6);
  expect(leftFor(1, { ...VIEW, left: 900 }, layout)).toBe(0);
});

it("numbers as many bars as there is room for", () => {
  expect([barStep(80, 34), barStep(20, 34), barStep(3, 34)]).toEqual([1, 2, 16]);
});

function bigSong(notes: number, beats: number): Score {
  const parts = EXAMPLE.parts.map((part, p) => ({
    ...part,
    notes: Array.from({ length: Math.ceil(notes / 3) }, (_, i) => ({
      pitch: 40 + ((i * 7 + p * 5) % 40),
      start: (i * beats * 3) / notes,
      duration: 0.25 + (i % 5),
      velocity: 80,
    })),
  }));
  return { ...EXAMPLE, parts };
}
