import { describe, expect, it } from "vitest";
import {
  asked,
  baseOf,
  changedMeanwhile,
  consequence,
  EMPTY,
  formProblem,
  isDraft,
  isEmpty,
  madeFrom,
  PLAYER_ACTS,
  type PlayerAct,
  type ReviseForm,
  request,
  SECTION_ACTS,
  type SectionAct,
  sectionAct,
  touches,
} from "./revise";

const form = (change: Partial<ReviseForm>): ReviseForm => ({ ...EMPTY, ...change });

describe("the request of a change", () => {
  it("sends only what was changed, numbers as numbers", () => {
    expect(request(form({ tempo: "92", loudness: "-16", reverb: "0.4" }))).toEqual({
      changes: { "musical.tempo": 92, "technical.loudness_target": -16, "creative.preferences.mix.reverb": 0.4 },
    });
  });
  it("sends a key with its scale", () => {
    expect(request(form({ tonic: "D", scale: "" }))).toEqual({
      changes: { "musical.key": "D", "musical.scale": "major" },
    });
  });
  it("says sections, players and free words in one instruction, in their order", () => {
    expect(
      request(
        form({
          sections: [{ section: "chorus", act: "louder", amount: "", part: "" }],
          players: [{ act: "swap", part: "grand_piano", instrument: "rhodes" }],
          words: " a bit slower ",
        }),
      ),
    ).toEqual({ instruction: "the chorus louder. swap the grand piano for rhodes. a bit slower" });
  });
  it("takes words to sing back with none", () => {
    expect(request(form({ lyrics: "  " }))).toEqual({ changes: { "creative.lyrics": null } });
  });
  it.each(Object.keys(SECTION_ACTS) as SectionAct[])("can say of a section: %s", (act) => {
    const wish = { section: "verse 2", act, amount: sectionAct(act).usual ?? "", part: "drums" };
    expect(formProblem(form({ sections: [wish] }))).toBe("");
    expect(request(form({ sections: [wish] })).instruction).toContain("verse 2");
  });
  it.each(Object.keys(PLAYER_ACTS) as PlayerAct[])("can say of a player: %s", (act) => {
    const wish = { act, part: "upright_bass", instrument: "synth_bass" };
    expect(request(form({ players: [wish] })).instruction).toMatch(/bass/);
  });
});

describe("what is asked for, before it is sent", () => {
  it("is told a line each", () => {
    expect(asked(form({ tempo: "92", tonic: "Bb", scale: "minor", words: "happier" }))).toEqual([
      "Tempo 92 bpm",
      "Written anew in B♭ minor",
      "“happier”",
    ]);
  });
  it("leaves out what is not said to its end yet", () => {
    expect(asked(form({ players: [{ act: "swap", part: "", instrument: "" }] }))).toEqual([]);
  });
  it("tells what free words are understood as, once that is known", () => {
    expect(asked(form({ words: "a bit slower" }), ["Tempo 7.5 % slower"])).toEqual(["Tempo 7.5 % slower"]);
  });
  it("says from where it is made again, never from a stage that has not come yet", () => {
    expect(madeFrom(form({ tempo: "92" }), "mixing")).toBe("composition");
    expect(madeFrom(form({ loudness: "-16" }), "finalization")).toBe("mastering");
    expect(madeFrom(form({ loudness: "-16" }), "composition")).toBe("composition");
    expect(madeFrom(form({ words: "happier" }), "mixing")).toBeNull();
    expect(madeFrom(form({ words: "happier" }), "mixing", "composition")).toBe("composition");
    expect(madeFrom(form({ words: "regenerate", loudness: "-16" }), "finalization", null)).toBe("mastering");
  });
  it("says what that took last time", () => {
    const stages = [
      { stage: "mixing", seconds: 8 },
      { stage: "mastering", seconds: 2 },
      { stage: "finalization", seconds: 7 },
    ] as const;
    expect(consequence(form({ loudness: "-16" }), "finalization", stages)).toBe(
      "Made again from mastering on. What comes before stays as it is. Last time that took 9.0 s.",
    );
  });
});

describe("what cannot be sent", () => {
  it.each([
    [{}, "Nothing is changed yet."],
    [{ tempo: "5000" }, "Tempo lies between 20 and 400 bpm."],
    [{ loudness: "3" }, "Loudness lies between −36 and −6 LUFS."],
    [{ tempo: "fast" }, "Tempo lies between 20 and 400 bpm."],
    [{ sections: [{ section: "chorus", act: "longer", amount: "2.5", part: "" }] }, "Say 1 to 128 bars."],
    [{ sections: [{ section: "chorus", act: "mute", amount: "", part: "" }] }, "Say which player rests."],
    [{ players: [{ act: "swap", part: "", instrument: "" }] }, "Say which player."],
    [{ players: [{ act: "add", part: "", instrument: "" }] }, "Say which instrument."],
  ] as [Partial<ReviseForm>, string][])("%j: %s", (change, why) => {
    expect(formProblem(form(change))).toBe(why);
  });
});

describe("two people on one song", () => {
  const context = (tempo: number, key: string, edits: unknown[] = []) => ({
    musical: { tempo, key, scale: "major", edits },
  });
  it("tells what others have changed of what the draft changes", () => {
    const before = baseOf(context(90, "C"));
    const now = baseOf(context(100, "D"));
    expect(changedMeanwhile(form({ tempo: "92" }), before, now)).toEqual(["tempo: 90 became 100"]);
    expect(changedMeanwhile(form({ loudness: "-16" }), before, now)).toEqual([]);
    expect(changedMeanwhile(form({ tonic: "E", scale: "major" }), before, now)).toEqual(["key: C became D"]);
  });
  it("tells of other edits where the draft makes some", () => {
    const before = baseOf(context(90, "C"));
    const now = baseOf(context(90, "C", [{ op: "drop_section", section: "intro" }]));
    expect(changedMeanwhile(form({ words: "louder chorus" }), before, now)).toEqual(["edits of the score"]);
  });
});

describe("a draft", () => {
  it("is known again after a reload", () => {
    const draft = { form: form({ tempo: "92", words: "happier" }), base: baseOf(null), reason: "" };
    expect(isDraft(JSON.parse(JSON.stringify(draft)))).toBe(true);
  });
  it.each([
    null,
    3,
    {},
    { form: {}, base: {}, reason: "" },
    { form: { ...EMPTY, sections: [{ act: "explode" }] }, base: {}, reason: "" },
  ])("is not taken from %j", (kept) => {
    expect(isDraft(kept)).toBe(false);
  });
  it("is empty until something is asked for", () => {
    expect(isEmpty(EMPTY)).toBe(true);
    expect(touches(form({ words: "x" }))).toEqual(["musical.edits"]);
    expect(isEmpty(form({ lyrics: "" }))).toBe(false);
  });
});
