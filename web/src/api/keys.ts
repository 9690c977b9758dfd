import type { paths } from "./schema";

export type SongFilters = Omit<
  NonNullable<paths["/v1/compositions"]["get"]["parameters"]["query"]>,
  "cursor" | "limit"
>;

/** What every query is kept under. Everything of a song is below `keys.song(id)`. */
export const keys = {
  me: ["me"] as const,
  songs: (filters: SongFilters = {}) => ["songs", filters] as const,
  allSongs: ["songs"] as const,
  providers: ["providers"] as const,
  apiKeys: ["api-keys"] as const,
  song: (id: string) => ["song", id] as const,
  detail: (id: string) => ["song", id, "detail"] as const,
  stage: (id: string, stage: string) => ["song", id, "stage", stage] as const,
  media: (id: string) => ["song", id, "media"] as const,
  history: (id: string) => ["song", id, "history"] as const,
  revisions: (id: string) => ["song", id, "revisions"] as const,
  versions: (id: string) => ["song", id, "versions"] as const,
  takes: (id: string) => ["song", id, "takes"] as const,
  comparison: (id: string, of: unknown) => ["song", id, "comparison", of] as const,
  enhancements: (id: string) => ["song", id, "enhancements"] as const,
  providerTasks: (id: string) => ["song", id, "provider-tasks"] as const,
  peaks: (id: string, of: unknown) => ["song", id, "peaks", of] as const,
  people: (id: string) => ["song", id, "people"] as const,
  invitations: (id: string) => ["song", id, "invitations"] as const,
};

/** The parts of a song that an event can make out of date, by the names used in `keys`. */
export type SongPart =
  | "detail"
  | "stage"
  | "media"
  | "history"
  | "revisions"
  | "takes"
  | "enhancements"
  | "provider-tasks"
  | "peaks"
  | "comparison";
