/** What mixing and mastering decided, told stem by stem in a musician's words. */

import type { Decision } from "../api";

export interface Said {
  readonly topic: string;
  readonly what: string;
  readonly why: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly said: readonly Said[];
}

export interface Place {
  readonly id: string;
  readonly name: string;
  /** −1 is left, 1 right. */
  readonly pan: number;
  /** LU against the lead. */
  readonly level: number;
}

const TOPICS: Readonly<Record<string, string>> = {
  level: "Level",
  pan: "Place",
  high_pass: "Low cut",
  low_pass: "High cut",
  eq: "Tone",
  clip: "Peaks",
  compression: "Compression",
  ducking: "Makes room",
  saturation: "Saturation",
  width: "Width",
  deess: "Sibilance",
  tone: "Tone",
  glue: "Glue",
  gain: "Gain",
  limiter: "Limiter",
  trim: "Trim",
  dither: "Dither",
  preset: "Preset",
  reference: "Reference",
  multiband: "Multiband",
};
const SENDS: Readonly<Record<string, string>> = { room: "Room", plate: "Plate reverb", delay: "Delay", hall: "Hall" };
/** What concerns everybody, by the word before the dot. */
const WHOLE: Readonly<Record<string, string>> = { bus: "The whole mix", mix: "The whole mix", sends: "The whole mix" };
const ABOUT_ALL = "the whole mix";
const CENTRE = 0.02;

export function topicOf(what: string): string {
  return TOPICS[what] ?? sentence(what.replace(/_/g, " "));
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A place between the loudspeakers: −0.3 is "30 % left". */
export function panInWords(pan: number): string {
  if (Math.abs(pan) < CENTRE) return "in the middle";
  return `${Math.round(Math.abs(pan) * 100)} % ${pan < 0 ? "left" : "right"}`;
}

export function valueInWords(topic: string, value: unknown): string {
  if (topic === "pan") {
    const pan = Number(value);
    return Number.isFinite(pan) ? panInWords(pan) : String(value);
  }
  if (topic === "level")
    return String(value)
      .replace("LU,", "LU against the lead,")
      .replace(/-(?=\d)/g, "−");
  return minus(plain(value));
}

function minus(text: string): string {
  return text.replace(/(^|[^\d\w])-(?=\d)/g, "$1−");
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, one]) => `${name.replace(/_/g, " ")} ${plain(one)}`)
      .join(", ");
  }
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value ?? "");
}

/** Decisions of the mix by stem, in the stems' order; what concerns all comes last. `names` are the parts' names by id. */
export function mixGroups(decisions: readonly Decision[], names: ReadonlyMap<string, string>): Group[] {
  const groups = new Map<string, { id: string; name: string; said: Said[] }>();
  const whole: Said[] = [];
  const groupOf = (id: string) => {
    const found = groups.get(id) ?? { id, name: names.get(id) ?? sentence(id.replace(/_/g, " ")), said: [] };
    groups.set(id, found);
    return found.said;
  };
  for (const { what, value, reason } of decisions) {
    const dot = what.indexOf(".");
    const [about, topic] = dot < 0 ? ["", what] : [what.slice(0, dot), what.slice(dot + 1)];
    if (about === "sends") {
      for (const [stem, amount] of sendsOf(value, names)) {
        groupOf(stem).push({
          topic: SENDS[topic] ?? sentence(topic),
          what: `sends ${valueInWords("", amount)}`,
          why: minus(reason),
        });
      }
      continue;
    }
    const said = { topic: topicOf(topic), what: valueInWords(topic, value), why: minus(reason) };
    if (about === "" || WHOLE[about] !== undefined) whole.push(said);
    else groupOf(about).push(said);
  }
  const all = { id: ABOUT_ALL, name: "The whole mix", said: whole };
  return whole.length > 0 ? [...groups.values(), all] : [...groups.values()];
}

/** "drums -17.0 dB, keys -16.0 dB": who sends how much; only of stems that are known. */
function sendsOf(value: unknown, names: ReadonlyMap<string, string>): [string, string][] {
  return String(value)
    .split(/,\s*/)
    .flatMap((one): [string, string][] => {
      const match = /^(\S+)\s+(.+)$/.exec(one.trim());
      return match?.[1] && match[2] && names.has(match[1]) ? [[match[1], match[2]]] : [];
    });
}

export function saidOf(decisions: readonly Decision[]): Said[] {
  return decisions.map(({ what, value, reason }) => ({
    topic: topicOf(what),
    what: valueInWords(what, value),
    why: minus(reason),
  }));
}

/** Where the stems stand: left to right and how far in front, for those of which the mix says both. */
export function placesOf(decisions: readonly Decision[], names: ReadonlyMap<string, string>): Place[] {
  const found = new Map<string, { pan?: number; level?: number }>();
  for (const { what, value } of decisions) {
    const [id = "", topic = ""] = what.split(".");
    const number = Number.parseFloat(String(value));
    if (!names.has(id) || !Number.isFinite(number) || (topic !== "pan" && topic !== "level")) continue;
    found.set(id, { ...found.get(id), [topic]: number });
  }
  return [...found].flatMap(([id, { pan, level }]) =>
    pan === undefined || level === undefined ? [] : [{ id, name: names.get(id) ?? id, pan, level }],
  );
}
