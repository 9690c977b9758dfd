import { describe, expect, it } from "vitest";
import type { SongStatus, Stage, StageStatus } from "../api";
import { cost, doing, STAGES, type STANDING, STEPS, seconds, stageFraction, standing, told } from "./words";

const now = (
  stage: Stage,
  step: string,
  rest: Partial<Parameters<typeof stageFraction>[0]> & { label?: string } = {},
) => ({
  stage,
  step,
  label: "",
  fraction: 0,
  done: 0,
  total: 0,
  ...rest,
});

describe("what is being done", () => {
  it("names the player and how many there are", () => {
    expect(doing(now("production", "render", { label: "bass", done: 3, total: 8 }))).toBe("rendering bass, 3 of 8");
  });
  it("counts nothing where there is one or nobody has counted", () => {
    expect(doing(now("production", "render", { label: "Rhodes", total: 1, done: 1 }))).toBe("rendering Rhodes");
    expect(doing(now("finalization", "encode", { label: "mp3" }))).toBe("writing the MP3 file");
  });
  it("says what the stage does where the step is a new one", () => {
    expect(doing(now("mixing", "sidechain"))).toBe("balance and space");
    expect(doing(now("mixing", "sidechain", { label: "ducking the pad" }))).toBe("ducking the pad");
  });
  it("has words without an address for every step", () => {
    for (const stage of STAGES)
      for (const step of Object.keys(STEPS[stage]))
        expect(doing(now(stage, step, { label: "x" }))).not.toMatch(/[_{}]/);
  });
});

describe("how far a stage is", () => {
  it("runs from nothing to all of it, and grows with every step", () => {
    expect(stageFraction(now("production", "perform"))).toBe(0);
    const parts = [1, 2, 3].map((done) =>
      stageFraction(now("production", "render", { done, total: 3, fraction: 0.5 })),
    );
    expect([...parts].sort((a, b) => a - b)).toEqual(parts);
    expect(stageFraction(now("production", "render", { done: 3, total: 3, fraction: 1 }))).toBeCloseTo(1);
  });
  it("counts a provider's recording as the rendering that it replaces", () => {
    expect(stageFraction(now("production", "adopt", { fraction: 1 }))).toBeCloseTo(1);
  });
  it("stays between 0 and 1 whatever is told", () => {
    expect(stageFraction(now("mixing", "mix", { fraction: 7 }))).toBe(1);
    expect(stageFraction(now("mixing", "unknown", { fraction: -1 }))).toBe(0);
  });
});

describe("where a stage stands", () => {
  const table: [StageStatus, SongStatus, keyof typeof STANDING][] = [
    ["pending", "running", "pending"],
    ["running", "running", "running"],
    ["running", "held", "resting"],
    ["awaiting_review", "waiting", "review"],
    ["awaiting_review", "held", "review"],
    ["done", "completed", "done"],
    ["stale", "running", "stale"],
    ["blocked", "blocked", "blocked"],
    ["pending", "cancelled", "left"],
    ["running", "cancelled", "left"],
    ["stale", "cancelled", "stale"],
    ["done", "cancelled", "done"],
    ["awaiting_review", "cancelled", "done"],
  ];
  it.each(table)("%s in a %s song is %s", (status, song, expected) => {
    expect(standing({ status }, { status: song })).toBe(expected);
  });
});

describe("figures in words", () => {
  it("tells time as a person does", () => {
    expect([0.44, 12.4, 65, 3725].map(seconds)).toEqual(["0.4 s", "12 s", "1 min 05 s", "1 h 02 min"]);
  });
  it("is silent about money that was not spent or is not shown", () => {
    expect([cost("0"), cost(null), cost("0.06"), cost("1.5")]).toEqual(["", "", "$0.060", "$1.50"]);
  });
  it("takes the addresses of settings out of what the song says", () => {
    expect(told("mixing cannot start without technical.channels: set it by revise")).toBe(
      "Mixing cannot start without channels: set it by revise.",
    );
    expect(told("creative.preferences.mix.gain.kazoo: no part")).toBe("Preferences mix gain kazoo: no part.");
  });
});
