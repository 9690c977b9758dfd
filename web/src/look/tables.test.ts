// @vitest-environment node
import { describe, expect, it } from "vitest";
import { mixGroups, panInWords, placesOf, saidOf } from "./mix";
import { checkTitle, figuresOf, heldInWords, isVerification, sorted, told } from "./report";

const NAMES = new Map([
  ["lead", "Synth pluck"],
  ["keys", "Rhodes"],
]);
const decision = (what: string, value: unknown, reason = "because") => ({ what, value, reason });

describe("the mix", () => {
  const decisions = [
    decision("lead.level", "+1.5 LU, fader +9.9 dB", "usual level of lead"),
    decision("lead.pan", "-0.00"),
    decision("keys.level", "-5.7 LU, fader -7.5 dB"),
    decision("keys.pan", "-0.30"),
    decision("keys.eq", "-2.5 dB at 1584 Hz, -2.0 dB at 260 Hz", "room for lead; room for the bass"),
    decision("sends.plate", "keys -20.0 dB, nobody -3.0 dB", "shared space"),
    decision("bus.gain", "-2.55 dB", "leaves headroom"),
  ];

  it("is told stem by stem, the whole last", () => {
    const groups = mixGroups(decisions, NAMES);
    expect(groups.map(({ name, said }) => [name, said.map(({ topic, what }) => `${topic}: ${what}`)])).toEqual([
      ["Synth pluck", ["Level: +1.5 LU against the lead, fader +9.9 dB", "Place: in the middle"]],
      [
        "Rhodes",
        [
          "Level: −5.7 LU against the lead, fader −7.5 dB",
          "Place: 30 % left",
          "Tone: −2.5 dB at 1584 Hz, −2.0 dB at 260 Hz",
          "Plate reverb: sends −20.0 dB",
        ],
      ],
      ["The whole mix", ["Gain: −2.55 dB"]],
    ]);
    expect(groups[0]?.said[0]?.why).toBe("usual level of lead");
  });

  it("knows where the stems stand", () => {
    expect(placesOf(decisions, NAMES)).toEqual([
      { id: "lead", name: "Synth pluck", pan: -0, level: 1.5 },
      { id: "keys", name: "Rhodes", pan: -0.3, level: -5.7 },
    ]);
    expect([panInWords(0), panInWords(0.38), panInWords(-1)]).toEqual(["in the middle", "38 % right", "100 % left"]);
  });

  it("tells a stage that has no stems", () => {
    expect(saidOf([decision("limiter", "-4.49 dB at most", "holds the ceiling")])).toEqual([
      { topic: "Limiter", what: "−4.49 dB at most", why: "holds the ceiling" },
    ]);
  });
});

describe("the report", () => {
  const check = (name: string, ok = true) => ({ name, asked: "a", measured: 1, ok });

  it("calls the checks by words", () => {
    expect(["true_peak", "true_peak of master.mp3", "low_end", "something_new"].map(checkTitle)).toEqual([
      "True peak",
      "True peak of the MP3 file",
      "Bass in the middle",
      "Something new",
    ]);
  });

  it("tells values with their unit", () => {
    expect(told(-14.02, "loudness")).toBe("−14.02 LUFS");
    expect(told(-1.32, "true_peak of master.mp3")).toBe("−1.32 dBTP");
    expect(told("at most -1 dBTP", "true_peak")).toBe("at most −1 dBTP");
    expect(told("D-flat major")).toBe("D-flat major");
    expect([told(null), told(true), told(["a", 2]), told({ low_cut: 1 })]).toEqual([
      "not measured",
      "yes",
      "a, 2",
      "low cut: 1",
    ]);
  });

  it("puts what was asked for first", () => {
    const { asked, others } = sorted([check("clicks"), check("key"), check("loudness")]);
    expect([asked.map(({ name }) => name), others.map(({ name }) => name)]).toEqual([["loudness", "key"], ["clicks"]]);
  });

  it("says how many checks hold", () => {
    expect(heldInWords([check("a"), check("b")])).toBe("All 2 checks hold.");
    expect(heldInWords([check("a"), check("b", false)])).toBe("1 of 2 checks hold, 1 does not.");
  });

  it("shows the figures that are there", () => {
    expect(figuresOf({ integrated_lufs: -14.02, key: "D minor", dc: 3 })).toEqual([
      { name: "Loudness of the whole", value: "−14.0 LUFS" },
      { name: "Key heard", value: "D minor" },
    ]);
    expect([isVerification({ checks: [] }), isVerification({}), isVerification(null)]).toEqual([true, false, false]);
  });
});
