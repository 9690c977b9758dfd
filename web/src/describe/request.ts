/** The requests that a draft makes: one to be understood, one to start the song. */

import { FIELDS, usedReading, valueAt, wishedForm } from "./brief";
import type { Corrected, Corrections, Draft } from "./draft";
import type { FormRow } from "./form";
import { TASKS } from "./tasks";
import { numberOr, secondsOr } from "./values";

type Changes = Record<string, unknown>;

/** Body of POST /v1/prompts/enhance. */
export interface EnhanceBody {
  readonly prompt: string;
  readonly settings: { readonly enhancement: { readonly enabled: boolean; readonly level: string } };
  readonly context: Changes;
}

/** Body of POST /v1/compositions; what is left out is the API's usual. */
export interface StartBody {
  readonly prompt: string;
  readonly title?: string;
  readonly settings: Changes;
  readonly context: Changes;
}

/** Corrections as the context takes them, by path; a field that was emptied is left to the song. */
export function wishes(corrections: Corrections): Changes {
  const { key, scale, tempo, metre, length, genre, instruments, mood, form } = corrections;
  return present({
    [FIELDS.key.path]: key,
    [FIELDS.scale.path]: scale,
    [FIELDS.tempo.path]: tempo?.trim() ? numberOr(tempo) : undefined,
    [FIELDS.metre.path]: metre?.trim(),
    [FIELDS.length.path]: length?.trim() ? secondsOr(length) : undefined,
    [FIELDS.genre.path]: genre,
    [FIELDS.instruments.path]: instruments,
    [FIELDS.mood.path]: mood,
    [FIELDS.form.path]: form && structure(form),
  });
}

const structure = (rows: readonly FormRow[]): unknown[] =>
  rows.map((row) => ({ name: row.name.trim(), duration: numberOr(row.length), unit: row.unit }));

function present(changes: Changes): Changes {
  const empty = (value: unknown) => value === undefined || value === "" || (Array.isArray(value) && !value.length);
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => !empty(value)));
}

/** How a prompt is read. All corrections go along, so that one that cannot be is told now. */
export function enhanceBody(draft: Draft): EnhanceBody {
  return {
    prompt: draft.prompt.trim(),
    settings: { enhancement: { enabled: draft.enhance, level: draft.level } },
    context: wishes(draft.corrections),
  };
}

/** The brief's values that a song drawn anew might have otherwise; sent, so that the song is the one that was shown. */
const SETTLED = [...Object.values(FIELDS).map(({ path }) => path), "creative.style_modifiers"];

function settled(draft: Draft): Changes {
  const answer = usedReading(draft)?.answer;
  const theirs = new Set(Object.keys(draft.corrections).map((field) => FIELDS[field as Corrected].path));
  const kept = answer ? SETTLED.filter((path) => !theirs.has(path)) : [];
  return present(Object.fromEntries(kept.map((path) => [path, valueAt(answer?.context ?? {}, path)])));
}

/** The whole start: the brief that is shown, the corrections over it, and how the song is produced. */
export function startBody(draft: Draft): StartBody {
  const title = draft.title.trim() || usedReading(draft)?.answer.title;
  const form = wishedForm(draft).form;
  const loudness = draft.loudness.trim() && numberOr(draft.loudness);
  const context = {
    ...settled(draft),
    ...wishes(draft.corrections),
    ...(form ? { [FIELDS.form.path]: structure(form) } : {}),
    ...present({ "technical.loudness_target": loudness, "creative.lyrics": draft.lyrics.trim() }),
    ...(draft.reference?.use ?? {}),
  };
  return { prompt: draft.prompt.trim(), ...(title ? { title } : {}), settings: settings(draft), context };
}

function settings(draft: Draft): Changes {
  const { review, patience } = draft;
  const enhanced = draft.enhance && draft.verdict !== "rejected";
  const deadlines = patience ? Object.fromEntries(review.map((stage) => [stage, Number(patience)])) : undefined;
  return {
    enhancement: { enabled: enhanced, level: draft.level, show_reasoning: draft.showReasoning },
    formats: draft.formats,
    production: draft.production,
    on_unknown: draft.onUnknown,
    vocals: draft.sing,
    stems: draft.stems,
    cover: draft.cover && draft.reference !== null,
    ...present({
      review,
      gate_deadlines_s: review.length ? deadlines : undefined,
      seed: draft.seed.trim() && numberOr(draft.seed),
      budget: draft.budget.trim() && numberOr(draft.budget),
      providers_preferred: preferredNames(draft),
      providers_forbidden: draft.forbidden,
    }),
  };
}

/** The preferred providers, each once, in the order of the tasks they were chosen for. */
export function preferredNames(draft: Pick<Draft, "preferred">): string[] {
  const chosen = TASKS.map((task) => draft.preferred[task.id]).filter((name): name is string => !!name);
  return [...new Set(chosen)];
}
