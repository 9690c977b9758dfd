/** The sections and players that a song has, as it can be asked of them. */

import type { SongDetail } from "../api";
import { nameOf, SECTIONS } from "../describe/glossary";
import { at } from "./revise";

export interface Named {
  readonly value: string;
  readonly label: string;
}

type Context = SongDetail["context"];

/** The song's sections by name, and every kind that comes more than once as a whole. */
export function sectionsOf(context: Context): Named[] {
  const shapes = at(context, "musical.sections");
  const wished = at(context, "musical.structure");
  const names = isRecord(shapes) && Object.keys(shapes).length ? Object.keys(shapes) : namesIn(wished);
  const own = names.map((name) => ({ value: spoken(name), label: capital(name.replaceAll("_", " ")) }));
  const kinds = names.map(kindOf).filter((kind): kind is string => kind !== null);
  const several = [...new Set(kinds)].filter((kind) => kinds.filter((one) => one === kind).length > 1);
  return [...several.map((kind) => ({ value: kind, label: `Every ${kind}` })), ...own];
}

/** Players by their place in the band; instruments by their own name. */
export function playersOf(context: Context): Named[] {
  const playing = at(context, "musical.instruments");
  const instruments = Array.isArray(playing) ? playing.filter((one): one is string => typeof one === "string") : [];
  return [
    ...instruments.map((id) => ({ value: id, label: nameOf(id) })),
    ...GROUPS.filter((group) => !instruments.includes(group.value)),
  ];
}

const GROUPS: readonly Named[] = [
  { value: "drums", label: "The drums" },
  { value: "bass", label: "The bass" },
  { value: "chords", label: "Whoever plays chords" },
  { value: "lead", label: "The melody" },
];

function namesIn(structure: unknown): string[] {
  if (!Array.isArray(structure)) return [];
  return structure.map((one) => (isRecord(one) ? one.name : null)).filter((name) => typeof name === "string");
}

/** The kind of a section such as "verse 2"; null for a name of its own. */
function kindOf(name: string): string | null {
  const kind = name.toLowerCase().replace(/[\s_-]*\d+$/, "");
  return SECTIONS.includes(kind) ? kind : null;
}

const spoken = (name: string): string => name.toLowerCase().replaceAll("_", " ");

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
