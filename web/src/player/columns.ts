import type { Peaks } from "../api";

/** Highest and lowest sample of every column over all channels, ±1. */
export function columnsOf(peaks: Pick<Peaks, "data" | "channels" | "bits" | "length">): {
  high: number[];
  low: number[];
} {
  const full = 2 ** (peaks.bits - 1);
  const high: number[] = [];
  const low: number[] = [];
  for (let column = 0; column < peaks.length; column++) {
    const start = column * 2 * peaks.channels;
    const values = peaks.data.slice(start, start + 2 * peaks.channels);
    high.push(Math.max(...values, 0) / full);
    low.push(Math.min(...values, 0) / full);
  }
  return { high, low };
}
