/** The API's problems at the fields that they are about, in the API's own words. */

/** What of a problem this needs. */
export interface Told {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer?: string | null; readonly detail: string }[] | null | undefined;
}

/** Path in the request → field of the form. The longest beginning that fits counts. */
const FIELD_OF = {
  prompt: "prompt",
  title: "title",
  "settings.seed": "seed",
  "settings.review": "review",
  "settings.gate_deadlines_s": "patience",
  "settings.formats": "formats",
  "settings.budget": "budget",
  "settings.production": "production",
  "settings.on_unknown": "onUnknown",
  "settings.providers_preferred": "providers",
  "settings.providers_forbidden": "providers",
  "settings.vocals": "sing",
  "settings.stems": "stems",
  "settings.cover": "cover",
  "settings.enhancement": "level",
  "musical.key": "key",
  "musical.scale": "scale",
  "musical.tempo": "tempo",
  "musical.time_signature": "metre",
  "musical.genre": "genre",
  "musical.instruments": "instruments",
  "musical.mood": "mood",
  "musical.structure": "form",
  "technical.duration": "length",
  "technical.loudness_target": "loudness",
  "creative.lyrics": "lyrics",
  "creative.references": "reference",
} as const;

export type FormField = (typeof FIELD_OF)[keyof typeof FIELD_OF];
export type FieldProblems = Partial<Readonly<Record<FormField, string>>>;

/** Problems by field, and what belongs to no field. */
export interface Sorted {
  readonly fields: FieldProblems;
  readonly general: string | null;
}

const CODES: Readonly<Record<string, FormField>> = { invalid_prompt: "prompt", invalid_audio: "reference" };
const LEADING_PATH = /^([a-z_]+(?:\.[a-z0-9_]+)+)\b/;
const LONGEST_FIRST = Object.entries(FIELD_OF).sort(([a], [b]) => b.length - a.length);

/** Where each part of a problem belongs. */
export function sorted(problem: Told): Sorted {
  const parts = problem.errors?.length ? problem.errors : [{ detail: problem.detail }];
  const fields: Partial<Record<FormField, string>> = {};
  const general: string[] = [];
  for (const part of parts) {
    const field = fieldOf(part.pointer, part.detail) ?? CODES[problem.code];
    if (field) fields[field] = fields[field] ? `${fields[field]}; ${part.detail}` : part.detail;
    else general.push(part.detail);
  }
  return { fields, general: general.join("; ") || null };
}

/** The field that a JSON pointer, or a detail that begins with a path, is about. */
export function fieldOf(pointer: string | null | undefined, detail: string): FormField | undefined {
  const path = (pointer ? unescaped(pointer) : undefined) ?? LEADING_PATH.exec(detail)?.[1];
  if (path === undefined) return undefined;
  return LONGEST_FIRST.find(([known]) => path === known || path.startsWith(`${known}.`))?.[1];
}

function unescaped(pointer: string): string | undefined {
  const parts = pointer.replace(/^#?\//, "").split("/");
  const keys = parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.join(".").replace(/^context\./, "") || undefined;
}
