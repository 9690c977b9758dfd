/** WAV files read by ranges: any stretch of them without the rest. */

import { range } from "./bytes";
import type { Reader } from "./reader";
import { Unreadable } from "./reader";

const HEAD_BYTES = 64 * 1024;
const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

export interface WavFormat {
  rate: number;
  channels: number;
  bits: number;
  float: boolean;
  /** Where the samples begin, and how many bytes of them there are. */
  start: number;
  bytes: number;
}

/** What the head of a WAV file says; Unreadable for anything else. `total` is the size of the whole file. */
export function wavFormat(head: Uint8Array, total: number): WavFormat {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const tag = (at: number): string => (at + 4 <= head.length ? String.fromCharCode(...head.subarray(at, at + 4)) : "");
  if (!["RIFF", "RF64"].includes(tag(0)) || tag(8) !== "WAVE") throw new Unreadable("this is no WAV file");
  let format: Omit<WavFormat, "start" | "bytes"> | undefined;
  let at = 12;
  while (at + 8 <= head.length) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === "fmt ") format = formatAt(view, at + 8, size);
    if (tag(at) === "data") {
      if (format === undefined) break;
      return { ...format, start: at + 8, bytes: Math.min(size, total - at - 8) };
    }
    at += 8 + size + (size % 2);
  }
  throw new Unreadable("the beginning of this WAV file tells no format");
}

function formatAt(view: DataView, at: number, size: number): Omit<WavFormat, "start" | "bytes"> {
  if (at + Math.max(16, size) > view.byteLength) throw new Unreadable("the beginning of this WAV file is cut off");
  const told = view.getUint16(at, true);
  const kind = told === EXTENSIBLE && size >= 26 ? view.getUint16(at + 24, true) : told;
  const bits = view.getUint16(at + 14, true);
  const known = kind === PCM ? [16, 24, 32].includes(bits) : kind === FLOAT && bits === 32;
  if (!known) throw new Unreadable(`a WAV file of ${bits} bit and format ${kind} is not played here`);
  return { rate: view.getUint32(at + 4, true), channels: view.getUint16(at + 2, true), bits, float: kind === FLOAT };
}

/** Interleaved samples as one array a channel, full scale ±1. */
export function samplesOf(bytes: Uint8Array, { channels, bits, float }: WavFormat): Float32Array<ArrayBuffer>[] {
  const width = bits / 8;
  const frames = Math.floor(bytes.length / (width * channels));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: channels }, (_, channel) => {
    const out = new Float32Array(frames);
    let at = channel * width;
    const step = channels * width;
    if (float) for (let i = 0; i < frames; i++, at += step) out[i] = view.getFloat32(at, true);
    else if (bits === 16) for (let i = 0; i < frames; i++, at += step) out[i] = view.getInt16(at, true) / 32768;
    else if (bits === 32) for (let i = 0; i < frames; i++, at += step) out[i] = view.getInt32(at, true) / 2147483648;
    else
      for (let i = 0; i < frames; i++, at += step)
        // Three bytes moved to the top of 32 bit keep their sign.
        out[i] =
          (((bytes[at] as number) << 8) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 24)) /
          2147483648;
    return out;
  });
}

/** Opens a WAV file; reads only its head. */
export async function openWav(url: string, signal?: AbortSignal): Promise<Reader> {
  const { bytes: head, total } = await range(url, 0, HEAD_BYTES, signal);
  const format = wavFormat(head, total);
  const frameBytes = (format.bits / 8) * format.channels;
  return {
    rate: format.rate,
    channels: format.channels,
    frames: Math.floor(format.bytes / frameBytes),
    async read(from, count, signal) {
      const start = format.start + from * frameBytes;
      const { bytes } = await range(url, start, start + count * frameBytes, signal);
      return samplesOf(bytes, format);
    },
  };
}
