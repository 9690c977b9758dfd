import { STAGES as ORDER, STAGE_WORDS } from "../song/words";

/** The seven stages after which a song can wait for its musician, in their order, with what there is to judge. */
export const STAGES = ORDER.map((id) => ({ id, ...STAGE_WORDS[id] }));

export type StageId = (typeof ORDER)[number];

/** How long a song waits at a gate before it goes on by itself: seconds, and how that is said. */
export const PATIENCE = [
  { seconds: "", name: "As long as it takes" },
  { seconds: "600", name: "10 minutes, then go on" },
  { seconds: "3600", name: "An hour, then go on" },
  { seconds: "86400", name: "A day, then go on" },
] as const;
