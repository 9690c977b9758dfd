import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, data } from "./client";
import { keys, type SongFilters } from "./keys";
import { fetchSong } from "./song";

const PAGE = 40;

/** All of a song; `useSongEvents(id)` keeps it up to date. */
export function useSong(id: string) {
  return useQuery({
    queryKey: keys.detail(id),
    queryFn: ({ signal }) => fetchSong(id, signal),
    // Renaming, publishing and archiving by others is no event.
    refetchInterval: 20_000,
  });
}

/** The songs that fit, newest change first, page by page: `songs.data?.pages.flatMap((page) => page.items)`. */
export function useSongs(filters: SongFilters = {}) {
  return useInfiniteQuery({
    queryKey: keys.songs(filters),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filters, limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return data(api.GET("/v1/compositions", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 5000,
  });
}

/** Who you are to this server, and what is left of your limits. */
export function useMe() {
  return useQuery({ queryKey: keys.me, queryFn: ({ signal }) => data(api.GET("/v1/me", { signal })) });
}
