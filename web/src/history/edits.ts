/** Edits of the score in words, such as "chorus at 120 bpm". */

import { chordName } from "../look/chord";

type Edit = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => String(value).replaceAll("_", " ");
const given = (value: unknown): boolean => value !== undefined && value !== null;
const where = (edit: Edit): string =>
  given(edit.section) && edit.section !== "song" ? text(edit.section) : "the whole song";
const who = (edit: Edit): string => (given(edit.part) ? `${text(edit.part)} in ` : "");
const signed = (value: unknown): number => Number(value);

const WORDS: Readonly<Record<string, (edit: Edit) => string>> = {
  change_chord: (edit) => `${where(edit)}: ${chordPlace(edit)} becomes ${chordName(text(edit.new))}`,
  change_length: (edit) => `${where(edit)}: ${length(edit)}`,
  drop_section: (edit) => `${where(edit)} left out`,
  insert_section: (edit) => `${where(edit)} once more, ${insertPlace(edit)}`,
  transpose: (edit) =>
    given(edit.key)
      ? `${where(edit)} in ${text(edit.key)}`
      : `${where(edit)} ${Math.abs(signed(edit.semitones))} semitones ${signed(edit.semitones) < 0 ? "lower" : "higher"}`,
  swap_instrument: (edit) => `${text(edit.new)} instead of ${text(edit.old)}`,
  mute: (edit) => `${text(edit.part)} silent in ${where(edit)}`,
  change_density: (edit) => `${who(edit)}${where(edit)} ${signed(edit.amount) < 0 ? "sparser" : "busier"}`,
  change_loudness: (edit) => `${who(edit)}${where(edit)} ${signed(edit.amount) < 0 ? "softer" : "louder"}`,
  change_tempo: (edit) =>
    given(edit.bpm) ? `${where(edit)} at ${text(edit.bpm)} bpm` : `${where(edit)} ${text(edit.times)} times as fast`,
};

function chordPlace(edit: Edit): string {
  if (given(edit.old)) return chordName(text(edit.old));
  if (given(edit.bar)) return `bar ${text(edit.bar)}`;
  return edit.nth === -1 ? "the last chord" : `chord ${text(edit.nth)}`;
}

function length(edit: Edit): string {
  if (given(edit.bars)) return `${text(edit.bars)} bars`;
  if (given(edit.times)) return `${text(edit.times)} times as long`;
  const by = signed(edit.by);
  return `${Math.abs(by)} ${Math.abs(by) === 1 ? "bar" : "bars"} ${by < 0 ? "shorter" : "longer"}`;
}

function insertPlace(edit: Edit): string {
  if (edit.where === "start" || edit.where === "end") return `at the ${text(edit.where)}`;
  return given(edit.at) ? `${text(edit.where ?? "after")} ${text(edit.at)}` : `${text(edit.where ?? "after")} itself`;
}

export function editWords(edit: unknown): string {
  if (typeof edit !== "object" || edit === null) return text(edit);
  const fields = edit as Edit;
  const words = WORDS[String(fields.op)];
  return words ? words(fields) : text(fields.op ?? "an edit");
}
