/** Straight scales and lines for our charts. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

export function at(scale: Scale, value: number): number {
  const span = scale.to - scale.from;
  return span === 0 ? scale.start : scale.start + ((value - scale.from) / span) * (scale.end - scale.start);
}

export function valueAt(scale: Scale, place: number): number {
  const span = scale.end - scale.start;
  return span === 0 ? scale.from : scale.from + ((place - scale.start) / span) * (scale.to - scale.from);
}

const NICE = [1, 2, 5] as const;

/** Round values from `from` to `to`, at most `most` of them. */
export function ticks(from: number, to: number, most: number, steps?: readonly number[]): number[] {
  const step = stepOf(to - from, Math.max(1, most), steps);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function stepOf(span: number, most: number, steps?: readonly number[]): number {
  const given = steps?.find((step) => Math.floor(span / step) + 1 <= most);
  if (given !== undefined) return given;
  for (let power = 10 ** Math.floor(Math.log10(Math.max(span, 1e-9) / most)); ; power *= 10) {
    const found = NICE.map((nice) => nice * power).find((step) => Math.floor(span / step + 1e-9) + 1 <= most);
    if (found !== undefined) return found;
  }
}

/** Steps of a time axis in seconds. */
export const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600] as const;

/** An SVG path through values at even steps; it breaks off where there is none. Places have one decimal. */
export function linePath(
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let pen = "M";
  for (const [index, value] of values.entries()) {
    if (value === null) {
      pen = "M";
      continue;
    }
    path += `${pen}${x(index).toFixed(1)},${y(value).toFixed(1)}`;
    pen = "L";
  }
  return path;
}
