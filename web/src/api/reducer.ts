import type { SongPart } from "./keys";
import type { EventType, LiveMessage, Progress, StageView } from "./schema";
import { editionOf, type Song, tagOf } from "./song";

type SongEvent = Exclude<LiveMessage, Progress>;
type EventOf<T extends EventType> = Extract<SongEvent, { type: T }>;

/** What an event does: how the song looks after it, as far as it says so, and which parts have to be asked for again. */
interface Effect<T extends EventType> {
  change?: (song: Song, event: EventOf<T>) => Partial<Song>;
  stale: readonly SongPart[];
}

export interface Reduced {
  song: Song;
  stale: readonly SongPart[];
}

export const EVERYTHING: readonly SongPart[] = [
  "detail",
  "stage",
  "media",
  "history",
  "revisions",
  "takes",
  "enhancements",
  "provider-tasks",
  "peaks",
  "comparison",
];

// What a song allows now only the server knows, so most events make the detail stale; what is seen at once is told here.
const EFFECTS: { [T in EventType]: Effect<T> } = {
  song_created: { change: (_, { payload }) => ({ title: payload.title }), stale: [] },
  stage_started: {
    change: (song, { payload, time }) => ({
      status: "running",
      current_stage: payload.stage,
      waiting_for: null,
      waiting_since: null,
      gate_deadline: null,
      blocked: null,
      ...staged(song, [payload.stage], {
        status: "running",
        revision: payload.revision,
        take: payload.take,
        started_at: time,
        completed_at: null,
      }),
    }),
    stale: ["detail", "stage"],
  },
  stage_complete: {
    change: (song, { payload, time }) => ({
      progress: payload.progress,
      now: null,
      ...staged(song, [payload.stage], {
        status: "done",
        revision: payload.revision,
        take: payload.take,
        computed: payload.computed,
        reused: payload.reused,
        seconds: payload.seconds,
        completed_at: time,
      }),
    }),
    stale: ["detail", "stage", "media", "revisions", "takes", "peaks", "comparison"],
  },
  stage_blocked: {
    change: (song, { payload }) => ({
      status: "blocked",
      now: null,
      blocked: { code: "error", stage: payload.stage, reason: payload.reason, missing: payload.missing },
      ...staged(song, [payload.stage], { status: "blocked" }),
    }),
    stale: ["detail", "stage", "provider-tasks"],
  },
  stage_stale: {
    change: (song, { payload }) => staged(song, payload.stages, { status: "stale" }),
    stale: ["detail", "stage"],
  },
  stage_changed: {
    change: (_, { payload }) => ({ current_stage: payload.to_stage }),
    stale: ["detail", "history"],
  },
  review_requested: {
    change: (song, { payload, time }) => ({
      status: "waiting",
      current_stage: payload.stage,
      waiting_since: time,
      gate_deadline: payload.deadline,
      now: null,
      ...staged(song, [payload.stage], { status: "awaiting_review" }),
    }),
    stale: ["detail"],
  },
  // Going back and choosing a take make nothing new: they change which of what is there counts.
  command_accepted: { stale: ["detail", "revisions", "takes"] },
  command_rejected: { stale: [] },
  enhancement_ready: { stale: ["detail", "enhancements"] },
  take_ready: {
    change: (song, { payload }) => ({
      stages: song.stages.map((stage) =>
        stage.stage === payload.stage ? { ...stage, takes: Math.max(stage.takes, payload.take) } : stage,
      ),
    }),
    stale: ["takes"],
  },
  audio_ready: { stale: ["media", "peaks"] },
  provider_selected: { stale: ["detail", "stage", "provider-tasks"] },
  provider_failed: { stale: ["stage", "provider-tasks"] },
  cost_recorded: { stale: ["detail", "provider-tasks"] },
  context_changed: { stale: ["detail", "stage"] },
  song_completed: {
    change: (_, { payload, time }) => ({
      status: "completed",
      is_completed: true,
      checks_ok: payload.checks_ok,
      completed_at: time,
      progress: 100,
      now: null,
    }),
    stale: ["detail", "media", "history", "revisions", "peaks"],
  },
  song_cancelled: { change: () => ({ status: "cancelled", now: null }), stale: ["detail"] },
};

export const EVENT_TYPES = Object.keys(EFFECTS) as readonly EventType[];

/**
 * The song after a message. An event that the song already shows changes nothing of it, but other parts may be older;
 * after a gap, or a kind that this page does not know, everything is asked for again.
 */
export function reduce(song: Song, message: LiveMessage): Reduced {
  if (!isEvent(message)) return { song: { ...song, now: message }, stale: [] };
  const effect = EFFECTS[message.type] as Effect<EventType> | undefined;
  const stale = effect ? effect.stale : EVERYTHING;
  if (message.seq <= song.sequence) return { song, stale: stale.filter((part) => part !== "detail") };
  if (message.seq > song.sequence + 1) return { song, stale: EVERYTHING };
  const changed = effect?.change?.(song, message as never) ?? {};
  const etag = tagOf(message.seq, editionOf(song.etag));
  return { song: { ...song, ...changed, sequence: message.seq, updated_at: message.time, etag }, stale };
}

export function isEvent(message: LiveMessage): message is SongEvent {
  return "seq" in message;
}

function staged(song: Song, names: readonly string[], change: Partial<StageView>): { stages: StageView[] } {
  return { stages: song.stages.map((stage) => (names.includes(stage.stage) ? { ...stage, ...change } : stage)) };
}
