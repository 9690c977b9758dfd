import { useSyncExternalStore } from "react";
import { player } from "./player";
import type { PlayerState } from "./state";

/** What the player does now; `position` moves ten times a second. */
export function usePlayer(): PlayerState;
/** One part of it: a component is drawn anew only when that differs. */
export function usePlayer<T>(part: (state: PlayerState) => T): T;
export function usePlayer<T>(part?: (state: PlayerState) => T): T | PlayerState {
  return useSyncExternalStore(player.subscribe, () => (part ? part(player.snapshot()) : player.snapshot()));
}
