import { describe, expect, it } from "vitest";
import { asked, shownValues, steps, understood } from "./brief";
import { corrected, type Draft, EMPTY } from "./draft";
import { enhanceBody, preferredNames, startBody } from "./request";

const ANSWER = {
  title: "Slow Waltz",
  original: "a slow waltz",
  enhanced: "A slow waltz in D minor.",
  confidence: 0.88,
  engine: "builtin",
  context: {
    musical: {
      genre: ["waltz"],
      key: "D",
      scale: "minor",
      tempo: 120,
      time_signature: "3/4",
      mood: { valence: 0.53, arousal: 0.5 },
      instruments: ["grand_piano", "string_ensemble"],
      structure: [
        { name: "verse", duration: 16, unit: "bars" },
        { name: "chorus", duration: 8, unit: "bars" },
      ],
    },
    technical: { duration: 36 },
    creative: { style_modifiers: ["warm"], enhanced_prompt: "A slow waltz in D minor." },
  },
  reasoning: [
    { field: "musical.key", value: "D", source: "prompt", text: 'the prompt says "D minor"', confidence: 0.97 },
    { field: "musical.mood", value: "{'valence': 0.53}", source: "genre", text: "Waltz feels so", confidence: 0.75 },
    { field: "musical.instruments", value: "grand_piano", source: "prompt", text: "named", confidence: 0.85 },
    { field: "creative.constraints", value: "{}", source: "prompt", text: "exact", confidence: 0.97 },
  ],
  contradictions: [],
};

const draft = (changes: Partial<Draft> = {}): Draft => ({ ...EMPTY, prompt: "  a slow waltz ", ...changes });

/** A draft whose brief answers what it asks. */
function read(changes: Partial<Draft> = {}): Draft {
  const plain = draft(changes);
  return { ...plain, reading: { asked: asked(plain), answer: ANSWER } };
}

describe("the start of a song", () => {
  it("says no more than the prompt where nothing else was decided", () => {
    const body = startBody(draft());
    expect(body.prompt).toBe("a slow waltz");
    expect(body.title).toBeUndefined();
    expect(body.context).toEqual({});
    expect(body.settings).toMatchObject({
      enhancement: { enabled: true, level: "moderate" },
      formats: ["flac", "mp3"],
    });
    expect(body.settings).not.toHaveProperty("seed");
    expect(body.settings).not.toHaveProperty("budget");
  });

  it("keeps what the brief shows, so that nothing is drawn anew", () => {
    const body = startBody(read());
    expect(body.title).toBe("Slow Waltz");
    expect(body.context).toMatchObject({
      "musical.key": "D",
      "musical.tempo": 120,
      "musical.instruments": ["grand_piano", "string_ensemble"],
      "technical.duration": 36,
      "creative.style_modifiers": ["warm"],
    });
    expect(body.context).not.toHaveProperty("creative.enhanced_prompt");
  });

  it("puts corrections over the brief", () => {
    const body = startBody(corrected(corrected(read(), "key", "G"), "tempo", "92,5"));
    expect(body.context).toMatchObject({ "musical.key": "G", "musical.scale": "minor", "musical.tempo": 92.5 });
  });

  it("leaves open what was emptied", () => {
    const body = startBody(corrected(corrected(read(), "tempo", ""), "instruments", []));
    expect(body.context).not.toHaveProperty("musical.tempo");
    expect(body.context).not.toHaveProperty("musical.instruments");
  });

  it("sends what is no number as it is, for the API to say why", () => {
    const wrong = corrected(draft({ seed: "lucky" }), "tempo", "fast");
    expect(startBody(wrong).context["musical.tempo"]).toBe("fast");
    expect(startBody(wrong).settings.seed).toBe("lucky");
  });

  it("sends no brief that was rejected, and asks for none", () => {
    const body = startBody(corrected(read({ verdict: "rejected" }), "key", "G"));
    expect(body.context).toEqual({ "musical.key": "G" });
    expect(body.settings).toMatchObject({ enhancement: { enabled: false } });
    expect(body.title).toBeUndefined();
  });

  it("sends no brief of another prompt, level or genre", () => {
    expect(startBody({ ...read(), prompt: "a fast waltz" }).context).toEqual({});
    expect(startBody({ ...read(), level: "strong" }).context).toEqual({});
    expect(startBody(corrected(read(), "genre", ["tango"])).context).toEqual({ "musical.genre": ["tango"] });
  });

  it("fits the form to a corrected length", () => {
    const body = startBody(corrected(read(), "length", "1:12"));
    expect(body.context["technical.duration"]).toBe(72);
    expect(body.context["musical.structure"]).toEqual([
      { name: "verse", duration: 32, unit: "bars" },
      { name: "chorus", duration: 16, unit: "bars" },
    ]);
  });

  it("gives gates their deadlines, and none without gates", () => {
    expect(startBody(draft({ review: ["mixing"], patience: "600" })).settings).toMatchObject({
      review: ["mixing"],
      gate_deadlines_s: { mixing: 600 },
    });
    expect(startBody(draft({ patience: "600" })).settings).not.toHaveProperty("gate_deadlines_s");
  });

  it("names a reference as the API said, and makes a cover of it only where there is one", () => {
    const use = { "creative.references": [{ type: "audio", hash: "ab" }] };
    const reference = { hash: "ab", use } as unknown as NonNullable<Draft["reference"]>;
    expect(startBody(draft({ reference, cover: true })).context).toEqual(use);
    expect(startBody(draft({ reference, cover: true })).settings.cover).toBe(true);
    expect(startBody(draft({ cover: true })).settings.cover).toBe(false);
  });

  it("names each preferred provider once, in the order of the work", () => {
    expect(preferredNames({ preferred: { full_song: "suno", lyrics: "openai", vocals: "suno", melody: "" } })).toEqual([
      "openai",
      "suno",
    ]);
  });
});

describe("the reading of a prompt", () => {
  it("takes the corrections along", () => {
    expect(enhanceBody(corrected(draft({ level: "strong" }), "genre", ["tango"]))).toEqual({
      prompt: "a slow waltz",
      settings: { enhancement: { enabled: true, level: "strong" } },
      context: { "musical.genre": ["tango"] },
    });
  });

  it("is shown in the fields, under the corrections", () => {
    const shown = shownValues(corrected(read(), "metre", "6/8"));
    expect(shown).toMatchObject({ key: "D", tempo: "120", length: "0:36", metre: "6/8" });
    expect(shown.form?.[0]).toEqual({ name: "verse", length: "16", unit: "bars" });
    expect(understood(undefined)).toEqual({});
  });

  it("is told in words", () => {
    expect(steps(ANSWER).map(({ name, value, source, sure }) => [name, value, source, sure])).toEqual([
      ["Key", "D", "in your words", 97],
      ["Mood", "valence 0.53, arousal 0.5", "from the genre", 75],
      ["Instruments", "Grand piano, String ensemble", "in your words", 85],
      ["Limits", "{}", "in your words", 97],
    ]);
  });
});
