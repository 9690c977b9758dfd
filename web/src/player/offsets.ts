/** How tracks lie to each other in time, told by what is really heard of them. */

import type { Channel } from "./graph";
import { lagOf, loudestAt } from "./lag";
import type { Playback } from "./playback";
import { stretch } from "./reader";
import { listen } from "./tap";

export interface Offset {
  id: string;
  name: string;
  /** Milliseconds by which it sounds later than the first track that sounds. */
  ms: number;
}

/** How long is listened for offsets, and how much of that, where a track is loudest, is looked for in its file. */
const LISTEN_S = 1.2;
const LOUDEST_S = 0.06;
const REACH_S = 0.03;

/**
 * By how much tracks sound later than the first of them: what every channel lets through is recorded at the same
 * frames, and found again in its file. Silent tracks are left out; null where the sound had a gap meanwhile.
 */
export async function offsetsOf(
  context: AudioContext,
  playback: Playback,
  channels: readonly Channel[],
): Promise<Offset[] | null> {
  const nodes = channels.map(({ fader }) => fader);
  const before = playback.steady;
  const { first, heard } = await listen(context, nodes, LISTEN_S);
  const steady = before !== null && before === playback.steady && first >= before;
  return steady ? lags(channels, heard, playback.frameAt(first), context.sampleRate) : null;
}

async function lags(
  channels: readonly Channel[],
  heard: readonly Float32Array[],
  from: number,
  rate: number,
): Promise<Offset[]> {
  const reach = Math.round(REACH_S * rate);
  const found: { id: string; name: string; lag: number }[] = [];
  for (const [index, { track, reader }] of channels.entries()) {
    const all = heard[index] ?? new Float32Array();
    const start = loudestAt(all, Math.round(LOUDEST_S * rate));
    const sound = all.subarray(start, start + Math.round(LOUDEST_S * rate));
    const [left, right = left] = await stretch(reader, from + start - reach, sound.length + 2 * reach);
    const lag = left && right ? lagOf(sound, added(left, right), reach) : null;
    if (lag !== null) found.push({ id: track.id, name: track.name, lag });
  }
  const first = found[0]?.lag ?? 0;
  return found.map(({ id, name, lag }) => ({ id, name, ms: ((lag - first) / rate) * 1000 }));
}

function added(left: Float32Array, right: Float32Array): Float32Array {
  return left.map((sample, i) => sample + (right[i] as number));
}
