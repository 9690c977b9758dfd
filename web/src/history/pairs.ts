/** Which two states of one stage are held side by side. `known` is always what is known, the newest first. */

import { type StateNode, versionId } from "./tree";

/** What was chosen: a state, or a version for its newest state. */
export interface Sides {
  readonly first?: string | undefined;
  readonly second?: string | undefined;
}

export interface Found {
  readonly first: StateNode | undefined;
  readonly second: StateNode | undefined;
}

/** The two sides; for what nobody has chosen, the newest state that was made before, and the one before it. */
export function pairOf(known: readonly StateNode[], songId: string, sides: Sides): Found {
  const [first, second] = [chosen(known, sides.first), chosen(known, sides.second)];
  if (first && second && first.stage === second.stage) return { first, second };
  if (first) return inTime(first, counterpart(known, first, songId));
  const mine = known.filter((state) => state.songId === songId);
  const newest = second ?? mine.find((state) => earlierOf(mine, state));
  return { first: newest && earlierOf(known, newest), second: newest };
}

/** What a state can be held against: every other one of its stage. */
export function others(known: readonly StateNode[], state: StateNode | undefined): readonly StateNode[] {
  return known.filter((one) => one.stage === state?.stage && one.id !== state.id);
}

function chosen(known: readonly StateNode[], id: string | undefined): StateNode | undefined {
  const state = known.find((one) => one.id === id);
  return state ?? known.find((one) => versionId(one.songId) === id && one.state?.is_current);
}

/** What a state is best held against: what the open song has now at that stage, or what was there before. */
function counterpart(known: readonly StateNode[], state: StateNode, songId: string): StateNode | undefined {
  const now = known.find((one) => one.songId === songId && one.stage === state.stage && one.state?.is_current);
  if (now && now.id !== state.id) return now;
  return earlierOf(known, state) ?? others(known, state)[0];
}

/** The earlier one first, so that what changed is read in the order in which it did. */
function inTime(one: StateNode, other: StateNode | undefined): Found {
  return other && (other.at ?? "") < (one.at ?? "") ? { first: other, second: one } : { first: one, second: other };
}

const earlierOf = (known: readonly StateNode[], state: StateNode): StateNode | undefined =>
  known.find((one) => one.songId === state.songId && one.stage === state.stage && one.revision < state.revision);
