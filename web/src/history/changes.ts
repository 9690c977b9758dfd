/** A comparison of two states in a musician's words: groups of lines instead of paths and values. */

import type { ComparisonView, FileDifference, PathChange } from "../api/schema";
import { shift, shiftWords } from "./chords";
import { type MeasureLine, measureLines } from "./measures";
import { CHORDS, type ChangeLine, GROUPS, HOW, RULES, TUNE } from "./rules";
import { blank, capital, strings, told, words } from "./values";

export interface ChangeGroup {
  readonly title: string;
  readonly lines: readonly ChangeLine[];
}

export interface Changes {
  readonly groups: readonly ChangeGroup[];
  readonly measured: readonly MeasureLine[];
  readonly files: readonly ChangeLine[];
  readonly nothing: boolean;
}

/** Everything that differs, in words. */
export function changesOf(
  comparison: Pick<ComparisonView, "context" | "decisions" | "measured" | "added" | "removed" | "changed">,
): Changes {
  const groups = groupsOf(merged(comparison.context, comparison.decisions));
  const measured = measureLines(comparison.measured);
  const files = fileLines(comparison);
  return { groups, measured, files, nothing: groups.length + measured.length + files.length === 0 };
}

/** What went into the stage and what it set itself, each path once: what a person has set stays whatever it decides. */
function merged(context: readonly PathChange[], decisions: readonly PathChange[]): readonly PathChange[] {
  const byPath = new Map([...decisions, ...context].map((change) => [change.path, change]));
  return [...byPath.values()].filter((change) => !change.path.startsWith(UNTOLD));
}

/** How the prompt was read is shown where it can be accepted, as reasoning rather than as values. */
const UNTOLD = "ai_decisions.prompt_enhancement.";

function groupsOf(changes: readonly PathChange[]): readonly ChangeGroup[] {
  const found = new Map<string, ChangeLine[]>();
  const add = (group: string, line: ChangeLine) => found.set(group, [...(found.get(group) ?? []), line]);
  const [chords, others] = split(changes, (change) => change.path.startsWith("musical.chord_progression."));
  for (const [group, line] of keyAndScale(others)) add(group, line);
  const moved = commonShift(chords);
  if (moved === undefined) for (const change of chords) add(...said(change));
  else add(CHORDS, { name: "Chords", words: `the same, ${shiftWords(moved)}, in every section` });
  return GROUPS.filter((group) => found.has(group)).map((title) => ({ title, lines: found.get(title) ?? [] }));
}

/** Key and scale are one thing to a musician: "F minor → D minor". */
function keyAndScale(changes: readonly PathChange[]): readonly (readonly [string, ChangeLine])[] {
  const key = changes.find((change) => change.path === "musical.key");
  const scale = changes.find((change) => change.path === "musical.scale");
  if (!key || !scale) return changes.map(said);
  const line: ChangeLine = {
    name: "Key",
    before: keyWords(key.before, scale.before),
    after: keyWords(key.after, scale.after),
  };
  return [[TUNE, line], ...changes.filter((change) => change !== key && change !== scale).map(said)];
}

/** Without a key there is no scale of it, whatever stands there. */
const keyWords = (key: unknown, scale: unknown): string =>
  blank(key)
    ? "not set"
    : [key, scale]
        .filter((part) => !blank(part))
        .map(words)
        .join(" ");

function said(change: PathChange): [string, ChangeLine] {
  const rule = RULES.find(({ path }) => (path.endsWith(".") ? change.path.startsWith(path) : change.path === path));
  if (rule) return [rule.group, rule.say(change, change.path.slice(rule.path.length))];
  const name = capital(words(change.path.replaceAll(".", ", ")));
  return [HOW, { name, before: told(change.before), after: told(change.after) }];
}

function commonShift(chords: readonly PathChange[]): number | undefined {
  const shifts = chords.map((change) => shift(strings(change.before), strings(change.after)));
  const [first] = shifts;
  return first !== undefined && shifts.every((one) => one === first) ? first : undefined;
}

const PARTS: readonly (readonly [prefix: string, name: string])[] = [
  ["stem:", "Played anew"],
  ["mixed:", "Mixed anew"],
];

/** Files that are music to somebody; documents that only the engine reads are left out. */
const FILES: Readonly<Record<string, string>> = {
  master: "the master",
  mix: "the rough mix",
  preview: "the sketch",
  midi: "MIDI",
  musicxml: "the score",
  leadsheet: "the lead sheet",
  chord_chart: "the chord chart",
  chords: "the chords",
  melody: "the melody",
  bass: "the bass line",
  rhythm: "the rhythm",
  lyrics: "the lyrics",
};

function fileLines(view: Pick<ComparisonView, "added" | "removed" | "changed">): readonly ChangeLine[] {
  const parts = (files: readonly FileDifference[], prefix: string) =>
    files.filter((file) => file.name.startsWith(prefix)).map((file) => words(file.name.slice(prefix.length)));
  const whole = (files: readonly FileDifference[]) => files.flatMap((file) => FILES[file.name] ?? []);
  const line = (name: string, items: readonly string[]): readonly ChangeLine[] =>
    items.length ? [{ name, words: items.join(", ") }] : [];
  return [
    ...line("Other sound or notes", whole(view.changed)),
    ...PARTS.flatMap(([prefix, name]) => line(name, parts(view.changed, prefix))),
    ...line("New", [...whole(view.added), ...PARTS.flatMap(([prefix]) => parts(view.added, prefix))]),
    ...line("Gone", [...whole(view.removed), ...PARTS.flatMap(([prefix]) => parts(view.removed, prefix))]),
  ];
}

function split<Item>(
  items: readonly Item[],
  fits: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))];
}
