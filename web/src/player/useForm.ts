import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, data, keys, type Peaks, useSong } from "../api";
import type { SongSection, WrittenForm } from "./sections";
import { fitted, sectionsOfPlan, sectionsOfScore } from "./sections";
import type { PlayerSource } from "./sources";
import { useMedia } from "./useSources";

const POINTS = 2000;

/** Peaks of what is drawn: the file itself where it is one, else the newest sound of the song. */
export function usePeaks(songId: string, source: PlayerSource | undefined) {
  const [track] = source?.tracks ?? [];
  const single = source?.tracks.length === 1 ? track?.hash : undefined;
  const several = source && source.tracks.length > 1;
  return useQuery({
    queryKey: keys.peaks(songId, single ?? "newest"),
    enabled: single !== undefined || several === true,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => {
      const query = single ? { points: POINTS, hash: single } : { points: POINTS };
      return data(api.GET("/v1/compositions/{id}/peaks.json", { params: { path: { id: songId }, query }, signal }));
    },
  });
}

export function peaksSeconds(peaks: Peaks): number {
  return (peaks.length * peaks.samples_per_pixel) / peaks.sample_rate;
}

/** The song's form in seconds, from the written score, or as it is planned while there is none. */
export function useSections(
  songId: string,
  source: PlayerSource | undefined,
  duration: number,
): readonly SongSection[] {
  const song = useSong(songId);
  const media = useMedia(songId);
  const scores = (media.data?.items ?? []).filter(({ stage, name }) => stage === "arrangement" && name === "score");
  // The score that the sound was made from is the newest one that was there before it.
  const score = scores.find(({ created_at }) => !source?.created || created_at <= source.created) ?? scores[0];
  const written = useQuery({
    queryKey: ["score", score?.hash],
    enabled: score !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const answer = await fetch(score?.url ?? "", { signal });
      if (!answer.ok) throw new Error(`the score is not there (${answer.status})`);
      return (await answer.json()) as WrittenForm;
    },
  });
  const musical = song.data?.context?.musical;
  return useMemo(() => {
    const found = written.data ? sectionsOfScore(written.data) : planned(musical);
    return duration > 0 ? fitted(found, duration) : found;
  }, [written.data, musical, duration]);
}

function planned(musical: unknown): SongSection[] {
  if (typeof musical !== "object" || musical === null) return [];
  const { tempo, time_signature, structure, sections } = musical as {
    tempo?: number;
    time_signature?: string;
    structure?: { name: string; duration: number; unit?: string }[];
    sections?: Record<string, { energy?: number | null }>;
  };
  if (!tempo || !structure?.length) return [];
  const energies: Record<string, number> = {};
  for (const [name, { energy }] of Object.entries(sections ?? {}))
    if (typeof energy === "number") energies[name] = energy;
  return sectionsOfPlan({ tempo, time_signature: time_signature ?? "4/4", structure, energies });
}
