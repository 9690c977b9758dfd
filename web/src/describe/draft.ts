/** The form of a new song while it is filled in, kept in sessionStorage so that a reload loses nothing. */

import type { EnhancedPrompt, Reference } from "./api";
import type { FormRow } from "./form";
import type { Mood } from "./plane";
import type { StageId } from "./stages";

export const LEVELS = ["light", "moderate", "strong"] as const;
export type Level = (typeof LEVELS)[number];

export const FORMATS = ["wav", "flac", "mp3", "opus"] as const;
export type Format = (typeof FORMATS)[number];

/** What the musician decides about the brief; a field that is missing is left as it was understood. */
export interface Corrections {
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
export type Corrected = keyof Corrections;

/** A brief, and the request that it answers: another request makes it stale. */
export interface Reading {
  readonly asked: string;
  readonly answer: EnhancedPrompt;
}

export interface Draft {
  readonly prompt: string;
  readonly enhance: boolean;
  readonly level: Level;
  readonly showReasoning: boolean;
  readonly reading: Reading | null;
  readonly verdict: "open" | "accepted" | "rejected";
  readonly corrections: Corrections;
  readonly title: string;
  readonly seed: string;
  readonly review: readonly StageId[];
  readonly patience: string;
  readonly formats: readonly Format[];
  readonly loudness: string;
  readonly lyrics: string;
  readonly reference: Reference | null;
  /** Where a reference may be fetched from, as far as it is typed. */
  readonly address: string;
  readonly production: "auto" | "builtin" | "provider";
  readonly sing: boolean;
  readonly stems: boolean;
  readonly cover: boolean;
  /** Task → the provider that shall come first for it. */
  readonly preferred: Readonly<Record<string, string>>;
  readonly forbidden: readonly string[];
  readonly budget: string;
  readonly onUnknown: "block" | "fallback";
}

export const EMPTY: Draft = {
  prompt: "",
  enhance: true,
  level: "moderate",
  showReasoning: true,
  reading: null,
  verdict: "open",
  corrections: {},
  title: "",
  seed: "",
  review: [],
  patience: "",
  formats: ["flac", "mp3"],
  loudness: "",
  lyrics: "",
  reference: null,
  address: "",
  production: "auto",
  sing: false,
  stems: false,
  cover: false,
  preferred: {},
  forbidden: [],
  budget: "",
  onUnknown: "block",
};

const PLACE = "sostenuto.new-song";

/** What the browser keeps while its tab is open. Private windows may refuse; then nothing is kept, and all else works. */
export type Keeping = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function keepDraft(draft: Draft, storage: Keeping): void {
  try {
    storage.setItem(PLACE, JSON.stringify(draft));
  } catch {
    // A full or forbidden storage takes nothing; the form still works.
  }
}

export function keptDraft(storage: Keeping): Draft {
  try {
    return restored(JSON.parse(storage.getItem(PLACE) ?? "null"));
  } catch {
    return EMPTY;
  }
}

export function forgetDraft(storage: Keeping): void {
  try {
    storage.removeItem(PLACE);
  } catch {
    // Nothing was kept.
  }
}

/** A kept draft as this version knows it: fields of another kind than now, and unknown ones, are left out. */
export function restored(kept: unknown): Draft {
  if (!isObject(kept)) return EMPTY;
  const usable = Object.entries(EMPTY).filter(([name, usual]) => fits(kept[name], usual, name));
  return { ...EMPTY, ...Object.fromEntries(usable.map(([name]) => [name, kept[name]])) } as Draft;
}

function fits(value: unknown, usual: unknown, name: string): boolean {
  if (value === null || value === undefined) return false;
  if (name === "reading") return isObject(value) && typeof value.asked === "string" && isObject(value.answer);
  if (name === "reference") return isObject(value) && typeof value.hash === "string";
  if (Array.isArray(usual)) return Array.isArray(value);
  return typeof value === typeof usual && !Array.isArray(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A draft with one correction made, or taken back by `undefined`. */
export function corrected<F extends Corrected>(draft: Draft, field: F, value: Corrections[F] | undefined): Draft {
  const { [field]: _, ...others } = draft.corrections;
  return { ...draft, corrections: value === undefined ? others : { ...others, [field]: value } };
}
