import type { LiveMessage, Stage, StageView } from "./schema";
import type { Song } from "./song";

// What the tests of this folder are about.
export const STAGES: readonly Stage[] = [
  "ideation",
  "composition",
  "arrangement",
  "production",
  "mixing",
  "mastering",
  "finalization",
];
const AT = "2026-03-01T12:00:00Z";
export const SONG_ID = "019ab1c2-7d3e-7a00-8b1f-5f2e4c1b9a01";

export function songAt(sequence: number, change: Partial<Song> = {}): Song {
  return {
    id: SONG_ID,
    title: "Rainy Window",
    status: "running",
    current_stage: "ideation",
    progress: 0,
    sequence,
    etag: `"${sequence}.3"`,
    stages: STAGES.map((stage) => stageOf(stage)),
    allowed_commands: ["hold"],
    now: null,
    blocked: null,
    waiting_for: null,
    updated_at: AT,
    ...change,
  } as Song;
}

function stageOf(stage: Stage): StageView {
  return {
    stage,
    status: "pending",
    revision: 0,
    take: 1,
    takes: 1,
    started_at: null,
    completed_at: null,
    computed: 0,
    reused: 0,
    seconds: 0,
    provider: "builtin",
    fallback_from: null,
    cost: "0",
  };
}

export function event(seq: number, type: string, payload: object = {}): LiveMessage {
  return { composition_id: SONG_ID, seq, type, time: AT, payload } as unknown as LiveMessage;
}
