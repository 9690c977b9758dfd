/** What each path of the context is to a musician: its group on the page, its name, and how a change of it is said. */

import type { PathChange } from "../api/schema";
import { chordName } from "../look/chord";
import { noteName } from "./chords";
import { editWords } from "./edits";
import { capital, list, percent, told, words } from "./values";

export interface ChangeLine {
  readonly name: string;
  /** What it was and what it is; a line without them tells everything in `words`. */
  readonly before?: string;
  readonly after?: string;
  readonly words?: string;
}

export type Say = (change: PathChange, rest: string) => ChangeLine;

export interface Rule {
  readonly path: string;
  readonly group: string;
  readonly say: Say;
}

const value =
  (name: string, unit = "", decimals?: number): Say =>
  (change) => ({ name, before: told(change.before, unit, decimals), after: told(change.after, unit, decimals) });

/** Lists are told by what came and what went, rather than by both lists. */
const members =
  (name: string, word: (item: unknown) => string = words, [more, less] = ["with ", "without "]): Say =>
  (change) => {
    const [old, fresh] = [list(change.before).map(word), list(change.after).map(word)];
    const [came, went] = [fresh.filter((item) => !old.includes(item)), old.filter((item) => !fresh.includes(item))];
    if (came.length + went.length === 0) return { name, before: old.join(", "), after: fresh.join(", ") };
    const parts = [came.length ? `${more}${came.join(", ")}` : "", went.length ? `${less}${went.join(", ")}` : ""];
    return { name, words: parts.filter(Boolean).join("; ") };
  };

/** Bars of chords with real signs: B♭ and not Bb. */
const chordNames = (value: unknown): string => told(value).replace(/[^\s,]+/g, chordName);

/** Summaries tell the range in numbers of MIDI notes. */
const summary =
  (name: string): Say =>
  (change) => ({
    name,
    before: told(change.before).replace(RANGE, asNotes),
    after: told(change.after).replace(RANGE, asNotes),
  });

const RANGE = /between (\d+) and (\d+)/;
const asNotes = (_: string, low: string, high: string): string =>
  `between ${noteName(Number(low))} and ${noteName(Number(high))}`;

const between =
  (name: string, less: string, more: string): Say =>
  (change) =>
    typeof change.before === "number" && typeof change.after === "number"
      ? {
          name,
          words: `${change.after > change.before ? more : less} (${percent(change.before)} → ${percent(change.after)})`,
        }
      : value(name)(change, "");

const named =
  (suffix: string, unit = ""): Say =>
  (change, rest) => {
    const [section = "", field = ""] = rest.split(/\.(?=[^.]*$)/);
    const what = field ? `${words(section)}, ${words(field)}` : words(section);
    return {
      name: [capital(what), suffix].filter(Boolean).join(" "),
      before: told(change.before, unit),
      after: told(change.after, unit),
    };
  };

export const TUNE = "Key and tempo";
const FORM = "Sections";
export const CHORDS = "Chords and melody";
const BAND = "Instruments";
const FEEL = "Feel";
const SOUND = "Mix and sound";
const TEXT = "Words";
export const HOW = "How it was made";

/** The groups in the order of the page. */
export const GROUPS = [TUNE, FORM, BAND, CHORDS, FEEL, SOUND, TEXT, HOW];

/** The first rule whose path fits says the change; a path that ends in a dot fits all below it. */
export const RULES: readonly Rule[] = [
  { path: "musical.key", group: TUNE, say: value("Key") },
  { path: "musical.scale", group: TUNE, say: value("Scale") },
  { path: "musical.tempo", group: TUNE, say: value("Tempo", "bpm") },
  { path: "musical.time_signature", group: TUNE, say: value("Metre") },
  { path: "technical.duration", group: FORM, say: value("Wanted length", "s") },
  {
    path: "musical.structure",
    group: FORM,
    say: (change) => ({ name: "Form", before: form(change.before), after: form(change.after) }),
  },
  { path: "musical.sections.", group: FORM, say: named("") },
  { path: "musical.transitions.", group: FORM, say: named("into the next section") },
  { path: "musical.dynamics.", group: FORM, say: named("loudness") },
  { path: "musical.takes.", group: FORM, say: named("take") },
  { path: "musical.edits", group: FORM, say: members("Asked of the score", editWords, ["", "no longer "]) },
  { path: "musical.instruments", group: BAND, say: members("Band") },
  {
    path: "musical.chord_progression.",
    group: CHORDS,
    say: (change, rest) => ({
      name: `Chords of the ${words(rest)}`,
      before: chordNames(change.before),
      after: chordNames(change.after),
    }),
  },
  { path: "musical.melody.summary", group: CHORDS, say: summary("Melody") },
  { path: "musical.bass_line.summary", group: CHORDS, say: summary("Bass line") },
  { path: "musical.rhythm_pattern.summary", group: CHORDS, say: summary("Rhythm") },
  { path: "musical.melody.", group: CHORDS, say: named("of the melody") },
  { path: "musical.bass_line.", group: CHORDS, say: named("of the bass") },
  { path: "musical.rhythm_pattern.", group: CHORDS, say: named("of the rhythm") },
  { path: "musical.genre", group: FEEL, say: members("Genre") },
  { path: "musical.mood.valence", group: FEEL, say: between("Mood", "sadder", "happier") },
  { path: "musical.mood.arousal", group: FEEL, say: between("Energy", "calmer", "more excited") },
  { path: "creative.style_modifiers", group: FEEL, say: members("Style") },
  { path: "technical.loudness_target", group: SOUND, say: value("Wanted loudness", "LUFS", 1) },
  { path: "technical.sample_rate", group: SOUND, say: value("Sample rate", "Hz", 0) },
  { path: "technical.bit_depth", group: SOUND, say: value("Bit depth", "bit", 0) },
  { path: "technical.channels", group: SOUND, say: value("Channels") },
  { path: "technical.format", group: SOUND, say: value("Format") },
  { path: "creative.preferences.master.ceiling", group: SOUND, say: value("Ceiling", "dBTP", 1) },
  { path: "creative.preferences.performance.humanize", group: SOUND, say: value("Human touch") },
  { path: "creative.references", group: SOUND, say: members("Comes near to", reference) },
  { path: "creative.lyrics", group: TEXT, say: value("Lyrics") },
  { path: "creative.inspiration", group: TEXT, say: value("About") },
  { path: "creative.enhanced_prompt", group: TEXT, say: value("Brief") },
  { path: "creative.constraints.", group: TEXT, say: named("") },
  { path: "creative.preferences.", group: SOUND, say: named("") },
  { path: "ai_decisions.generation_params.candidates", group: HOW, say: value("Candidates tried") },
  { path: "ai_decisions.", group: HOW, say: named("") },
];

function form(given: unknown): string {
  const sections = list(given).map((item) => {
    const { name, duration, unit } = item as { name?: string; duration?: number; unit?: string };
    return `${words(name ?? "section")} ${duration ?? ""} ${unit ?? "bars"}`;
  });
  return sections.length ? sections.join(", ") : "free";
}

function reference(item: unknown): string {
  return typeof item === "object" && item !== null ? "the uploaded song" : words(item);
}
