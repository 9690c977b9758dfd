/**
 * FLAC files read by ranges. A FLAC file is a row of frames that can each be decoded alone, so a stretch of it becomes a
 * small FLAC file of its own, which the browser decodes. Frames, their headers and checks are those of RFC 9639.
 */

import { range } from "./bytes";
import type { Reader } from "./reader";
import { Unreadable } from "./reader";

const HEAD_BYTES = 16 * 1024;
const MARKER = 4;
const BLOCK_HEAD = 4;
const INFO_BYTES = 34;
/** Longer than any frame header, so that one at the end of what was read is not taken for half. */
const LONGEST_HEAD = 16;
const SEARCHES = 12;

export interface FlacInfo {
  block: number;
  rate: number;
  channels: number;
  bits: number;
  frames: number;
}

export interface FlacFrame {
  /** Where its bytes begin, and which of the file's frames of samples is its first. */
  at: number;
  number: number;
  samples: number;
  /** Bytes of its header up to the number, of the number, and of what follows up to the check. */
  numberAt: number;
  numberEnd: number;
  end: number;
}

/** What STREAMINFO says; Unreadable where frames differ in length, since then none can be found by its number. */
export function flacInfo(head: Uint8Array): FlacInfo {
  if (String.fromCharCode(...head.subarray(0, 4)) !== "fLaC" || ((head[4] ?? 0xff) & 0x7f) !== 0) {
    throw new Unreadable("this is no FLAC file");
  }
  const view = new DataView(head.buffer, head.byteOffset + MARKER + BLOCK_HEAD, INFO_BYTES);
  const [shortest, longest] = [view.getUint16(0), view.getUint16(2)];
  if (shortest !== longest) throw new Unreadable("the frames of this FLAC file differ in length");
  const packed = view.getUint32(10);
  return {
    block: shortest,
    rate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bits: ((packed >>> 4) & 31) + 1,
    frames: (packed & 15) * 2 ** 32 + view.getUint32(14),
  };
}

/** A frame header at `at`, or null where there is none: sync code, sense, and its check must be right. */
export function frameAt(bytes: Uint8Array, at: number, info: FlacInfo): FlacFrame | null {
  if (bytes[at] !== 0xff || bytes[at + 1] !== 0xf8) return null;
  const sizes = bytes[at + 2] ?? 0;
  const kinds = bytes[at + 3] ?? 0;
  const [size, rate] = [sizes >> 4, sizes & 15];
  if (size === 0 || rate === 15 || kinds >> 4 > 10 || (kinds & 1) !== 0) return null;
  const lead = bytes[at + 4] ?? 0xff;
  const extra = lead < 0x80 ? 0 : Math.clz32(~(lead << 24)) - 1;
  if (lead >= 0x80 && (extra < 1 || extra > 6)) return null;
  let number = extra === 0 ? lead : lead & ((1 << (6 - extra)) - 1);
  for (let i = 1; i <= extra; i++) {
    const next = bytes[at + 4 + i] ?? 0;
    if (next >> 6 !== 2) return null;
    number = number * 64 + (next & 63);
  }
  const numberEnd = at + 5 + extra;
  const sizeBytes = size === 6 ? 1 : size === 7 ? 2 : 0;
  const rateBytes = rate === 12 ? 1 : rate > 12 ? 2 : 0;
  const end = numberEnd + sizeBytes + rateBytes;
  if (end >= bytes.length || crc8(bytes.subarray(at, end)) !== bytes[end]) return null;
  const told =
    sizeBytes === 1
      ? (bytes[numberEnd] as number) + 1
      : (((bytes[numberEnd] as number) << 8) | (bytes[numberEnd + 1] as number)) + 1;
  const samples = sizeBytes > 0 ? told : size === 1 ? 192 : size < 6 ? 576 << (size - 2) : 256 << (size - 8);
  const last = number * info.block + samples >= info.frames;
  if (number * info.block >= info.frames || (samples !== info.block && !last)) return null;
  return { at, number, samples, numberAt: at + 4, numberEnd, end: end + 1 };
}

/** Every frame that begins in `bytes`, by number; false sync codes inside of frames are left out. */
export function framesIn(bytes: Uint8Array, info: FlacInfo): FlacFrame[] {
  const found: FlacFrame[] = [];
  const until = bytes.length - LONGEST_HEAD;
  for (let at = bytes.indexOf(0xff); at >= 0 && at < until; at = bytes.indexOf(0xff, at + 1)) {
    const frame = frameAt(bytes, at, info);
    if (frame) found.push(frame);
  }
  return inRow(found);
}

/** The longest row of frames whose numbers count up by one: a header by chance has another number. */
function inRow(frames: readonly FlacFrame[]): FlacFrame[] {
  let best: FlacFrame[] = [];
  const rows: FlacFrame[][] = [];
  for (const frame of frames) {
    const row = rows.find((row) => (row.at(-1) as FlacFrame).number === frame.number - 1) ?? [];
    if (row.length === 0) rows.push(row);
    row.push(frame);
    if (row.length > best.length) best = row;
  }
  return best;
}

/**
 * A FLAC file of its own from the frames of a larger one: they are counted from 0, so that no decoder waits for those
 * before them. `end` is where the last frame ends.
 */
export function cutOut(
  bytes: Uint8Array,
  frames: readonly FlacFrame[],
  end: number,
  info: FlacInfo,
): Uint8Array<ArrayBuffer> {
  const out: Uint8Array[] = [
    headOf(
      info,
      frames.reduce((sum, frame) => sum + frame.samples, 0),
    ),
  ];
  frames.forEach((frame, index) => {
    const stop = frames[index + 1]?.at ?? end;
    const fixed = new Uint8Array([
      ...bytes.subarray(frame.at, frame.numberAt),
      ...coded(index),
      ...bytes.subarray(frame.numberEnd, frame.end - 1),
    ]);
    const made = new Uint8Array(fixed.length + 1 + stop - frame.end);
    made.set(fixed);
    made[fixed.length] = crc8(fixed);
    made.set(bytes.subarray(frame.end, stop), fixed.length + 1);
    const check = crc16(made.subarray(0, made.length - 2));
    made[made.length - 2] = check >> 8;
    made[made.length - 1] = check & 255;
    out.push(made);
  });
  return joined(out);
}

function headOf(info: FlacInfo, samples: number): Uint8Array {
  const head = new Uint8Array(MARKER + BLOCK_HEAD + INFO_BYTES);
  head.set([0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, INFO_BYTES]);
  const view = new DataView(head.buffer, MARKER + BLOCK_HEAD);
  view.setUint16(0, info.block);
  view.setUint16(2, info.block);
  view.setUint32(10, ((info.rate << 12) | ((info.channels - 1) << 9) | ((info.bits - 1) << 4)) >>> 0);
  view.setUint32(14, samples);
  return head;
}

/** A number as frame headers hold it: like UTF-8. */
function coded(number: number): number[] {
  if (number < 0x80) return [number];
  if (number < 0x800) return [0xc0 | (number >> 6), 0x80 | (number & 63)];
  return [0xe0 | (number >> 12), 0x80 | ((number >> 6) & 63), 0x80 | (number & 63)];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const CRC8 = Uint8Array.from({ length: 256 }, (_, value) => turned(value, 8, 0x07));
const CRC16 = Uint16Array.from({ length: 256 }, (_, value) => turned(value << 8, 16, 0x8005));

function turned(value: number, bits: number, polynomial: number): number {
  let now = value;
  for (let i = 0; i < 8; i++) now = now & (1 << (bits - 1)) ? (now << 1) ^ polynomial : now << 1;
  return now & (2 ** bits - 1);
}

export function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) crc = CRC8[crc ^ (bytes[i] as number)] as number;
  return crc;
}

export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < bytes.length; i++)
    crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ (bytes[i] as number)] as number);
  return crc;
}

interface Found {
  bytes: Uint8Array<ArrayBuffer>;
  frames: FlacFrame[];
  /** Where the last of `frames` ends inside `bytes`. */
  end: number;
}

/** Finds stretches of one file, and remembers where frames begin. */
class Finder {
  /** Known beginnings: number of a frame, its byte in the file. */
  private readonly known: { number: number; at: number }[];

  constructor(
    private readonly url: string,
    private readonly info: FlacInfo,
    start: number,
    private readonly total: number,
  ) {
    this.known = [
      { number: 0, at: start },
      { number: Math.ceil(info.frames / info.block), at: total },
    ];
  }

  /** The frames numbered `first` to `last`, both of them inside the file. */
  async find(first: number, last: number, signal?: AbortSignal): Promise<Found> {
    const count = this.known.at(-1) as { number: number };
    for (let search = 1; search <= SEARCHES; search++) {
      const from = this.guess(first, -search);
      const to = last + 1 >= count.number ? this.total : this.guess(last + 1, search) + LONGEST_HEAD + 1;
      const { bytes } = await range(this.url, from, Math.min(to, this.total), signal);
      const frames = framesIn(bytes, this.info);
      this.remember(frames, from);
      const begin = frames.findIndex((frame) => frame.number === first);
      const next = frames.findIndex((frame) => frame.number === last + 1);
      const end = next >= 0 ? (frames[next] as FlacFrame).at : last + 1 >= count.number ? bytes.length : -1;
      if (begin >= 0 && end >= 0) return { bytes, frames: frames.slice(begin, begin + last - first + 1), end };
    }
    throw new Unreadable("a part of this FLAC file could not be found");
  }

  /** A byte at or before (`slack` < 0) or after (> 0) the beginning of a frame; exact where it is known. */
  private guess(number: number, slack: number): number {
    const after = this.known.findIndex((point) => point.number >= number);
    const high = this.known[after] as { number: number; at: number };
    if (high.number === number) return high.at;
    const low = this.known[after - 1] as { number: number; at: number };
    const each = (high.at - low.at) / (high.number - low.number);
    const middle = low.at + each * (number - low.number);
    const wide = Math.abs(slack) * (8192 + 0.04 * (high.at - low.at));
    return Math.round(slack < 0 ? Math.max(low.at, middle - wide) : Math.min(high.at, middle + wide));
  }

  private remember(frames: readonly FlacFrame[], from: number): void {
    for (const frame of [frames[0], frames.at(-1), frames.at(-2)]) {
      if (frame === undefined) continue;
      const place = this.known.findIndex((point) => point.number >= frame.number);
      if (this.known[place]?.number !== frame.number)
        this.known.splice(place, 0, { number: frame.number, at: from + frame.at });
    }
  }
}

/** Opens a FLAC file; reads only its head. */
export async function openFlac(url: string, signal?: AbortSignal): Promise<Reader> {
  const { bytes: head, total } = await range(url, 0, HEAD_BYTES, signal);
  const info = flacInfo(head);
  const finder = new Finder(url, info, await soundAt(url, head, signal), total);
  const decoder = new OfflineAudioContext(info.channels, 1, info.rate);
  return {
    rate: info.rate,
    channels: info.channels,
    frames: info.frames,
    async read(from, count, signal) {
      const first = Math.floor(from / info.block);
      const last = Math.floor((from + count - 1) / info.block);
      const found = await finder.find(first, last, signal);
      const file = cutOut(found.bytes, found.frames, found.end, info);
      const decoded = await decoder.decodeAudioData(file.buffer).catch(() => {
        throw new Unreadable("a part of this FLAC file could not be decoded");
      });
      const skip = from - first * info.block;
      return Array.from({ length: info.channels }, (_, channel) =>
        decoded.getChannelData(channel).slice(skip, skip + count),
      );
    },
  };
}

/** Where the frames begin: after the blocks that describe the file, which may hold a large picture. */
async function soundAt(url: string, head: Uint8Array, signal?: AbortSignal): Promise<number> {
  let at = MARKER;
  for (;;) {
    const block =
      at + BLOCK_HEAD <= head.length
        ? head.subarray(at, at + BLOCK_HEAD)
        : (await range(url, at, at + BLOCK_HEAD, signal)).bytes;
    const [kind = 0x80, high = 0, middle = 0, low = 0] = block;
    at += BLOCK_HEAD + ((high << 16) | (middle << 8) | low);
    if (kind & 0x80) return at;
  }
}
