/** The brief that was understood: values, whose idea each was, and how sure; the draft's own corrections on top. */

import type { EnhancedPrompt, Reason } from "./api";
import type { Corrected, Draft, Reading } from "./draft";
import { type FormRow, fitted, UNITS, type Unit } from "./form";
import { nameOf, sentence, tonicName } from "./glossary";
import { type Mood, sameMood } from "./plane";
import { clock, plain, secondsOr } from "./values";

/** A brief's values as the form's fields hold them; a field that is missing was left open. */
export interface Understood {
  readonly key?: string;
  readonly scale?: string;
  readonly tempo?: string;
  readonly metre?: string;
  readonly length?: string;
  readonly genre?: readonly string[];
  readonly instruments?: readonly string[];
  readonly mood?: Mood;
  readonly form?: readonly FormRow[];
}

/** Field of the form → its path in the context, and its name for people. */
export const FIELDS: Readonly<Record<Corrected, { path: string; name: string }>> = {
  key: { path: "musical.key", name: "Key" },
  scale: { path: "musical.scale", name: "Scale" },
  tempo: { path: "musical.tempo", name: "Tempo" },
  metre: { path: "musical.time_signature", name: "Metre" },
  length: { path: "technical.duration", name: "Length" },
  genre: { path: "musical.genre", name: "Genre" },
  instruments: { path: "musical.instruments", name: "Instruments" },
  mood: { path: "musical.mood", name: "Mood" },
  form: { path: "musical.structure", name: "Form" },
};

const OTHERS: Readonly<Record<string, string>> = {
  "creative.enhanced_prompt": "Language",
  "creative.style_modifiers": "Sound",
  "creative.constraints": "Limits",
  "musical.chord_progression": "Chords",
  "musical.sections": "Sections",
  "musical.rhythm_pattern": "Groove",
  "musical.melody": "Tune",
  "musical.bass_line": "Bass line",
  "musical.transitions": "Joins",
  "musical.dynamics": "Dynamics",
};
const BY_PATH = new Map(Object.values(FIELDS).map(({ path, name }) => [path, name]));

/** Whose idea a value was. */
export const SOURCES: Readonly<Record<string, string>> = {
  person: "set by you",
  prompt: "in your words",
  instrument: "from the instruments",
  genre: "from the genre",
  mood: "from the mood",
  model: "a language model's idea",
  default: "left open, so drawn",
};

/** What a brief depends on, as text: of the corrections, the genre alone changes what else is understood. */
export function asked(draft: Draft): string {
  const { genre } = draft.corrections;
  return JSON.stringify([draft.prompt.trim(), draft.enhance, draft.level, genre?.length ? genre : null]);
}

/** The brief on the page that still answers the draft as it is; null for none or a stale one. */
export function currentReading(draft: Draft): Reading | null {
  return draft.reading?.asked === asked(draft) ? draft.reading : null;
}

/** The brief that the song will start from: a current one that was not rejected. */
export function usedReading(draft: Draft): Reading | null {
  return draft.verdict === "rejected" ? null : currentReading(draft);
}

/** What the engine understood, in the form's fields. */
export function understood(answer: EnhancedPrompt | undefined): Understood {
  const at = (path: string): unknown => valueAt(answer?.context ?? {}, path);
  const [tempo, length] = [at(FIELDS.tempo.path), at(FIELDS.length.path)];
  const out: Record<Corrected, unknown> = {
    key: at(FIELDS.key.path),
    scale: at(FIELDS.scale.path),
    tempo: typeof tempo === "number" ? plain(tempo) : undefined,
    metre: at(FIELDS.metre.path),
    length: typeof length === "number" ? clock(length) : undefined,
    genre: at(FIELDS.genre.path),
    instruments: at(FIELDS.instruments.path),
    mood: at(FIELDS.mood.path),
    form: rowsOf(at(FIELDS.form.path)),
  };
  return Object.fromEntries(Object.entries(out).filter(([, value]) => value !== undefined)) as Understood;
}

/** What the fields show: what was understood, and the corrections over it. */
export function shownValues(draft: Draft): Understood {
  return { ...understood(usedReading(draft)?.answer), ...wishedForm(draft), ...draft.corrections };
}

/** The form made as long as the corrected length says: it would otherwise decide the length itself. */
export function wishedForm(draft: Draft): Pick<Understood, "form"> {
  const given = understood(usedReading(draft)?.answer);
  const { length, form } = draft.corrections;
  const seconds = length === undefined ? Number.NaN : Number(secondsOr(length));
  if (form || !given.form || !(seconds > 0)) return {};
  const { tempo, metre } = { ...given, ...draft.corrections };
  return { form: fitted(given.form, Number(tempo), metre ?? "4/4", seconds) };
}

function rowsOf(structure: unknown): FormRow[] | undefined {
  if (!Array.isArray(structure) || !structure.length) return undefined;
  return structure.map((entry: { name?: unknown; duration?: unknown; unit?: unknown }) => ({
    name: String(entry.name ?? ""),
    length: plain(Number(entry.duration)),
    unit: UNITS.includes(entry.unit as Unit) ? (entry.unit as Unit) : "bars",
  }));
}

export function valueAt(context: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = context;
  for (const key of path.split(".")) {
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value ?? undefined;
}

/** Why a field has its value; undefined where nobody said. */
export function reasonOf(answer: EnhancedPrompt | undefined, field: Corrected): Reason | undefined {
  return answer?.reasoning.find((reason) => reason.field === FIELDS[field].path);
}

/** One step of the reasoning, in words. */
export interface Step {
  readonly name: string;
  readonly value: string;
  readonly text: string;
  readonly source: string;
  readonly sure: number;
}

/** The reasoning in the order in which the engine went. */
export function steps(answer: EnhancedPrompt): Step[] {
  return answer.reasoning.map((reason) => ({
    name: BY_PATH.get(reason.field) ?? OTHERS[reason.field] ?? sentence(lastWord(reason.field)),
    value: inWords(reason, valueAt(answer.context, reason.field)),
    text: sentence(reason.text),
    source: SOURCES[reason.source] ?? reason.source,
    sure: Math.round(reason.confidence * 100),
  }));
}

const lastWord = (path: string): string => path.slice(path.lastIndexOf(".") + 1).replaceAll("_", " ");

function inWords(reason: Reason, value: unknown): string {
  if (reason.field === FIELDS.mood.path && isMood(value)) {
    return `valence ${plain(value.valence)}, arousal ${plain(value.arousal)}`;
  }
  const rows = reason.field === FIELDS.form.path ? rowsOf(value) : undefined;
  if (rows) return rows.map((row) => `${row.name} ${row.length}`).join(", ");
  if (reason.field === FIELDS.tempo.path && typeof value === "number") return `${plain(value)} bpm`;
  if (reason.field === FIELDS.length.path && typeof value === "number") return clock(value);
  if (reason.field === FIELDS.key.path) return tonicName(reason.value);
  if (Array.isArray(value)) return value.map((id) => nameOf(String(id))).join(", ");
  if (typeof value === "object" && value !== null) return told(value);
  return reason.value.replaceAll("_", " ");
}

/** A map of odds and ends: "no drums", "all: C G Am F". */
function told(value: object): string {
  const parts = Object.entries(value).map(([key, inner]) => {
    const name = key.replaceAll("_", " ");
    if (inner === true) return name;
    if (Array.isArray(inner)) return `${name}: ${inner.join(" ")}`;
    return typeof inner === "object" && inner !== null ? `${name} (${told(inner)})` : `${name} ${String(inner)}`;
  });
  return parts.join(", ");
}

export function isMood(value: unknown): value is Mood {
  const mood = value as Partial<Mood> | null;
  return typeof mood?.valence === "number" && typeof mood.arousal === "number";
}

/** Whether a value says nothing new: it is the one that was understood, or as empty as what was not. */
export function sameAsUnderstood<F extends Corrected>(
  draft: Draft,
  field: F,
  value: Understood[F] | undefined,
): boolean {
  const theirs: Understood[F] | undefined = understood(usedReading(draft)?.answer)[field];
  if (isMood(value) && isMood(theirs)) return sameMood(value, theirs);
  const empty = value === undefined || value === "" || (Array.isArray(value) && !value.length);
  return theirs === undefined ? empty : JSON.stringify(value) === JSON.stringify(theirs);
}
