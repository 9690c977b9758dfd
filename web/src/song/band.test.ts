import { describe, expect, it } from "vitest";
import { audible } from "./audible";
import { playersOf, sectionsOf } from "./band";

describe("the sections of a song", () => {
  it("are its own, and every kind that comes more than once", () => {
    const context = {
      musical: { sections: { intro: {}, "verse 1": {}, "chorus 1": {}, "verse 2": {}, "chorus 2": {} } },
    };
    expect(sectionsOf(context).map((one) => one.label)).toEqual([
      "Every verse",
      "Every chorus",
      "Intro",
      "Verse 1",
      "Chorus 1",
      "Verse 2",
      "Chorus 2",
    ]);
    expect(sectionsOf(context).map((one) => one.value)).toContain("chorus 2");
  });
  it("are those asked for until the song is arranged", () => {
    expect(sectionsOf({ musical: { structure: [{ name: "Theme 1" }], sections: {} } })).toEqual([
      { value: "theme 1", label: "Theme 1" },
    ]);
    expect(sectionsOf(null)).toEqual([]);
  });
});

describe("the players of a song", () => {
  it("are its instruments by name, and the places in the band", () => {
    const players = playersOf({ musical: { instruments: ["lofi_kit", "rhodes"] } });
    expect(players.slice(0, 2)).toEqual([
      { value: "lofi_kit", label: "Lo-fi kit" },
      { value: "rhodes", label: "Rhodes" },
    ]);
    expect(players.map((one) => one.value)).toContain("drums");
  });
});

describe("what of a take can be heard", () => {
  const file = (name: string, media_type = "audio/flac") => ({ name, media_type, url: name });
  it("is its best sound, and no MIDI", () => {
    expect(audible([file("sketch", "audio/midi"), file("preview"), file("mix")])?.name).toBe("mix");
    expect(audible([file("sketch", "audio/midi"), file("chords", "application/json")])).toBeUndefined();
  });
});
