import { expect, test } from "vitest";
import type { RevisionView } from "../api/schema";
import { others, pairOf, type Sides } from "./pairs";
import { type StateNode, stateId } from "./tree";

function state(songId: string, stage: StateNode["stage"], revision: number, current = false): StateNode {
  const at = `2026-11-30T1${songId === "song" ? revision : 9}:00:00Z`;
  const made = { is_current: current } as RevisionView;
  const name = `${stage} ${revision}`;
  const id = stateId(songId, stage, revision);
  return { kind: "state", id, songId, name, stage, revision, marks: [], children: [], at, state: made };
}

const known = [
  state("other", "mixing", 1, true),
  state("song", "finalization", 1, true),
  state("song", "mixing", 3, true),
  state("song", "mixing", 2),
  state("song", "mixing", 1),
];
const names = (sides: Sides, states = known) => {
  const { first, second } = pairOf(states, "song", sides);
  return [first && `${first.songId} ${first.name}`, second && `${second.songId} ${second.name}`];
};

test("at first the newest that was made twice is held against the one before it", () => {
  expect(names({})).toEqual(["song mixing 2", "song mixing 3"]);
});

test("what is chosen is held against what the song has now, or had before; the earlier one stands first", () => {
  expect(names({ first: stateId("song", "mixing", 1) })).toEqual(["song mixing 1", "song mixing 3"]);
  expect(names({ first: stateId("song", "mixing", 3) })).toEqual(["song mixing 2", "song mixing 3"]);
});

test("a version stands for its newest state, and for nothing until that is read", () => {
  expect(names({ first: "version other" })).toEqual(["song mixing 3", "other mixing 1"]);
  expect(names({ first: "version folded" })).toEqual(names({}));
});

test("both sides can be chosen", () => {
  const sides = { first: stateId("song", "mixing", 3), second: stateId("other", "mixing", 1) };
  expect(names(sides)).toEqual(["song mixing 3", "other mixing 1"]);
});

test("states of different stages are no pair", () => {
  const sides = { first: stateId("song", "mixing", 1), second: stateId("song", "finalization", 1) };
  expect(names(sides)).toEqual(["song mixing 1", "song mixing 3"]);
  expect(names({}, known.slice(1, 3))).toEqual([undefined, undefined]);
  expect(others(known, known[4]).map((one) => `${one.songId} ${one.name}`)).toEqual([
    "other mixing 1",
    "song mixing 3",
    "song mixing 2",
  ]);
});
