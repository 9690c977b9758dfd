import { describe, expect, it } from "vitest";
import type { SongStatus, Stage, StageStatus } from "../api";
import {
  cost,
  doing,
  type Furthest,
  furthest,
  STAGES,
  type STANDING,
  STEPS,
  seconds,
  stageFraction,
  standing,
  told,
} from "./words";

const now = (stage: Stage, step: string, rest: Partial<Parameters<typeof furthest>[2]> & { label?: string } = {}) => ({
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
    expect(stageFraction(now("production", "perform"), 0)).toBe(0);
    expect(stageFraction(now("production", "render"), 0)).toBeCloseTo(0.05);
    expect(stageFraction(now("production", "render"), 1)).toBeCloseTo(1);
  });
  it("counts a provider's recording as the rendering that it replaces", () => {
    expect(stageFraction(now("production", "adopt"), 1)).toBeCloseTo(1);
  });
  it("stays between 0 and 1 whatever is told", () => {
    expect(stageFraction(now("mixing", "mix"), 7)).toBe(1);
    expect(stageFraction(now("mixing", "unknown"), -1)).toBe(0);
  });
  it("adds up parts that are made side by side, and never falls", () => {
    const lines = [
      [1, 0.5],
      [3, 0.9],
      [1, 0.9],
      [2, 0.9],
      [1, 0.2],
    ] as const;
    let far: Furthest | null = null;
    const values = lines.map(([done, fraction]) => {
      far = furthest(far, "first", now("production", "render", { done, total: 3, fraction }));
      return far.value;
    });
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values[1]).toBeCloseTo(0.05 + (0.95 * 1.4) / 3);
    expect(values.at(-1)).toBeCloseTo(0.05 + 0.95 * 0.9);
  });
  it("begins anew with another run of the stage", () => {
    const line = now("production", "render", { done: 1, total: 2, fraction: 0.8 });
    const far = furthest(furthest(null, "first", line), "second", { ...line, fraction: 0.1 });
    expect(far.value).toBeLessThan(0.2);
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
