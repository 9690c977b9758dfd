/** Opens the files of a source: on the common clock where that can be, as one stream where it is a single file. */

import type { Opened, OpenedSource } from "./graph";
import { onTheClock, openTrack } from "./open";
import { Unreadable } from "./reader";
import type { PlayerSource, Track } from "./sources";

/** Throws what opening a track throws; a single file that cannot be read by stretches comes back with nothing opened. */
export async function openSource(source: PlayerSource): Promise<OpenedSource> {
  const [only] = source.tracks;
  if (source.tracks.length === 1 && only) {
    const opened = onTheClock(only) ? await unlessUnreadable(only) : null;
    return { source, opened: opened ? [opened] : [] };
  }
  return { source, opened: await Promise.all(source.tracks.map(opened)) };
}

/** Whether it is played as one stream. */
export function isStreamed({ opened }: OpenedSource): boolean {
  return opened.length === 0;
}

async function opened(track: Track): Promise<Opened> {
  return { track, reader: await openTrack(track) };
}

async function unlessUnreadable(track: Track): Promise<Opened | null> {
  try {
    return await opened(track);
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}
