/** What the tabs read of a song: its stages, and the documents that they made. Files never change, so they are kept. */

import { useQuery } from "@tanstack/react-query";
import { type Artifact, api, data, keys, type Stage, type StageDetail, useSong } from "../api";
import { isScore, type Score } from "./score";

/** Something that a stage makes: on its way, not made yet, not to be had, or there. `stale`: from before the last change. */
export type Found<T> =
  | { readonly state: "loading" }
  | { readonly state: "missing" }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "there"; readonly value: T; readonly stale: boolean };

export const LOADING = { state: "loading" } as const;
export const MISSING = { state: "missing" } as const;

export function useStage(songId: string, stage: Stage) {
  return useQuery({
    queryKey: keys.stage(songId, stage),
    queryFn: ({ signal }) =>
      data(api.GET("/v1/compositions/{id}/stages/{stage}", { params: { path: { id: songId, stage } }, signal })),
  });
}

export function fileOf(artifact: Artifact): string {
  return `/v1/media/${artifact.hash}/content`;
}

async function fetchJson(artifact: Artifact, signal: AbortSignal): Promise<unknown> {
  const hash = artifact.hash;
  return await data(api.GET("/v1/media/{hash}/content", { params: { path: { hash } }, parseAs: "json", signal }));
}

/** A JSON document of a stage by its name, once it is what it should be. */
export function useDocument<T>(
  songId: string,
  stage: Stage,
  name: string,
  accepts: (found: unknown) => found is T,
): Found<T> {
  const made = useStage(songId, stage);
  const artifact = made.data?.outputs[name];
  const document = useQuery({
    queryKey: ["document", artifact?.hash],
    enabled: artifact !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => fetchJson(artifact as Artifact, signal),
  });
  if (made.error) return { state: "failed", error: made.error };
  if (!made.data) return LOADING;
  if (!artifact) return MISSING;
  if (document.error) return { state: "failed", error: document.error };
  if (document.data === undefined) return LOADING;
  if (!accepts(document.data)) return MISSING;
  return { state: "there", value: document.data, stale: isStale(made.data) };
}

export function isStale(stage: Pick<StageDetail, "status">): boolean {
  return stage.status === "stale" || stage.status === "running";
}

export function useScore(songId: string): Found<Score> {
  return useDocument(songId, "arrangement", "score", isScore);
}

export function scoreOf(found: Found<Score>): Score | null {
  return found.state === "there" ? found.value : null;
}

/** A value at a path of the song's context, such as `technical.loudness_target`. */
export function useWish(songId: string, path: string): unknown {
  const song = useSong(songId);
  return path.split(".").reduce<unknown>((found, name) => {
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>)[name] : undefined;
  }, song.data?.context);
}

export function useNumber(songId: string, path: string): number | null {
  const found = useWish(songId, path);
  return typeof found === "number" ? found : null;
}
