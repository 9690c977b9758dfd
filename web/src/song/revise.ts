/** A change of a song, as a form of plain choices: what it asks for in words, and the request that it becomes. */

import type { ReviseBody, Stage } from "../api";
import { nameOf, tonicName } from "../describe/glossary";
import { nameOfStage, place, seconds } from "./words";

/** What a section is asked to do. `amount` is a number where `unit` names one. */
export interface SectionWish {
  readonly section: string;
  readonly act: SectionAct;
  readonly amount: string;
  readonly part: string;
}

/** What a player is asked to do. */
export interface PlayerWish {
  readonly act: PlayerAct;
  readonly part: string;
  readonly instrument: string;
}

/** Every number is as typed; an empty one leaves the setting as it is. */
export interface ReviseForm {
  readonly tempo: string;
  readonly tonic: string;
  readonly scale: string;
  readonly loudness: string;
  readonly reverb: string;
  readonly width: string;
  readonly compression: string;
  readonly tone: string;
  readonly lyrics: string | null;
  readonly sections: readonly SectionWish[];
  readonly players: readonly PlayerWish[];
  readonly words: string;
}

export const EMPTY: ReviseForm = {
  tempo: "",
  tonic: "",
  scale: "",
  loudness: "",
  reverb: "",
  width: "",
  compression: "",
  tone: "",
  lyrics: null,
  sections: [],
  players: [],
  words: "",
};

interface SectionActWords {
  readonly name: string;
  readonly unit?: "bars" | "bpm" | "semitones";
  readonly usual?: string;
  readonly part?: boolean;
  readonly from: Stage;
  readonly say: (wish: SectionWish) => string;
}

/** What can be asked of one section, and how that is said to the song. */
export const SECTION_ACTS = {
  take: { name: "Write it anew", from: "composition", say: (w) => `regenerate only the ${w.section}` },
  louder: { name: "Play it louder", from: "arrangement", say: (w) => `the ${w.section} louder` },
  softer: { name: "Play it softer", from: "arrangement", say: (w) => `the ${w.section} softer` },
  busier: { name: "Make it busier", from: "arrangement", say: (w) => `the ${w.section} busier` },
  sparser: { name: "Make it sparser", from: "arrangement", say: (w) => `the ${w.section} sparser` },
  tempo: {
    name: "Play it at another tempo",
    unit: "bpm",
    usual: "100",
    from: "arrangement",
    say: (w) => `${w.section} at ${w.amount} bpm`,
  },
  longer: {
    name: "Make it longer",
    unit: "bars",
    usual: "4",
    from: "arrangement",
    say: (w) => `lengthen the ${w.section} by ${w.amount} bars`,
  },
  shorter: {
    name: "Make it shorter",
    unit: "bars",
    usual: "2",
    from: "arrangement",
    say: (w) => `shorten the ${w.section} by ${w.amount} bars`,
  },
  higher: {
    name: "Transpose it up",
    unit: "semitones",
    usual: "2",
    from: "arrangement",
    say: (w) => `transpose the ${w.section} up ${w.amount} semitones`,
  },
  lower: {
    name: "Transpose it down",
    unit: "semitones",
    usual: "2",
    from: "arrangement",
    say: (w) => `transpose the ${w.section} down ${w.amount} semitones`,
  },
  mute: {
    name: "Let a player rest in it",
    part: true,
    from: "arrangement",
    say: (w) => `mute the ${said(w.part)} in the ${w.section}`,
  },
  repeat: { name: "Play it once more", from: "arrangement", say: (w) => `repeat the ${w.section}` },
  drop: { name: "Leave it out", from: "arrangement", say: (w) => `drop the ${w.section}` },
} as const satisfies Readonly<Record<string, SectionActWords>>;

export type SectionAct = keyof typeof SECTION_ACTS;
export const sectionAct = (act: SectionAct): SectionActWords => SECTION_ACTS[act];

interface PlayerActWords {
  readonly name: string;
  readonly part: boolean;
  readonly instrument: boolean;
  readonly say: (wish: PlayerWish) => string;
}

/** What can be asked of a player, and how that is said to the song. */
export const PLAYER_ACTS = {
  swap: {
    name: "Another instrument",
    part: true,
    instrument: true,
    say: (w) => `swap the ${said(w.part)} for ${said(w.instrument)}`,
  },
  add: { name: "One more instrument", part: false, instrument: true, say: (w) => `add ${said(w.instrument)}` },
  remove: { name: "An instrument leaves", part: true, instrument: false, say: (w) => `without ${said(w.part)}` },
  louder: { name: "Plays louder", part: true, instrument: false, say: (w) => `the ${said(w.part)} louder` },
  softer: { name: "Plays softer", part: true, instrument: false, say: (w) => `the ${said(w.part)} softer` },
  busier: { name: "Plays more notes", part: true, instrument: false, say: (w) => `the ${said(w.part)} busier` },
  sparser: { name: "Plays fewer notes", part: true, instrument: false, say: (w) => `the ${said(w.part)} sparser` },
} as const satisfies Readonly<Record<string, PlayerActWords>>;

export type PlayerAct = keyof typeof PLAYER_ACTS;
export const playerAct = (act: PlayerAct): PlayerActWords => PLAYER_ACTS[act];

const said = (id: string): string => id.replaceAll("_", " ");

interface NumberField {
  readonly path: string;
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly from: Stage;
  /** What the value means, for a setting that is no figure of music. */
  readonly ends?: readonly [string, string];
}

/** The settings that are one number each: where they are, what they are called, how far they go, who reads them first. */
export const NUMBERS = {
  tempo: { path: "musical.tempo", name: "Tempo", low: 20, high: 400, unit: "bpm", from: "composition" },
  loudness: {
    path: "technical.loudness_target",
    name: "Loudness",
    low: -36,
    high: -6,
    unit: "LUFS",
    from: "mastering",
  },
  reverb: {
    path: "creative.preferences.mix.reverb",
    name: "Reverb",
    low: 0,
    high: 1,
    unit: "",
    from: "mixing",
    ends: ["dry", "far away"],
  },
  width: {
    path: "creative.preferences.mix.width",
    name: "Width",
    low: 0,
    high: 1,
    unit: "",
    from: "mixing",
    ends: ["narrow", "wide"],
  },
  compression: {
    path: "creative.preferences.mix.compression",
    name: "Compression",
    low: 0,
    high: 1,
    unit: "",
    from: "mixing",
    ends: ["breathing", "dense"],
  },
  tone: {
    path: "creative.preferences.master.tone",
    name: "Tone",
    low: 0,
    high: 1,
    unit: "",
    from: "mastering",
    ends: ["as mixed", "bright or dark like the genre"],
  },
} as const satisfies Readonly<Record<string, NumberField>>;

export type NumberName = keyof typeof NUMBERS;
export const NUMBER_NAMES = Object.keys(NUMBERS) as readonly NumberName[];
export const numberField = (name: NumberName): NumberField => NUMBERS[name];

/** What is wrong with a typed number; empty when nothing is. */
export function numberProblem(name: NumberName, typed: string): string {
  if (!typed.trim()) return "";
  const { low, high, unit, name: called } = numberField(name);
  const value = Number(typed);
  if (Number.isFinite(value) && value >= low && value <= high) return "";
  return `${called} lies between ${signed(low)} and ${signed(high)}${unit && ` ${unit}`}.`;
}

const signed = (value: number): string => String(value).replace("-", "−");

type Context = Readonly<Record<string, unknown>> | null | undefined;

/** The value at a dot path of a song's settings; undefined where there is none. */
export function at(context: Context, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>)[key] : undefined;
  }, context);
}

/** The settings that a form may change, as they are now: what a draft was begun from, and what is shown as "now". */
export type Base = Readonly<Record<string, string>>;

export const BASE_PATHS: readonly string[] = [
  ...NUMBER_NAMES.map((name) => NUMBERS[name].path),
  "musical.key",
  "musical.scale",
  "creative.lyrics",
  "musical.instruments",
  "musical.edits",
];

export const baseOf = (context: Context): Base =>
  Object.fromEntries(BASE_PATHS.map((path) => [path, JSON.stringify(at(context, path) ?? null)]));

/** Which paths a form means to change. */
export function touches(form: ReviseForm): string[] {
  const found: string[] = NUMBER_NAMES.filter((name) => form[name].trim()).map((name) => NUMBERS[name].path);
  if (form.tonic) found.push("musical.key", "musical.scale");
  if (form.lyrics !== null) found.push("creative.lyrics");
  if (form.players.some(({ act }) => act === "add" || act === "remove")) found.push("musical.instruments");
  if (form.sections.length || form.words.trim() || form.players.length) found.push("musical.edits");
  return found;
}

const CALLED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NUMBER_NAMES.map((name) => [NUMBERS[name].path, NUMBERS[name].name.toLowerCase()])),
  "musical.key": "key",
  "musical.scale": "scale",
  "creative.lyrics": "words to sing",
  "musical.instruments": "instruments",
  "musical.edits": "edits of the score",
};

/** What others have changed of that which a form means to change, since it was begun. */
export function changedMeanwhile(form: ReviseForm, base: Base, now: Base): string[] {
  return touches(form)
    .filter((path) => base[path] !== now[path])
    .map((path) => {
      const words = CALLED[path] ?? path;
      const [was, is] = [shown(path, base[path]), shown(path, now[path])];
      return was && is ? `${words}: ${was} became ${is}` : words;
    });
}

function shown(path: string, kept: string | undefined): string {
  const value: unknown = JSON.parse(kept ?? "null");
  if (typeof value === "number") return figure(value);
  if (path === "musical.key" && typeof value === "string") return tonicName(value);
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.map(nameOf).join(", ");
  return typeof value === "string" && value.length < 40 ? value.replaceAll("_", " ") : "";
}

const figure = (value: number): string => signed(Number(value.toFixed(2)));

/**
 * Everything that the form asks for, a line each, as a person would say it. `understood` is what the free words mean,
 * where that is known already.
 */
export function asked(form: ReviseForm, understood: readonly string[] = []): string[] {
  const numbers = NUMBER_NAMES.filter((name) => form[name].trim() && !numberProblem(name, form[name])).map((name) => {
    const { name: called, unit, ends } = numberField(name);
    if (!ends) return `${called} ${figure(Number(form[name]))} ${unit}`;
    return `${called} ${Math.round(Number(form[name]) * 100)} %, from ${ends[0]} to ${ends[1]}`;
  });
  const key = form.tonic ? [`Written anew in ${tonicName(form.tonic)} ${said(form.scale || "major")}`] : [];
  const lyrics = form.lyrics === null ? [] : [form.lyrics.trim() ? "Other words to sing" : "No words to sing"];
  const spoken = [
    ...form.sections.filter((w) => !wishProblem(w)).map((w) => sectionAct(w.act).say(w)),
    ...form.players.filter((w) => !playerProblem(w)).map((w) => playerAct(w.act).say(w)),
  ];
  return [
    ...numbers,
    ...key,
    ...lyrics,
    ...spoken.map(capital),
    ...(understood.length ? understood : form.words.trim() ? [`“${form.words.trim()}”`] : []),
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * From which stage on the song is made again; null where that is not known. `words` is the earliest stage that the free
 * words concern: null for the one at which the song is, undefined where nobody has read them.
 */
export function madeFrom(form: ReviseForm, current: Stage, words?: Stage | null): Stage | null {
  const first: Stage[] = NUMBER_NAMES.filter((name) => form[name].trim()).map((name) => NUMBERS[name].from);
  if (form.words.trim()) {
    if (words === undefined) return null;
    first.push(words ?? current);
  }
  if (form.tonic) first.push("composition");
  if (form.lyrics !== null) first.push("finalization");
  if (form.players.length) first.push("arrangement");
  first.push(...form.sections.map((wish) => sectionAct(wish.act).from));
  const earliest = first.sort((a, b) => place(a) - place(b))[0];
  if (!earliest) return null;
  return place(earliest) < place(current) ? earliest : current;
}

/** What will happen, in a sentence: where it starts again, and about how long that took last time. */
export function consequence(
  form: ReviseForm,
  current: Stage,
  stages: readonly { readonly stage: Stage; readonly seconds: number }[],
  words?: Stage | null,
): string {
  const from = madeFrom(form, current, words);
  if (!from) return "";
  const spent = stages.filter((one) => place(one.stage) >= place(from)).reduce((sum, one) => sum + one.seconds, 0);
  const before = place(from) > 0 ? " What comes before stays as it is." : "";
  const time = spent > 0 ? ` Last time that took ${seconds(spent)}.` : "";
  return `Made again from ${nameOfStage(from).toLowerCase()} on.${before}${time}`;
}

/** What keeps the form from being sent; empty when nothing does. */
export function formProblem(form: ReviseForm): string {
  const wrong = NUMBER_NAMES.map((name) => numberProblem(name, form[name])).find(Boolean);
  if (wrong) return wrong;
  const section = form.sections.find((wish) => wishProblem(wish));
  if (section) return wishProblem(section);
  const player = form.players.find((wish) => playerProblem(wish));
  if (player) return playerProblem(player);
  return asked(form).length ? "" : "Nothing is changed yet.";
}

const LIMITS = { bars: [1, 128], bpm: [20, 400], semitones: [1, 24] } as const;

export function wishProblem(wish: SectionWish): string {
  const { unit, part } = sectionAct(wish.act);
  if (part && !wish.part) return "Say which player rests.";
  if (!unit) return "";
  const [low, high] = LIMITS[unit];
  const value = Number(wish.amount);
  const whole = unit === "bpm" || Number.isInteger(value);
  return wish.amount.trim() && whole && value >= low && value <= high ? "" : `Say ${low} to ${high} ${unit}.`;
}

export function playerProblem(wish: PlayerWish): string {
  const { part, instrument } = playerAct(wish.act);
  if (part && !wish.part) return "Say which player.";
  return instrument && !wish.instrument ? "Say which instrument." : "";
}

/** The request. What sections and players are asked is said in the song's own words, so that it joins earlier edits. */
export function request(form: ReviseForm): ReviseBody {
  const changes: Record<string, unknown> = {};
  for (const name of NUMBER_NAMES) if (form[name].trim()) changes[NUMBERS[name].path] = Number(form[name]);
  if (form.tonic) {
    changes["musical.key"] = form.tonic;
    changes["musical.scale"] = form.scale || "major";
  }
  if (form.lyrics !== null) changes["creative.lyrics"] = form.lyrics.trim() || null;
  const words = [
    ...form.sections.map((wish) => sectionAct(wish.act).say(wish)),
    ...form.players.map((wish) => playerAct(wish.act).say(wish)),
    ...(form.words.trim() ? [form.words.trim()] : []),
  ];
  return {
    ...(Object.keys(changes).length ? { changes } : {}),
    ...(words.length ? { instruction: words.join(". ") } : {}),
  } as ReviseBody;
}

export interface RevisionDraft {
  readonly form: ReviseForm;
  readonly base: Base;
  /** Why it was not applied, when it was sent and refused. */
  readonly reason: string;
}

/** Whether what a tab has kept is such a draft; an older page may have kept another shape. */
export function isDraft(value: unknown): value is RevisionDraft {
  if (value === null || typeof value !== "object") return false;
  const { form, base, reason } = value as Partial<Record<keyof RevisionDraft, unknown>>;
  if (typeof reason !== "string" || base === null || typeof base !== "object") return false;
  if (form === null || typeof form !== "object") return false;
  const kept = form as Record<string, unknown>;
  return (
    [...NUMBER_NAMES, "tonic", "scale", "words"].every((name) => typeof kept[name] === "string") &&
    (kept.lyrics === null || typeof kept.lyrics === "string") &&
    Array.isArray(kept.sections) &&
    kept.sections.every((one) => (one as SectionWish).act in SECTION_ACTS) &&
    Array.isArray(kept.players) &&
    kept.players.every((one) => (one as PlayerWish).act in PLAYER_ACTS)
  );
}

/** Whether there is anything in a form that would be missed. */
export const isEmpty = (form: ReviseForm): boolean => touches(form).length === 0;
