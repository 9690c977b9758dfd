/** What the history page reads. Events of the open song make it out of date by the same keys. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { api, type ComparisonView, data, keys, type Stage } from "../api";
import type { StateNode } from "./tree";

/** The family of a song; other versions have no events here, so it is asked for again now and then. */
export function useVersions(id: string) {
  const read = ({ signal }: { signal: AbortSignal }) =>
    data(api.GET("/v1/compositions/{id}/versions", { params: { path: { id } }, signal }));
  return useQuery({ queryKey: keys.versions(id), queryFn: read, refetchInterval: 15_000 });
}

/** The states of several versions, by the version's id; of those that are being read there is nothing yet. */
export function useRevisionsOf(ids: readonly string[]) {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: keys.revisions(id),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        data(api.GET("/v1/compositions/{id}/revisions", { params: { path: { id } }, signal })),
    })),
    combine: (found) => ({
      byId: Object.fromEntries(ids.map((id, index) => [id, found[index]?.data?.items])),
      loading: found.some((query) => query.isPending),
      problem: found.find((query) => query.error)?.error ?? null,
    }),
  });
}

export function useTakes(id: string, stage: Stage) {
  const read = ({ signal }: { signal: AbortSignal }) =>
    data(api.GET("/v1/compositions/{id}/takes", { params: { path: { id }, query: { stage } }, signal }));
  return useQuery({ queryKey: [...keys.takes(id), stage], queryFn: read });
}

export function useMedia(id: string, enabled = true) {
  const read = ({ signal }: { signal: AbortSignal }) =>
    data(api.GET("/v1/compositions/{id}/media", { params: { path: { id } }, signal }));
  return useQuery({ queryKey: keys.media(id), queryFn: read, enabled });
}

export interface Pair {
  readonly first: StateNode;
  readonly second: StateNode;
}

export function useComparison(pair: Pair | undefined) {
  const read = ({ signal }: { signal: AbortSignal }): Promise<ComparisonView> => {
    const { first, second } = pair as Pair;
    const query = {
      stage: first.stage,
      revision: first.revision,
      with: second.songId,
      with_stage: second.stage,
      with_revision: second.revision,
    };
    return data(api.GET("/v1/compositions/{id}/comparison", { params: { path: { id: first.songId }, query }, signal }));
  };
  const of = pair && [pair.first.id, pair.second.id];
  return useQuery({ queryKey: keys.comparison(pair?.first.songId ?? "", of), queryFn: read, enabled: Boolean(pair) });
}
