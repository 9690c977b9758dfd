import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "./client";
import { onReturn, streamIs } from "./connection";
import { keys, type SongPart } from "./keys";
import { asProblem } from "./problem";
import { useSong } from "./queries";
import { EVERYTHING, reduce } from "./reducer";
import type { LiveMessage, SongStatusView } from "./schema";
import type { Song } from "./song";
import { SongStream } from "./stream";

const TOGETHER_MS = 120;

/** Keep what is known of a song up to date for as long as the component is there. One stream is open in a tab. */
export function useSongEvents(id: string): void {
  const client = useQueryClient();
  const known = useSong(id).data !== undefined;
  useEffect(() => (known ? follow(client, id) : undefined), [client, id, known]);
}

/** Tells what a message of a song's stream was, after it was taken: for what is more than data, such as saying it. */
export type MessageListener = (songId: string, message: LiveMessage, before: Song | undefined) => void;
const listeners = new Set<MessageListener>();

export function onSongMessage(listener: MessageListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

interface Followed {
  id: string;
  start(): () => void;
  stop: (() => void) | null;
}

// The newest has the tab's stream; the one before takes it again when the newest is let go.
const followed: Followed[] = [];

function follow(client: QueryClient, id: string): () => void {
  const entry: Followed = { id, start: () => startStream(client, id), stop: null };
  pause(followed.at(-1));
  followed.push(entry);
  entry.stop = entry.start();
  return () => {
    followed.splice(followed.indexOf(entry), 1);
    pause(entry);
    const last = followed.at(-1);
    if (last && !last.stop) last.stop = last.start();
  };
}

function pause(entry: Followed | undefined): void {
  entry?.stop?.();
  if (entry) entry.stop = null;
}

function startStream(client: QueryClient, id: string): () => void {
  const refresh = refresher(client, id);
  const seen = () => client.getQueryData<Song>(keys.detail(id));
  const stream = new SongStream({
    songId: id,
    after: seen()?.sequence ?? 0,
    onMessage(message) {
      const before = seen();
      if (!before) return refresh(EVERYTHING);
      const { song, stale } = reduce(before, message);
      if (song !== before) client.setQueryData(keys.detail(id), song);
      refresh(stale);
      for (const listener of listeners) listener(id, message, before);
    },
    onMissed: () => refresh(EVERYTHING),
    onBack: async () => {
      const before = seen()?.role;
      await client.invalidateQueries({ queryKey: keys.detail(id) });
      // What is shown of every part depends on what one is to the song.
      if (seen()?.role !== before) refresh(EVERYTHING);
    },
    onState: streamIs,
    look: () => statusOf(id, () => refresh(EVERYTHING)),
  });
  const stopListening = onReturn(stream.reconnect);
  return () => {
    stopListening();
    stream.stop();
  };
}

/** Asks again for parts of a song: what becomes stale in quick succession once, and never over itself. */
function refresher(client: QueryClient, id: string): (stale: readonly SongPart[]) => void {
  const due = new Set<SongPart>();
  const busy = new Set<SongPart>();

  async function renew(part: SongPart) {
    busy.add(part);
    while (due.has(part)) {
      await new Promise((resolve) => setTimeout(resolve, TOGETHER_MS));
      due.delete(part);
      await client.invalidateQueries({ queryKey: [...keys.song(id), part] });
    }
    busy.delete(part);
  }

  return (stale) => {
    for (const part of stale) {
      due.add(part);
      if (!busy.has(part)) void renew(part);
    }
  };
}

async function statusOf(id: string, onGone: () => void): Promise<SongStatusView | null> {
  try {
    return (await api.GET("/v1/compositions/{id}/status", { params: { path: { id } } })).data ?? null;
  } catch (error) {
    // Archived, or shared with us no longer: the page finds out as well.
    if (asProblem(error).status === 404) onGone();
    return null;
  }
}
