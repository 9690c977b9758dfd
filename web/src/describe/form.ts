/** The form of a song as a list of sections, and how long it lasts. */

export const UNITS = ["bars", "beats", "seconds"] as const;
export type Unit = (typeof UNITS)[number];

/** A section as it is typed: `length` may be no number yet. */
export interface FormRow {
  readonly name: string;
  readonly length: string;
  readonly unit: Unit;
}

const METRE = /^\s*(\d{1,2})\s*\/\s*(\d{1,2})\s*$/;

/** Beats in a bar, as a tempo counts them: 6/8 has two dotted quarters. Four where the text is no metre. */
export function beatsInBar(metre: string): number {
  const match = METRE.exec(metre);
  if (!match) return 4;
  const [top, bottom] = [Number(match[1]), Number(match[2])];
  if (!top || !bottom) return 4;
  const compound = bottom === 8 && top % 3 === 0 && top > 3;
  return (top * 4) / bottom / (compound ? 1.5 : 1);
}

/** Seconds that the sections last; null where a length, the tempo or the list is not usable. */
export function formSeconds(rows: readonly FormRow[], tempo: number, metre: string): number | null {
  if (!rows.length || !(tempo > 0)) return null;
  const beat = 60 / tempo;
  const each: Record<Unit, number> = { bars: beatsInBar(metre) * beat, beats: beat, seconds: 1 };
  const total = rows.reduce((sum, row) => sum + Number(row.length || Number.NaN) * each[row.unit], 0);
  return total > 0 ? total : null;
}

/** The same sections made longer or shorter to last `seconds`; bars stay whole and at least one. */
export function fitted(rows: readonly FormRow[], tempo: number, metre: string, seconds: number): FormRow[] {
  const now = formSeconds(rows, tempo, metre);
  if (now === null || !(seconds > 0)) return [...rows];
  return rows.map((row) => {
    const length = (Number(row.length) * seconds) / now;
    const kept = row.unit === "bars" ? Math.max(1, Math.round(length)) : Math.round(length * 10) / 10;
    return { ...row, length: String(kept) };
  });
}

/** Rows with the one at `from` put at `to`; unchanged where there is no such place. */
export function moved<T>(rows: readonly T[], from: number, to: number): T[] {
  const out = [...rows];
  const [row] = to < 0 || to >= rows.length ? [] : out.splice(from, 1);
  if (row !== undefined) out.splice(to, 0, row);
  return out;
}
