/** The octaves of the master beside what songs of the genre usually have, as the report tells them. */

export interface Octave {
  readonly hz: number;
  readonly measured_db: number;
  readonly usual_db: number;
  /** How far it lies over the usual curve in shape. */
  readonly over_db: number;
  readonly lowest_db: number;
  readonly highest_db: number;
  readonly ok: boolean;
}

const OPEN_UNDER = -100;

export function isOctaves(found: unknown): found is Octave[] {
  return (
    Array.isArray(found) && found.length > 0 && found.every((one) => typeof one === "object" && one && "over_db" in one)
  );
}

/** Where an octave stands once the level of the whole is left out. */
export const placed = (octave: Octave): number => octave.usual_db + octave.over_db;

/** Highest usual value, and lowest; null where the genre leaves it open. */
export function usualRange(octave: Octave): { low: number | null; high: number } {
  const low = octave.lowest_db <= OPEN_UNDER ? null : octave.usual_db + octave.lowest_db;
  return { low, high: octave.usual_db + octave.highest_db };
}

/** The bounds of the chart in dB: everything is inside, in whole steps. */
export function spectrumBounds(octaves: readonly Octave[], step = 6): [number, number] {
  const values = octaves.flatMap((octave) => {
    const { low, high } = usualRange(octave);
    return [placed(octave), high, low ?? octave.usual_db];
  });
  return [step * Math.floor((Math.min(...values) - 2) / step), step * Math.ceil((Math.max(...values) + 1) / step)];
}

export function hertz(hz: number): string {
  return hz >= 1000 ? `${hz / 1000} kHz` : `${hz} Hz`;
}

export function verdict(octave: Octave): string {
  if (octave.ok) return "within the usual";
  return octave.over_db > 0 ? "over the usual" : "under the usual";
}

export function spectrumInWords(octaves: readonly Octave[], genre: string): string {
  const outside = octaves.filter(({ ok }) => !ok);
  const usual = genre ? `what ${genre} usually has` : "what is usual";
  if (outside.length === 0) return `Every octave lies within ${usual}.`;
  const named = outside.map(
    (octave) =>
      `${hertz(octave.hz)} (${Math.abs(octave.over_db).toFixed(1)} dB ${octave.over_db > 0 ? "more" : "less"})`,
  );
  return `Outside of ${usual}: ${named.join(", ")}.`;
}
