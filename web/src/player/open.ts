/** How a track is read: by ranges where its file allows it, else decoded as a whole where memory allows that. */

import { whole } from "./bytes";
import { openFlac } from "./flac";
import type { Reader } from "./reader";
import { readerOf, Unreadable } from "./reader";
import type { Track } from "./sources";
import { openWav } from "./wav";

type Opener = (url: string, signal?: AbortSignal) => Promise<Reader>;

const BY_RANGES: Readonly<Record<string, Opener>> = {
  "audio/wav": openWav,
  "audio/x-wav": openWav,
  "audio/flac": openFlac,
};

/** What a track that can only be decoded as a whole may take, in bytes of its file: about 8 minutes at 320 kbps. */
const WHOLE_BYTES = 20_000_000;
const DECODED_RATE = 48_000;

/** Whether a track can be put on the common clock; if not, it is played as one stream by itself. */
export function onTheClock(track: Track): boolean {
  if (track.hash === undefined) return false;
  return track.mediaType in BY_RANGES || (track.size ?? Number.POSITIVE_INFINITY) <= WHOLE_BYTES;
}

/** A track's samples at the rate of its file. Throws Unreadable, SoundMissing, or what fetch throws. */
export async function openTrack(track: Track, signal?: AbortSignal): Promise<Reader> {
  return (BY_RANGES[track.mediaType] ?? openWhole)(track.url, signal);
}

async function openWhole(url: string, signal?: AbortSignal): Promise<Reader> {
  const bytes = await whole(url, signal);
  // Decoding needs no sound card, and so no gesture.
  const decoder = new OfflineAudioContext(2, 1, DECODED_RATE);
  const buffer = await decoder.decodeAudioData(bytes.buffer).catch(() => {
    throw new Unreadable("this browser cannot decode the file");
  });
  return readerOf(buffer);
}
