/** The seven stages after which a song can wait for its musician, in their order, with what there is to judge. */
export const STAGES = [
  { id: "ideation", name: "Ideation", judge: "the idea as it was understood" },
  { id: "composition", name: "Composition", judge: "chords, tune and groove, as a sketch" },
  { id: "arrangement", name: "Arrangement", judge: "form and parts, as a sketch" },
  { id: "production", name: "Production", judge: "every part as it sounds" },
  { id: "mixing", name: "Mixing", judge: "the mix" },
  { id: "mastering", name: "Mastering", judge: "the master" },
  { id: "finalization", name: "Finalization", judge: "the finished files" },
] as const;

export type StageId = (typeof STAGES)[number]["id"];

/** How long a song waits at a gate before it goes on by itself: seconds, and how that is said. */
export const PATIENCE = [
  { seconds: "", name: "As long as it takes" },
  { seconds: "600", name: "10 minutes, then go on" },
  { seconds: "3600", name: "An hour, then go on" },
  { seconds: "86400", name: "A day, then go on" },
] as const;
