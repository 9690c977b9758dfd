/** A song's state at a glance: what it does, or what it waits for. */

import type { SongSummary } from "../api/schema";
import { nameOfStage, STAGE_WORDS } from "../song/words";
import type { Tone } from "../ui/display";

export interface Glance {
  readonly tone: Tone;
  readonly words: string;
  /** How far it is, 0 to 1, while it is on its way. */
  readonly progress?: number;
}

type Seen = Pick<SongSummary, "status" | "current_stage" | "progress" | "started" | "checks_ok" | "allowed_commands">;

export function glance(song: Seen): Glance {
  const stage = nameOfStage(song.current_stage);
  const progress = song.progress / 100;
  switch (song.status) {
    case "running":
      return song.started
        ? { tone: "busy", words: `${stage}: ${STAGE_WORDS[song.current_stage].does}`, progress }
        : { tone: "busy", words: "Starts in a moment", progress };
    case "waiting":
      return { tone: "warn", words: waits(song, stage), progress };
    case "held":
      return { tone: "neutral", words: `Held at ${stage.toLowerCase()}`, progress };
    case "blocked":
      return { tone: "bad", words: `Stuck at ${stage.toLowerCase()}`, progress };
    case "completed":
      return song.checks_ok ? { tone: "good", words: "Finished" } : { tone: "warn", words: "Finished, misses a check" };
    case "cancelled":
      return { tone: "neutral", words: `Cancelled at ${stage.toLowerCase()}` };
  }
}

/** Only who may decide is waited for. */
function waits(song: Seen, stage: string): string {
  const mine = song.allowed_commands.length > 0;
  return mine ? `Waits for you after ${stage.toLowerCase()}` : `Waits after ${stage.toLowerCase()}`;
}
