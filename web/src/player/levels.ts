/** Which tracks sound, and how loud: mute, solo, gains, and two sides of a comparison at one loudness. */

export interface Strip {
  muted: boolean;
  soloed: boolean;
  /** dB; `SILENT_DB` and less is silence. */
  gain: number;
}

export const SILENT_DB = -60;
export const LOUDEST_DB = 6;

export function gainOf(decibels: number): number {
  return decibels <= SILENT_DB ? 0 : 10 ** (decibels / 20);
}

export function decibelsOf(gain: number): number {
  return gain <= 0 ? SILENT_DB : Math.max(SILENT_DB, 20 * Math.log10(gain));
}

/** The factor of every strip: where some are soloed, only those sound, even a muted one. */
export function factors(strips: readonly Strip[]): number[] {
  const alone = strips.some((strip) => strip.soloed);
  return strips.map((strip) => ((alone ? strip.soloed : !strip.muted) ? gainOf(strip.gain) : 0));
}

/** A volume of 0 to 1 as a factor: the ear hears steps of it as even. */
export function volumeFactor(volume: number): number {
  return Math.min(1, Math.max(0, volume)) ** 2;
}

export interface Match {
  a: number;
  b: number;
}

/**
 * Gains in dB, never over 0, that make two sides equally loud by their integrated loudness in LUFS (ITU-R BS.1770-5):
 * the louder one is turned down. Where a figure is missing or one side is silent, nothing is changed.
 */
export function matched(a: number | null, b: number | null): Match {
  if (a === null || b === null || !Number.isFinite(a) || !Number.isFinite(b)) return { a: 0, b: 0 };
  const quieter = Math.min(a, b);
  return { a: quieter - a, b: quieter - b };
}
