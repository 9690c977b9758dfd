/** Any stretch of a track's samples, whatever file it is in. */

/** A file that cannot be played here, in words for the listener. */
export class Unreadable extends Error {}

export interface Reader {
  rate: number;
  channels: number;
  /** Length in frames at `rate`. */
  frames: number;
  /** Frames `from` to `from + count`, one array a channel; inside the file. */
  read(from: number, count: number, signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>[]>;
}

/** Like `reader.read`, for any stretch: there is silence before a file and after its end. */
export async function stretch(
  reader: Reader,
  from: number,
  count: number,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>[]> {
  const start = Math.max(0, from);
  const end = Math.min(reader.frames, from + count);
  if (start === from && end === from + count) return whole(await reader.read(from, count, signal), count);
  const out = Array.from({ length: reader.channels }, () => new Float32Array(count));
  if (end <= start) return out;
  const found = await reader.read(start, end - start, signal);
  out.forEach((samples, channel) => {
    const part = found[channel];
    if (part) samples.set(part.subarray(0, end - start), start - from);
  });
  return out;
}

/** A file may hold less than its head promises; what is missing is silence. */
function whole(found: Float32Array<ArrayBuffer>[], count: number): Float32Array<ArrayBuffer>[] {
  return found.map((samples) => {
    if (samples.length === count) return samples;
    const padded = new Float32Array(count);
    padded.set(samples.subarray(0, count));
    return padded;
  });
}

/** Samples of a decoded file that is in memory as a whole. */
export function readerOf(buffer: AudioBuffer): Reader {
  return {
    rate: buffer.sampleRate,
    channels: buffer.numberOfChannels,
    frames: buffer.length,
    async read(from, count) {
      return Array.from({ length: buffer.numberOfChannels }, (_, channel) =>
        buffer.getChannelData(channel).slice(from, from + count),
      );
    },
  };
}
