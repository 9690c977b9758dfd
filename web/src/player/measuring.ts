/** Integrated loudness of a source of which no figure is known: its tracks are summed and measured stretch by stretch. */

import type { OpenedSource } from "./graph";
import { LoudnessMeter } from "./loudness";
import { stretch } from "./reader";
import { resampled } from "./resample";

const STRETCH_S = 5;

/** LUFS, or null where it is silent. */
export async function loudnessOf({ opened }: OpenedSource, signal: AbortSignal): Promise<number | null> {
  const rate = opened[0]?.reader.rate ?? 48_000;
  const tracks = opened.map(({ track, reader }) => ({ scale: track.scale ?? 1, reader: resampled(reader, rate) }));
  const frames = Math.max(0, ...tracks.map(({ reader }) => reader.frames));
  const meter = new LoudnessMeter(rate);
  const step = STRETCH_S * rate;
  for (let from = 0; from < frames && !signal.aborted; from += step) {
    const count = Math.min(step, frames - from);
    const sum = [new Float32Array(count), new Float32Array(count)];
    for (const { scale, reader } of tracks) {
      const sound = await stretch(reader, from, count, signal);
      for (const [channel, into] of sum.entries()) add(into, sound[channel] ?? sound[0], scale);
    }
    meter.take(sum);
  }
  return meter.integrated;
}

function add(into: Float32Array, samples: Float32Array | undefined, scale: number): void {
  samples?.forEach((sample, index) => {
    into[index] = (into[index] as number) + scale * sample;
  });
}
