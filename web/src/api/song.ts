import { api, data } from "./client";
import type { SongDetail } from "./schema";

/** All of a song as it was last seen, with the entity tag of that state (for `If-Match`). */
export type Song = SongDetail & { etag: string };

export async function fetchSong(id: string, signal?: AbortSignal): Promise<Song> {
  // The tag is the song's, and what one may do with it changes without a new one: a kept answer may tell an old role.
  const fresh = { cache: "no-store", ...(signal && { signal }) } as const;
  const answer = api.GET("/v1/compositions/{id}", { params: { path: { id } }, ...fresh });
  const song = await data(answer);
  return { ...song, etag: (await answer).response.headers.get("ETag") ?? tagOf(song.sequence, "0") };
}

/** An entity tag: the number of the newest event, and how often people renamed, published or archived the song. */
export function tagOf(sequence: number, edition: string): string {
  return `"${sequence}.${edition}"`;
}

/** The second part of an entity tag. */
export function editionOf(etag: string): string {
  return /\.(\d+)"/.exec(etag)?.[1] ?? "0";
}
