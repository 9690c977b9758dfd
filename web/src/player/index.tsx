import "./player.css";
import { player } from "./player";

export { PlayerDock } from "./PlayerDock";
export type { Comparison, Offset, PlayerState, Repeat, TrackState } from "./player";
export { player } from "./player";
export type { PlayerProblem } from "./problems";
export { SongWaveform } from "./SongWaveform";
export { StemsDesk } from "./StemsDesk";
export { bestOf, type PlayerSource, sourcesOf, stemsOf, type Track } from "./sources";
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
