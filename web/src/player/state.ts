/** What the player tells the pages: it changes as a whole, so that whoever draws it sees no half of a change. */

import type { Match, Strip } from "./levels";
import type { PlayerProblem } from "./problems";
import type { PlayerSource, SourceKind } from "./sources";

export interface TrackState extends Strip {
  id: string;
  name: string;
  kind: SourceKind;
  loading: boolean;
}

export type SideName = "a" | "b";

export interface Comparison {
  side: SideName;
  a: PlayerSource;
  b: PlayerSource;
  /** Whether both sides are brought to one loudness; "unknown" where one of them is silent. */
  matched: "measuring" | "matched" | "unknown";
  /** dB, never over 0. */
  gains: Match;
}

/** A stretch that is repeated, in seconds. */
export interface Repeat {
  name: string;
  from: number;
  to: number;
}

export interface PlayerState {
  loaded: PlayerSource | null;
  /** Everything of the loaded song that can be played. */
  sources: readonly PlayerSource[];
  /** Something newer than what is loaded; nobody is interrupted by it. */
  offered: PlayerSource | null;
  playing: boolean;
  /** Seconds. `player.now()` is exact at any moment. */
  position: number;
  duration: number;
  loading: boolean;
  problem: PlayerProblem | null;
  tracks: readonly TrackState[];
  /** Id of the track that the keys M and S mean. */
  selected: string | null;
  ab: Comparison | null;
  repeat: Repeat | null;
  /** 0 to 1. */
  volume: number;
  silent: boolean;
  /** Highest sample of the output lately, 0 to 1 and more. */
  level: number;
}

export const EMPTY: PlayerState = {
  loaded: null,
  sources: [],
  offered: null,
  playing: false,
  position: 0,
  duration: 0,
  loading: false,
  problem: null,
  tracks: [],
  selected: null,
  ab: null,
  repeat: null,
  volume: 1,
  silent: false,
  level: 0,
};
