/** Drawing the piano roll on a canvas, in CSS pixels; only what is in sight is looked at. */

import { chordName } from "../chord";
import { drumName, isFlatKey, pitchName } from "../names";
import { beatsPerBar, type Score, sectionLabel } from "../score";
import { barStep, beatsInSight, GUTTER, HEAD, type Layout, notesInSight, TOP, topOf, type View, xOf } from "./geometry";
import type { NoteTable } from "./notes";

export interface Palette {
  readonly paper: string;
  readonly band: string;
  readonly head: string;
  readonly line: string;
  readonly strong: string;
  readonly text: string;
  readonly dim: string;
  readonly accent: string;
  readonly focus: string;
  readonly parts: readonly string[];
  readonly font: string;
}

export interface Roll {
  readonly score: Score;
  readonly table: NoteTable;
  readonly layout: Layout;
  readonly shown: readonly boolean[];
}

const BLACK = new Set([1, 3, 6, 8, 10]);
const NUMBER_ROOM = 30;
const DRUM_WIDTH = 3.5;
/** How strongly notes are drawn, softest first, up to these velocities. */
const STRENGTHS: readonly (readonly [number, number])[] = [
  [48, 0.55],
  [72, 0.7],
  [96, 0.85],
  [128, 1],
];

export const PART_COLOURS = 8;

/** The colour of each part by its number, from 1: the tune has the first one, the others follow in their order. */
export function coloursOf(score: Pick<Score, "parts">): number[] {
  const order = score.parts.map((part, index) => ({ index, rank: part.role === "lead" ? 0 : part.is_drum ? 2 : 1 }));
  const colours = score.parts.map(() => 1);
  for (const [place, { index }] of order.sort((a, b) => a.rank - b.rank || a.index - b.index).entries()) {
    colours[index] = (place % PART_COLOURS) + 1;
  }
  return colours;
}

/** The colours of the theme that is on. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    paper: colour("--surface"),
    band: colour("--surface-2"),
    head: colour("--surface-2"),
    line: colour("--line"),
    strong: colour("--line-strong"),
    text: colour("--text"),
    dim: colour("--text-dim"),
    accent: colour("--accent"),
    focus: colour("--focus"),
    parts: Array.from({ length: PART_COLOURS }, (_, i) => colour(`--part-${i + 1}`)),
    font: style.fontFamily,
  };
}

type Context = CanvasRenderingContext2D;

export function paintRoll(ctx: Context, roll: Roll, view: View, colours: Palette): void {
  ctx.globalAlpha = 1;
  ctx.fillStyle = colours.paper;
  ctx.fillRect(0, 0, view.width, view.height);
  paintRows(ctx, roll, view, colours);
  paintBars(ctx, roll, view, colours);
  paintNotes(ctx, roll, view, colours);
  paintHead(ctx, roll, view, colours);
  paintNames(ctx, roll, view, colours);
}

function paintRows(ctx: Context, { score, layout }: Roll, view: View, colours: Palette): void {
  const bar = beatsPerBar(score);
  ctx.fillStyle = colours.band;
  ctx.globalAlpha = 0.5;
  for (const [i, { start_bar, bars }] of score.sections.entries()) {
    if (i % 2 === 0) continue;
    const left = Math.max(GUTTER, xOf(start_bar * bar, view));
    const right = xOf((start_bar + bars) * bar, view);
    if (right > GUTTER && left < view.width) ctx.fillRect(left, HEAD, right - left, view.height - HEAD);
  }
  for (const row of layout.rows) {
    const y = row.top - view.top;
    if (y + row.height < HEAD || y > view.height) continue;
    ctx.globalAlpha = row.kind === "fold" ? 1 : 0.8;
    if (row.kind === "fold" || (row.kind === "pitch" && BLACK.has(row.pitch % 12))) {
      ctx.fillStyle = row.kind === "fold" ? colours.line : colours.band;
      const height = row.kind === "fold" ? 1 : row.height;
      ctx.fillRect(GUTTER, y + (row.kind === "fold" ? row.height / 2 : 0), view.width, height);
    }
    if (row.kind === "drum") {
      ctx.fillStyle = colours.line;
      ctx.fillRect(GUTTER, y, view.width, 1);
    }
  }
  ctx.globalAlpha = 1;
}

function paintBars(ctx: Context, { score, layout }: Roll, view: View, colours: Palette): void {
  const bar = beatsPerBar(score);
  const step = barStep(bar * view.beat, 7);
  const [from, to] = beatsInSight(view);
  const last = Math.min(Math.ceil(to / bar), Math.ceil(layout.beats / bar));
  for (let number = Math.floor(from / bar / step) * step; number <= last; number += step) {
    const x = Math.round(xOf(number * bar, view));
    if (x < GUTTER) continue;
    ctx.fillStyle = number % 4 === 0 ? colours.strong : colours.line;
    ctx.globalAlpha = number % 4 === 0 ? 0.55 : 0.8;
    ctx.fillRect(x, HEAD, 1, view.height - HEAD);
  }
  ctx.globalAlpha = 1;
}

function paintNotes(ctx: Context, { score, table, layout, shown }: Roll, view: View, colours: Palette): void {
  const [first, end] = notesInSight(table, view);
  const numbers = coloursOf(score);
  for (let part = score.parts.length - 1; part >= 0; part--) {
    if (!shown[part]) continue;
    const isDrum = score.parts[part]?.is_drum ?? false;
    ctx.fillStyle = colours.parts[(numbers[part] ?? 1) - 1] ?? colours.accent;
    const height = (isDrum ? layout.laneHeight : layout.rowHeight) - 1;
    for (let i = first; i < end; i++) {
      if (table.part[i] !== part) continue;
      const y = topOf(table.pitch[i] ?? 0, isDrum, layout) - view.top;
      if (y + height < HEAD || y > view.height) continue;
      const left = xOf(table.start[i] ?? 0, view);
      const right = isDrum ? left + DRUM_WIDTH : Math.max(left + 2, xOf(table.end[i] ?? 0, view) - 1);
      if (right < GUTTER) continue;
      ctx.globalAlpha = STRENGTHS.find(([under]) => (table.velocity[i] ?? 80) < under)?.[1] ?? 1;
      ctx.fillRect(left, isDrum ? y + 2 : y, right - left, isDrum ? height - 3 : height);
    }
  }
  ctx.globalAlpha = 1;
}

function paintHead(ctx: Context, { score }: Roll, view: View, colours: Palette): void {
  const bar = beatsPerBar(score);
  ctx.fillStyle = colours.head;
  ctx.fillRect(0, 0, view.width, HEAD);
  ctx.textBaseline = "middle";
  for (const { name, start_bar, bars } of score.sections) {
    const left = xOf(start_bar * bar, view);
    const right = xOf((start_bar + bars) * bar, view);
    if (right < GUTTER || left > view.width) continue;
    ctx.fillStyle = colours.strong;
    if (left >= GUTTER) ctx.fillRect(Math.round(left), 0, 1, HEAD);
    // A section that began before the window keeps its name in sight.
    const from = Math.max(left, GUTTER) + 6;
    label(
      ctx,
      sectionLabel(name),
      from,
      TOP.sections / 2 + 1,
      right - from - 4,
      colours.text,
      `600 12px ${colours.font}`,
    );
  }
  const [from, to] = beatsInSight(view);
  const step = barStep(bar * view.beat, NUMBER_ROOM);
  const last = Math.min(
    to / bar,
    score.sections.reduce((sum, { bars }) => sum + bars, 0),
  );
  const line = TOP.sections + TOP.bars / 2;
  for (let number = Math.floor(from / bar / step) * step; number < last; number += step) {
    const x = xOf(number * bar, view);
    if (x >= GUTTER - 1) label(ctx, String(number + 1), x + 4, line, NUMBER_ROOM, colours.dim, `11px ${colours.font}`);
  }
  paintChords(ctx, score, view, colours);
  ctx.fillStyle = colours.strong;
  ctx.fillRect(0, HEAD - 1, view.width, 1);
}

/** Chord names, each as far as it fits before the next: one that does not is left out. */
function paintChords(ctx: Context, score: Score, view: View, colours: Palette): void {
  const y = TOP.sections + TOP.bars + TOP.chords / 2 - 1;
  ctx.font = `600 12px ${colours.font}`;
  ctx.fillStyle = colours.accent;
  const [from, to] = beatsInSight(view);
  let free = GUTTER;
  for (const { symbol, start, duration } of score.chords) {
    if (start + duration <= from || start >= to) continue;
    const name = chordName(symbol);
    const x = Math.max(GUTTER, xOf(start, view)) + 4;
    const width = ctx.measureText(name).width;
    if (x < free || x + width > xOf(start + duration, view) + duration * view.beat * 0.5) continue;
    ctx.fillText(name, x, y);
    free = x + width + 6;
  }
}

function label(ctx: Context, text: string, x: number, y: number, room: number, colour: string, font: string): void {
  if (room < 8) return;
  ctx.font = font;
  ctx.fillStyle = colour;
  let shown = text;
  while (shown.length > 1 && ctx.measureText(shown).width > room) shown = `${shown.slice(0, -2).trimEnd()}…`;
  if (shown.length > 1 || ctx.measureText(shown).width <= room) ctx.fillText(shown, x, y);
}

/** The names of the rows at the left: every C, and every drum. */
function paintNames(ctx: Context, { score, layout }: Roll, view: View, colours: Palette): void {
  ctx.fillStyle = colours.head;
  ctx.fillRect(0, HEAD, GUTTER, view.height - HEAD);
  ctx.fillStyle = colours.strong;
  ctx.fillRect(GUTTER - 1, 0, 1, view.height);
  const flats = isFlatKey(score.key, score.scale);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, HEAD, GUTTER, view.height - HEAD);
  ctx.clip();
  ctx.textBaseline = "middle";
  for (const row of layout.rows) {
    const y = row.top - view.top + row.height / 2;
    if (y < HEAD - 8 || y > view.height + 8) continue;
    const text = rowName(row.kind, row.pitch, row.height, flats);
    if (text) label(ctx, text, 6, y, GUTTER - 12, colours.dim, `11px ${colours.font}`);
  }
  ctx.restore();
}

function rowName(kind: "pitch" | "fold" | "drum", pitch: number, height: number, flats: boolean): string {
  if (kind === "fold") return "";
  if (kind === "drum") return SHORT[pitch] ?? drumName(pitch);
  return pitch % 12 === 0 || (height >= 12 && !BLACK.has(pitch % 12)) ? pitchName(pitch, flats) : "";
}

/** Drums that would not fit beside their lane. */
const SHORT: Readonly<Record<number, string>> = {
  35: "bass dr.",
  36: "bass dr.",
  37: "side stick",
  39: "clap",
  42: "hi-hat",
  44: "pedal hat",
  46: "open hat",
  49: "crash",
  54: "tamb.",
};

export interface Marks {
  /** Beat of the playhead; null where the song is not loaded. */
  readonly playhead: number | null;
  /** Notes with a frame: the one that the keys are on, and the one under the pointer. */
  readonly current: number | null;
  readonly pointed: number | null;
}

/** What moves over the notes: the playhead, and frames around single notes. */
export function paintMarks(ctx: Context, roll: Roll, view: View, colours: Palette, marks: Marks): void {
  ctx.clearRect(0, 0, view.width, view.height);
  if (marks.pointed !== null) frame(ctx, roll, view, marks.pointed, colours.text, 1);
  if (marks.current !== null) frame(ctx, roll, view, marks.current, colours.focus, 2);
  if (marks.playhead === null) return;
  const x = xOf(marks.playhead, view);
  if (x < GUTTER || x > view.width) return;
  ctx.fillStyle = colours.text;
  ctx.fillRect(x - 0.75, TOP.sections, 1.5, view.height - TOP.sections);
  ctx.beginPath();
  ctx.moveTo(x - 5, TOP.sections);
  ctx.lineTo(x + 5, TOP.sections);
  ctx.lineTo(x, TOP.sections + 7);
  ctx.fill();
}

function frame(
  ctx: Context,
  { score, table, layout }: Roll,
  view: View,
  note: number,
  colour: string,
  width: number,
): void {
  const isDrum = score.parts[table.part[note] ?? 0]?.is_drum ?? false;
  const y = topOf(table.pitch[note] ?? 0, isDrum, layout) - view.top;
  if (y < HEAD - layout.rowHeight) return;
  const left = xOf(table.start[note] ?? 0, view);
  const right = isDrum ? left + DRUM_WIDTH : Math.max(left + 2, xOf(table.end[note] ?? 0, view) - 1);
  if (right < GUTTER) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  const height = (isDrum ? layout.laneHeight : layout.rowHeight) - 1;
  ctx.strokeRect(left - 1.5, y - 1.5, right - left + 3, height + 3);
}
