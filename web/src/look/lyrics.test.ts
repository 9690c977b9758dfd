// @vitest-environment node
import { describe, expect, it } from "vitest";
import { EXAMPLE } from "./example";
import { lineAt, sungVerses, syllables, versesOf } from "./lyrics";

const TEXT = "[Verse 1]\nRain on glass\nall night\n\n[Chorus]\nHold me\n";

describe("lyrics", () => {
  it("are read by their headings", () => {
    expect(versesOf(TEXT)).toEqual([
      { heading: "Verse 1", lines: ["Rain on glass", "all night"] },
      { heading: "Chorus", lines: ["Hold me"] },
    ]);
    expect(versesOf("# Hook\nla\nVerse 2:\nlo").map(({ heading }) => heading)).toEqual(["Hook", "Verse 2"]);
    expect(versesOf("one\n\ntwo")).toEqual([{ heading: "", lines: ["one", "", "two"] }]);
    expect(versesOf("   ")).toEqual([]);
  });

  it("have syllables", () => {
    expect(
      ["Rain on glass", "harbour lights are low", "Hold me till the morning", "", "…", "a-way", "made"].map(syllables),
    ).toEqual([3, 5, 6, 0, 0, 2, 1]);
  });

  it("are sung on the notes of the tune", () => {
    const [verse, chorus] = sungVerses(TEXT, EXAMPLE);
    expect([verse?.heading, verse?.from, verse?.to]).toEqual(["Verse 1", 0, 6]);
    // The tune has notes at the beats 0, 2 and 4.5 of the verse: three syllables, and none is left for the second line.
    expect(verse?.lines.map(({ from }) => from)).toEqual([0, null]);
    expect([chorus?.heading, chorus?.lines[0]?.from]).toEqual(["Chorus 1", 7.5]);
  });

  it("share a section evenly where there is no tune", () => {
    const silent = { ...EXAMPLE, parts: EXAMPLE.parts.filter(({ role }) => role !== "lead") };
    const [verse] = sungVerses(TEXT, silent);
    expect(verse?.lines.map(({ from, to }) => [from, to])).toEqual([
      [0, expect.closeTo(3.6)],
      [expect.closeTo(3.6), 6],
    ]);
  });

  it("come again with a chorus that comes again, and are kept where no section sings them", () => {
    const twice = {
      ...EXAMPLE,
      sections: EXAMPLE.sections.map((s) => ({ ...s, kind: s.kind === "verse" ? "chorus" : s.kind })),
    };
    const sung = sungVerses("[Chorus]\nla\n[Bridge]\nlo", twice);
    expect(sung.map(({ heading, from }) => [heading, from])).toEqual([
      ["Verse 1", 0],
      ["Chorus 1", 7.5],
      ["Bridge", null],
    ]);
  });

  it("have no times without a score", () => {
    expect(
      sungVerses(TEXT, null).every(({ from, lines }) => from === null && lines.every((line) => line.from === null)),
    ).toBe(true);
  });

  it("say which line is sung", () => {
    const sung = sungVerses(TEXT, EXAMPLE);
    expect(lineAt(sung, 1)).toEqual({ verse: 0, line: 0 });
    expect(lineAt(sung, 7.6)).toEqual({ verse: 1, line: 0 });
    expect(lineAt(sung, 7)).toBeNull();
  });
});
