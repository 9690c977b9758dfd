/** One rate for all tracks: samples at another rate than the sound card's are interpolated, without seams. */

import type { Reader } from "./reader";
import { stretch } from "./reader";

const ZERO_CROSSINGS = 32;
/** Kaiser's window with this shape keeps what folds back about 80 dB down. */
const KAISER_BETA = 8;
const PASSBAND = 0.93;

interface Filter {
  /** `up` frames come out of `down` frames that go in. */
  up: number;
  down: number;
  half: number;
  /** For each of `up` phases, 2 · half taps. */
  taps: Float32Array;
}

/** `reader` at `rate`; itself where it has that rate. Frame n is what sounds n / rate seconds after the beginning. */
export function resampled(reader: Reader, rate: number): Reader {
  if (reader.rate === rate) return reader;
  const filter = filterFor(reader.rate, rate);
  const { up, down, half } = filter;
  return {
    rate,
    channels: reader.channels,
    frames: Math.floor((reader.frames * up) / down),
    async read(from, count, signal) {
      const first = Math.floor((from * down) / up) - half + 1;
      const last = Math.floor(((from + count - 1) * down) / up) + half;
      const source = await stretch(reader, first, last - first + 1, signal);
      return source.map((samples) => interpolated(samples, first, from, count, filter));
    },
  };
}

function interpolated(
  source: Float32Array,
  first: number,
  from: number,
  count: number,
  { up, down, half, taps }: Filter,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  const width = 2 * half;
  for (let i = 0; i < count; i++) {
    const place = (from + i) * down;
    const start = Math.floor(place / up) - half + 1 - first;
    const row = (place % up) * width;
    let sum = 0;
    for (let tap = 0; tap < width; tap++) sum += (source[start + tap] as number) * (taps[row + tap] as number);
    out[i] = sum;
  }
  return out;
}

function filterFor(source: number, target: number): Filter {
  const divisor = gcd(source, target);
  const up = target / divisor;
  const down = source / divisor;
  const cutoff = PASSBAND * Math.min(1, target / source);
  const half = Math.ceil(ZERO_CROSSINGS / cutoff / 2) + 1;
  const width = 2 * half;
  const taps = new Float32Array(up * width);
  for (let phase = 0; phase < up; phase++) {
    let sum = 0;
    for (let tap = 0; tap < width; tap++) {
      const distance = tap - half + 1 - phase / up;
      const value = cutoff * sinc(cutoff * distance) * kaiser(distance / half);
      taps[phase * width + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < width; tap++) taps[phase * width + tap] = (taps[phase * width + tap] as number) / sum;
  }
  return { up, down, half, taps };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
