import "./player.css";
import { player } from "./player";

export type { Offset } from "./offsets";
export { PlayerDock } from "./PlayerDock";
export { player } from "./player";
export type { PlayerProblem } from "./problems";
export { SongWaveform } from "./SongWaveform";
export { StemsDesk } from "./StemsDesk";
export { bestOf, type PlayerSource, sourcesOf, stemsOf, type Track } from "./sources";
export type { Comparison, PlayerState, Repeat, TrackState } from "./state";
export { minutes } from "./time";
export { usePlayer } from "./usePlayer";
export { useSources } from "./useSources";

declare global {
  interface Window {
    /** The page's player, for whoever wants to look at it or drive it. */
    sostenuto: typeof player;
  }
}

window.sostenuto = player;
