import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, data, keys, type MediaView, useSong } from "../api";
import { type PlayerSource, sourcesOf, streamedSketch } from "./sources";

export function useMedia(songId: string) {
  return useQuery({
    queryKey: keys.media(songId),
    queryFn: ({ signal }) => data(api.GET("/v1/compositions/{id}/media", { params: { path: { id: songId } }, signal })),
  });
}

const NO_FILES: readonly MediaView[] = [];

/** Everything of a song that can be played now, the newest of each kind first; null until it is known. */
export function useSources(songId: string): readonly PlayerSource[] | null {
  const song = useSong(songId);
  const media = useMedia(songId);
  const title = song.data?.title;
  const files = media.data?.items ?? (media.isError ? NO_FILES : undefined);
  // While an arrangement runs its sketch is heard as it is played, before there is a file.
  const arrangement = song.data?.stages.find(({ stage }) => stage === "arrangement");
  const sketching = arrangement?.status === "running" && song.data?.now?.step === "sketch";
  const revision = arrangement?.revision;
  return useMemo(() => {
    if (title === undefined || files === undefined) return null;
    const name = { id: songId, title };
    const found = sourcesOf(files, name);
    return sketching && found.length === 0 ? [streamedSketch(name, revision)] : found;
  }, [songId, title, files, sketching, revision]);
}
