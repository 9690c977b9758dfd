/** What can be heard of a state: its own sound, for ideas and compositions have none by themselves. */

import type { MediaView, Stage } from "../api";
import { type PlayerSource, sourcesOf } from "../player";
import type { SourceKind } from "../player/sources";

const SOUND: Partial<Readonly<Record<Stage, readonly SourceKind[]>>> = {
  arrangement: ["sketch"],
  production: ["parts"],
  mixing: ["mix", "stems"],
  mastering: ["master"],
  finalization: ["master"],
};

interface Heard {
  readonly songId: string;
  readonly stage: Stage;
  readonly revision: number;
}

/** The sound of a state among the files of its song; undefined where it made none, or none is kept. */
export function soundOf(state: Heard, files: readonly MediaView[], title: string): PlayerSource | undefined {
  if (state.stage === "finalization") return delivered(state, files, title);
  const sources = sourcesOf(files, { id: state.songId, title });
  for (const kind of SOUND[state.stage] ?? []) {
    const found = sources.find((source) => source.kind === kind && source.revision === state.revision);
    if (found) return found;
  }
  return undefined;
}

/** What was delivered; the player itself prefers the master that it was made from. */
function delivered(state: Heard, files: readonly MediaView[], title: string): PlayerSource | undefined {
  const own = files.filter((file) => file.stage === state.stage && file.revision === state.revision);
  const [found] = sourcesOf(own, { id: state.songId, title });
  return found && { ...found, label: `Release ${state.revision}` };
}

/** Why a state cannot be heard, for the control that would play it. */
export function silence(stage: Stage): string {
  return stage in SOUND
    ? "Its sound is not kept any more."
    : "Ideas and compositions have no sound of their own: listen to a sketch, mix or master.";
}
