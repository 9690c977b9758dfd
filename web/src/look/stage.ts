/** The band between the loudspeakers: where each dot stands, and where its name fits. */

import { at, type Scale } from "./axis";
import type { Place } from "./mix";

export interface Spot {
  readonly id: string;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Middle of the name's line. */
  readonly labelX: number;
  readonly labelY: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const LETTER = 6.7;
const LINE = 16;
const DOT = 7;
const EDGE = 4;

const touches = (a: Box, b: Box) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;

function boxAt(x: number, y: number, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

/** Left to right by place, from the top down by loudness; a name takes the first free place around its dot. */
export function spotsOf(places: readonly Place[], width: number, height: number): Spot[] {
  const levels = places.map(({ level }) => level);
  const x: Scale = { from: -1, to: 1, start: width * 0.06, end: width * 0.94 };
  const y: Scale = { from: Math.min(...levels), to: Math.max(...levels), start: LINE * 1.5, end: height - LINE * 1.5 };
  const dots = apart(places.map(({ pan, level }) => ({ x: at(x, pan), y: at(y, level) })));
  const taken: Box[] = dots.map((dot) => boxAt(dot.x, dot.y, 2 * DOT, 2 * DOT));
  return places.map(({ id, name }, index) => {
    const dot = dots[index] ?? { x: 0, y: 0 };
    const half = (name.length * LETTER) / 2;
    const beside = half + DOT + 5;
    const tries = [
      [beside, 0],
      [-beside, 0],
      [0, LINE],
      [0, -LINE],
      [beside, LINE * 0.8],
      [-beside, LINE * 0.8],
      [beside, -LINE * 0.8],
      [-beside, -LINE * 0.8],
    ] as const;
    const boxes = tries.map(([dx, dy]) => boxAt(dot.x + dx, dot.y + dy, 2 * half, LINE - 2));
    const inside = boxes.filter(({ left, right }) => left >= EDGE && right <= width - EDGE);
    const found =
      inside.find((box) => !taken.some((one) => touches(one, box))) ??
      inside[0] ??
      boxAt(width / 2, dot.y + LINE, 2 * half, LINE);
    taken.push(found);
    return { id, name, ...dot, labelX: (found.left + found.right) / 2, labelY: (found.top + found.bottom) / 2 };
  });
}

/** Dots at one place would hide one another: the later ones move down until all are seen. */
function apart(dots: readonly { x: number; y: number }[]): { x: number; y: number }[] {
  const placed: { x: number; y: number }[] = [];
  for (const dot of [...dots.entries()].sort(([, a], [, b]) => a.y - b.y)) {
    const [, { x, y }] = dot;
    let down = y;
    const hides = () => placed.some((one) => one !== undefined && Math.hypot(one.x - x, one.y - down) < 2 * DOT);
    while (hides()) down += DOT;
    placed[dot[0]] = { x, y: down };
  }
  return placed;
}
