import { describe, expect, it } from "vitest";
import type { Stage, StageDetail } from "../api";
import { made, makers, reasons, work } from "./made";

const detail = (stage: Stage, rest: Partial<StageDetail>): StageDetail =>
  ({
    stage,
    context: null,
    patch: {},
    measured: {},
    outputs: {},
    decisions: [],
    provided: [],
    steps: [],
    computed: 1,
    reused: 0,
    seconds: 2,
    ...rest,
  }) as unknown as StageDetail;

const value = (stage: Stage, rest: Partial<StageDetail>, name: string, song: Record<string, unknown> | null = null) =>
  made(detail(stage, rest), song).find((fact) => fact.name === name)?.value;

describe("what a stage has made", () => {
  it("tells the brief in a musician's words", () => {
    const patch = {
      musical: {
        key: "Bb",
        scale: "minor",
        tempo: 92,
        mood: { valence: 0.2, arousal: 0.7 },
        instruments: ["lofi_kit", "rhodes"],
      },
    };
    const given = { patch, measured: { confidence: 0.932 } };
    expect(value("ideation", given, "Key")).toBe("B♭ minor");
    expect(value("ideation", given, "Tempo")).toBe("92 bpm");
    expect(value("ideation", given, "Mood")).toBe("dark and lively");
    expect(value("ideation", given, "Band")).toBe("Lo-fi kit, Rhodes");
    expect(value("ideation", given, "Sure of it")).toBe("93 %");
  });

  it("shows the chords of the sections that the song has, once that is known", () => {
    const patch = { musical: { chord_progression: { verse: ["C", "F"], chorus: ["Am", "G"] } } };
    expect(value("composition", { patch }, "Chorus")).toBe("Am  G");
    expect(value("composition", { patch }, "Chorus", { musical: { sections: { "verse 1": {} } } })).toBeUndefined();
    expect(value("composition", { patch }, "Verse", { musical: { sections: { "verse 1": {} } } })).toBe("C  F");
  });

  it("tells the form with its energy, and the figures of the sound with their units", () => {
    const patch = {
      musical: {
        structure: [{ name: "verse 1", duration: 8, unit: "bars" }],
        sections: { "verse 1": { energy: 0.5 } },
      },
    };
    expect(value("arrangement", { patch }, "Verse 1")).toBe("8 bars, energy 50 %");
    expect(value("mastering", { measured: { integrated_lufs: -14.0006 } }, "Loudness")).toBe("−14 LUFS");
    expect(value("finalization", { measured: { checks_ok: false } }, "All that was asked for holds")).toMatch(/^No/);
  });

  it("tells players from rooms in the mix", () => {
    const file = { hash: "", size: 1, media_type: "audio/wav" };
    const outputs = { "mixed:bass": file, "mixed:reverb_plate": file } as unknown as StageDetail["outputs"];
    expect(value("mixing", { outputs }, "Parts in the mix")).toBe("bass");
    expect(value("mixing", { outputs }, "Rooms and echoes")).toBe("reverb plate");
  });

  it("says nothing of a stage that has made nothing", () => {
    for (const stage of [
      "ideation",
      "composition",
      "arrangement",
      "production",
      "mixing",
      "mastering",
      "finalization",
    ] as const)
      expect(made(detail(stage, {}), null)).toEqual([]);
  });
});

describe("why it is so", () => {
  it("tells each reason once, and no chords a second time", () => {
    const decisions = [
      { what: "drums.level", value: "-2.5 LU", reason: "usual level" },
      { what: "drums.level", value: "-2.5 LU", reason: "usual level" },
      { what: "musical.mood", value: "{'valence': 0.3}", reason: 'the prompt says "sad"' },
      { what: "chords of the intro", value: "C", reason: "in C" },
    ];
    expect(reasons(detail("mixing", { decisions }))).toEqual([
      "Drums level -2.5 LU: usual level.",
      'Mood: the prompt says "sad".',
    ]);
  });

  it("tells who was asked first and could not, and what it cost", () => {
    const provided = [
      { provider: "elevenlabs", cost_usd: "0.80", tried: [{ provider: "suno", reason: "it is down" }] },
      { provider: "builtin", cost_usd: "0", tried: [] },
    ] as unknown as StageDetail["provided"];
    expect(makers(detail("production", { provided }))).toEqual([
      "Suno was asked first and could not: It is down.",
      "Elevenlabs did it for $0.80.",
    ]);
  });

  it("says how much was taken over", () => {
    expect(work(detail("mixing", { computed: 1, reused: 2, seconds: 3.21 }))).toBe(
      "Mixing took 3.2 s, 2 of 3 steps taken over from before.",
    );
  });
});
