// @vitest-environment node
import { describe, expect, it } from "vitest";
import { EXAMPLE } from "../example";
import { tableOf } from "./notes";
import { summaryOf } from "./summary";
import { describeNote, describePlace, stepped } from "./walk";

const TABLE = tableOf(EXAMPLE);
const ALL = [true, true, true];
const find = (part: number, start: number) =>
  Array.from(TABLE.start.keys()).find((i) => TABLE.part[i] === part && TABLE.start[i] === start) ?? -1;
const step = (from: number | null, way: Parameters<typeof stepped>[4], shown = ALL, beat = 0) =>
  stepped(EXAMPLE, TABLE, shown, from, way, beat);
const told = (index: number | null) => (index === null ? null : describeNote(EXAMPLE, TABLE, index));

describe("the arrows", () => {
  it("walk along a part", () => {
    expect(told(step(find(0, 2), "next"))).toBe("Melody, D5, bar 2 beat 2.5, half a beat");
    expect(step(find(0, 0), "previous")).toBeNull();
    expect(step(find(0, 9), "next")).toBeNull();
  });

  it("climb to the notes that sound together", () => {
    expect(step(find(1, 0), "up")).toBe(find(0, 0));
    expect(step(find(0, 0), "down")).toBe(find(1, 0));
    expect(step(find(1, 6), "down")).not.toBeNull();
    expect(EXAMPLE.parts[TABLE.part[step(find(1, 6), "down") ?? 0] ?? 0]?.name).toBe("Kit");
    expect(step(find(0, 6), "up")).toBeNull();
  });

  it("reach a long note that began before", () => {
    expect(step(find(0, 4.5), "down")).toBe(find(1, 0));
  });

  it("leave out hidden parts", () => {
    expect(step(find(0, 0), "down", [true, false, true])).toBeNull();
    expect(step(null, "first", [false, false, true])).toBe(find(2, 6));
  });

  it("begin where the song stands", () => {
    expect(TABLE.start[step(null, "next", ALL, 6) ?? 0]).toBe(6);
    expect(TABLE.start[step(null, "next", ALL, 99) ?? -1]).toBe(0);
    expect(TABLE.start[step(null, "last") ?? 0]).toBe(9);
    expect(told(step(null, "next", ALL, 8))).toContain("Melody");
    expect(told(step(null, "next", [false, true, true], 8))).toBe("Kit, snare, bar 3 beat 3");
  });

  it("jump by sections", () => {
    expect(TABLE.start[step(find(0, 0), "nextSection") ?? 0]).toBe(6);
    expect(TABLE.start[step(find(0, 6), "nextSection") ?? 0]).toBe(9);
    expect(step(find(0, 9), "nextSection")).toBeNull();
    expect(TABLE.start[step(find(0, 9), "previousSection") ?? 0]).toBe(6);
    expect(step(find(1, 0), "nextSection")).toBe(find(1, 6));
    expect(TABLE.part[step(find(2, 6), "nextSection") ?? 0]).toBe(0);
  });
});

describe("a note in words", () => {
  it("has part, pitch, place and length", () => {
    expect(told(find(0, 0))).toBe("Melody, B♭4, bar 1 beat 1, two beats");
    expect(told(find(0, 6))).toBe("Melody, G5, bar 3 beat 1, three beats, very loud");
    expect(told(find(0, 9))).toBe("Melody, G4, bar 4 beat 1, one and a half beats, very soft");
  });

  it("of the kit has no length", () => {
    expect(told(find(2, 8))).toBe("Kit, snare, bar 3 beat 3");
  });

  it("stands in a section", () => {
    expect(describePlace(EXAMPLE, 9)).toBe("Chorus 1, bar 4 beat 1");
  });
});

it("sums up who plays what and where", () => {
  expect(summaryOf(EXAMPLE)).toEqual([
    { id: "lead", name: "Melody", notes: 5, range: "G4 to G5", plays: "throughout" },
    { id: "bass", name: "Bass", notes: 3, range: "B♭1 to G2", plays: "throughout" },
    { id: "drums", name: "Kit", notes: 4, range: "closed hi-hat, bass drum, snare", plays: "Pre-chorus" },
  ]);
});
