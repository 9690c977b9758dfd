import { describe, expect, it } from "vitest";
import type { CommandKind, SongStatus, Stage, StageStatus } from "../api";
import { culprit, type Known, REMEDIES, type State, stateOf, whatNext } from "./next";
import { after, STAGES } from "./words";

interface Given {
  status: SongStatus;
  at?: Stage;
  here?: StageStatus;
  commands?: CommandKind[];
  rest?: Partial<Known>;
}

function song({ status, at = "mixing", here = "done", commands = [], rest = {} }: Given): Known {
  const forward = after(at);
  return {
    status,
    current_stage: at,
    started: true,
    role: "owner",
    blocked: null,
    gate_deadline: null,
    checks_ok: true,
    allowed_commands: commands,
    allowed_targets: forward ? [forward] : [],
    now: null,
    held: status === "held",
    title: "A song",
    stages: STAGES.map((stage) => ({ stage, status: stage === at ? here : "pending" })) as unknown as Known["stages"],
    ...rest,
  };
}

const SONGS: Record<State, Known> = {
  unstarted: song({ status: "running", rest: { started: false } }),
  running: song({ status: "running", here: "running", commands: ["hold"] }),
  restoring: song({ status: "running", here: "done", commands: ["hold"] }),
  review: song({ status: "waiting", here: "awaiting_review", commands: ["advance"] }),
  parked: song({ status: "waiting", here: "done", commands: ["advance"] }),
  held: song({ status: "held", commands: ["resume"] }),
  blocked: song({
    status: "blocked",
    here: "blocked",
    commands: ["retry"],
    rest: { blocked: { stage: "mixing", reason: "the disk is full", code: "media_store_unavailable", missing: [] } },
  }),
  completed: song({ status: "completed", at: "finalization" }),
  imperfect: song({ status: "completed", at: "finalization", rest: { checks_ok: false } }),
  cancelled: song({ status: "cancelled" }),
};

const DEEDS: Partial<Record<State, string>> = {
  running: "Hold",
  restoring: "Hold",
  review: "Go on to mastering",
  parked: "Go on to mastering",
  held: "Resume",
  blocked: "Try again",
  completed: "Download everything",
  imperfect: "Change something",
  cancelled: "Branch from here",
};

describe("what a song waits for", () => {
  it.each(Object.entries(SONGS) as [State, Known][])("%s is told as such, with one thing to press", (state, given) => {
    expect(stateOf(given)).toBe(state);
    const next = whatNext(given);
    expect(next.sentence).toMatch(/^[A-Z].*\.$/);
    expect(next.deed?.label).toBe(DEEDS[state]);
    expect(`${next.sentence} ${next.hint ?? ""}`).not.toMatch(/_|workflow|activity|queue|undefined|null/);
  });

  it("says what is being done in a musician's words", () => {
    const now = {
      stage: "production",
      step: "render",
      label: "bass",
      fraction: 0.1,
      done: 3,
      total: 8,
      time: "",
    } as const;
    const given = song({ status: "running", at: "production", here: "running", rest: { now } });
    expect(whatNext(given).sentence).toBe("Production is at work: rendering bass, 3 of 8.");
  });

  it("does not tell a line of an earlier stage as what is done now", () => {
    const now = {
      stage: "production",
      step: "render",
      label: "bass",
      fraction: 0.1,
      done: 3,
      total: 8,
      time: "",
    } as const;
    expect(whatNext(song({ status: "running", at: "mixing", here: "running", rest: { now } })).sentence).toBe(
      "Mixing is at work: balance and space.",
    );
  });

  it("gives the reason of a block and what can be done about it", () => {
    const { hint } = whatNext(SONGS.blocked);
    expect(hint).toContain("The disk is full.");
    expect(hint).toContain(REMEDIES.media_store_unavailable);
    const other = song({
      status: "blocked",
      here: "blocked",
      commands: ["retry"],
      rest: { blocked: { stage: "mixing", reason: "it broke", code: "never_seen", missing: [] } },
    });
    expect(whatNext(other).hint).toBe("It broke. Try again, change something, or step back to an earlier stage.");
  });

  it("finds the setting that the song cannot go on with", () => {
    const stuck = (code: string, reason: string) =>
      culprit({ blocked: { stage: "mixing", code, reason, missing: [] }, allowed_commands: ["revise"] });
    expect(stuck("invalid_value", "creative.preferences.mix.gain.kazoo: no part of that name")).toBe(
      "creative.preferences.mix.gain.kazoo",
    );
    expect(stuck("invalid_value", "nothing is named")).toBeNull();
    expect(stuck("timeout", "musical.key took too long")).toBeNull();
  });

  it("offers nothing that the song would refuse", () => {
    for (const state of ["running", "review", "parked", "held", "blocked"] as const) {
      expect(whatNext({ ...SONGS[state], allowed_commands: [] }).deed).toBeUndefined();
    }
  });

  it.each(["viewer", "public"] as const)("lets a %s only listen and take home what is finished", (role) => {
    for (const [state, given] of Object.entries(SONGS) as [State, Known][]) {
      const { deed } = whatNext({ ...given, role });
      expect(deed?.kind).toBe(state === "completed" || state === "imperfect" ? "download" : "listen");
    }
  });
});
