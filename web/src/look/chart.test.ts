// @vitest-environment node
import { describe, expect, it } from "vitest";
import { chartOf, paletteOf, playingAt } from "./chart";
import { chordName, degreeOf, readChord } from "./chord";
import { EXAMPLE } from "./example";

describe("chords", () => {
  it("are read", () => {
    expect(readChord("Bbm7b5/Eb")).toEqual({ root: "Bb", quality: "m7b5", bass: "Eb" });
    expect(readChord("F#")).toEqual({ root: "F#", quality: "", bass: null });
    expect(readChord("N.C.")).toBeNull();
  });

  it("are printed with real signs", () => {
    const names = ["Bbmaj7", "F#m7b5", "Cdim7", "Ab/C", "E7#9", "Ddim", "Csus4", "Gmadd9", "C69"].map(chordName);
    expect(names).toEqual(["B♭maj7", "F♯m7♭5", "C°7", "A♭/C", "E7♯9", "D°", "Csus4", "Gm(add9)", "C6/9"]);
  });

  it("have degrees in a major key", () => {
    const found = ["C", "Dm7", "G7", "Bm7b5", "Bb", "Am", "F#dim", "Caug", "Fmaj7", "Gsus4"].map((c) =>
      degreeOf(c, "C", "major"),
    );
    expect(found).toEqual(["I", "ii7", "V7", "viiø7", "♭VII", "vi", "♯iv°", "I+", "IVmaj7", "Vsus4"]);
  });

  it("have degrees in a minor key", () => {
    const found = ["Dm", "Bb", "F", "A7", "Gmadd9", "C", "C#dim7"].map((c) => degreeOf(c, "D", "minor"));
    expect(found).toEqual(["i", "VI", "III", "V7", "iv(add9)", "VII", "♯vii°7"]);
  });

  it("have none where they cannot be read", () => {
    expect([degreeOf("N.C.", "C", "major"), degreeOf("C", "H", "major")]).toEqual(["", ""]);
  });
});

describe("the chart", () => {
  const chart = chartOf(EXAMPLE);

  it("has every bar of every section", () => {
    expect(chart.map(({ name, firstBar, bars }) => [name, firstBar, bars.length])).toEqual([
      ["Verse 1", 1, 2],
      ["Pre-chorus", 3, 1],
      ["Chorus 1", 4, 2],
    ]);
    expect(chart.flatMap(({ bars }) => bars.map((bar) => bar.chords.map(({ name }) => name)))).toEqual([
      ["B♭maj7"],
      ["B♭maj7"],
      ["Gm", "D7/F♯"],
      ["E♭add9"],
      [],
    ]);
  });

  it("marks what is held, what repeats, and a new key", () => {
    expect(chart[0]?.bars.map(({ repeats, chords }) => [repeats, chords[0]?.held])).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(chart.map(({ key }) => key)).toEqual([null, "G minor", null]);
    expect(chart[1]?.bars[0]?.chords.map(({ degree }) => degree)).toEqual(["i", "V7"]);
  });

  it("knows when each bar comes", () => {
    expect(chart.flatMap(({ bars }) => bars.map(({ seconds }) => seconds))).toEqual([0, 3, 6, 7.5, 9]);
  });

  it("says what sounds at a beat", () => {
    expect(playingAt(chart, 0)).toEqual({ bar: 1, chord: 0 });
    expect(playingAt(chart, 7.4)).toEqual({ bar: 3, chord: 0 });
    expect(playingAt(chart, 7.5)).toEqual({ bar: 3, chord: 1 });
    expect(playingAt(chart, 99)).toBeNull();
  });

  it("sums the chords up", () => {
    expect(paletteOf(chart)).toEqual([
      { name: "B♭maj7", degree: "Imaj7", bars: 2 },
      { name: "E♭add9", degree: "VI(add9)", bars: 1 },
      { name: "Gm", degree: "i", bars: 0.5 },
      { name: "D7/F♯", degree: "V7", bars: 0.5 },
    ]);
  });
});
