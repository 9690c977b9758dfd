/** What a musician calls the stages, the steps inside them, and where each of them stands. Tables, and what reads them. */

import type { Progress, SongDetail, Stage, StageStatus, StageView } from "../api";

export interface StageWords {
  readonly name: string;
  /** What the stage does, as a title says it. */
  readonly does: string;
  /** What is there to judge once it is done. */
  readonly judge: string;
}

export const STAGE_WORDS: Readonly<Record<Stage, StageWords>> = {
  ideation: { name: "Ideation", does: "what the song is about", judge: "the idea as it was understood" },
  composition: { name: "Composition", does: "chords, groove, melody and bass", judge: "chords, tune and groove" },
  arrangement: { name: "Arrangement", does: "form and parts", judge: "form and parts, as a sketch to hear" },
  production: { name: "Production", does: "the band plays", judge: "every part as it sounds" },
  mixing: { name: "Mixing", does: "balance and space", judge: "the rough mix" },
  mastering: { name: "Mastering", does: "loudness and tone", judge: "the master" },
  finalization: { name: "Finalization", does: "files, score and checks", judge: "the finished files" },
};

export const STAGES = Object.keys(STAGE_WORDS) as readonly Stage[];

export const nameOfStage = (stage: Stage): string => STAGE_WORDS[stage].name;

export const place = (stage: Stage): number => STAGES.indexOf(stage);

export const after = (stage: Stage): Stage | undefined => STAGES[place(stage) + 1];

interface StepWords {
  /** What is being done; `{}` is what the step tells of itself, such as the player's name. */
  readonly doing: string;
  /** Its usual share of the stage's time, next to the other steps of the stage. */
  readonly share: number;
}

/** The steps of every stage in their order, as they are told while they run. */
export const STEPS: Readonly<Record<Stage, Readonly<Record<string, StepWords>>>> = {
  ideation: { understand: { doing: "reading your words", share: 1 } },
  composition: {
    chords: { doing: "writing the chords", share: 1 },
    rhythm: { doing: "finding the groove", share: 1 },
    melody: { doing: "writing the melody", share: 1 },
    bass: { doing: "writing the bass line", share: 1 },
  },
  arrangement: {
    form: { doing: "laying out the form", share: 1 },
    lyrics: { doing: "writing the words", share: 1 },
    arrange: { doing: "arranging every section for the band", share: 2 },
    sketch: { doing: "playing a first sketch", share: 3 },
  },
  production: {
    perform: { doing: "giving the notes a player's touch", share: 1 },
    render: { doing: "rendering {}", share: 19 },
    adopt: { doing: "listening to the recorded takes", share: 19 },
    adopt_stems: { doing: "taking the recording apart", share: 19 },
  },
  mixing: { mix: { doing: "balancing the parts", share: 1 } },
  mastering: { master: { doing: "bringing it to its loudness", share: 1 } },
  finalization: {
    cover: { doing: "drawing the cover", share: 1 },
    engrave: { doing: "engraving the score", share: 1 },
    pictures: { doing: "drawing waveform and spectrum", share: 1 },
    encode: { doing: "writing the {} file", share: 3 },
    tag: { doing: "writing title and tags into the files", share: 1 },
    listen: { doing: "listening to the result", share: 3 },
    verify: { doing: "checking the song against what was asked", share: 1 },
    provenance: { doing: "writing down how it was made", share: 1 },
    report: { doing: "writing the report", share: 1 },
    index: { doing: "binding it all together", share: 1 },
  },
};

/** Steps that run instead of the others, where a provider makes the sound. */
const INSTEAD: Readonly<Record<string, string>> = { adopt: "render", adopt_stems: "render" };

/** What is being done now, in words such as "rendering bass, 3 of 8". */
export function doing(now: Pick<Progress, "stage" | "step" | "label" | "done" | "total">): string {
  const known = STEPS[now.stage][now.step];
  const label = now.step === "encode" ? now.label.toUpperCase() : now.label;
  const words = known ? known.doing.replace("{}", label || "it") : label || STAGE_WORDS[now.stage].does;
  return now.total > 1 && now.done > 0 ? `${words}, ${now.done} of ${now.total}` : words;
}

type Line = Pick<Progress, "stage" | "step" | "fraction" | "done" | "total">;

/** How far a run of a stage has come: each of the parts that are made side by side, and the whole, which never falls. */
export interface Furthest {
  readonly run: string;
  readonly parts: Readonly<Record<number, number>>;
  readonly value: number;
}

/** How far the run is once `now` is known. A line tells of one part alone, and the next one of another. */
export function furthest(before: Furthest | null, run: string, now: Line): Furthest {
  const known = before?.run === run ? before : { run, parts: {}, value: 0 };
  const counted = now.total > 1 && now.done > 0;
  const parts = counted
    ? { ...known.parts, [now.done]: Math.max(known.parts[now.done] ?? 0, clamped(now.fraction)) }
    : known.parts;
  const inside = counted ? Object.values(parts).reduce((sum, one) => sum + one, 0) / now.total : clamped(now.fraction);
  return { run, parts, value: Math.max(known.value, stageFraction(now, inside)) };
}

/** How much of its stage a step means that is done by the share `inside`, 0 to 1, by the usual shares of the steps. */
export function stageFraction(now: Pick<Progress, "stage" | "step">, inside: number): number {
  const steps = STEPS[now.stage];
  const step = INSTEAD[now.step] ?? now.step;
  const names = Object.keys(steps).filter((name) => !(name in INSTEAD));
  const share = (name: string) => steps[name]?.share ?? 0;
  const whole = names.reduce((sum, name) => sum + share(name), 0);
  const before = names.slice(0, Math.max(0, names.indexOf(step))).reduce((sum, name) => sum + share(name), 0);
  return clamped((before + share(step) * clamped(inside)) / whole);
}

const clamped = (value: number): number => Math.min(1, Math.max(0, value));

export type Standing = "pending" | "running" | "resting" | "review" | "done" | "stale" | "blocked" | "left";

export interface StandingWords {
  readonly name: string;
  /** A sign beside the words; never the only carrier of the meaning. */
  readonly sign: string;
  readonly means: string;
}

export const STANDING: Readonly<Record<Standing, StandingWords>> = {
  pending: { name: "not yet", sign: "", means: "It has not been made yet." },
  running: { name: "at work", sign: "▸", means: "It is being made now." },
  resting: { name: "held", sign: "‖", means: "The song is held: what was under way ends, nothing else starts." },
  review: { name: "waits for you", sign: "?", means: "It is done and waits for your decision." },
  done: { name: "done", sign: "✓", means: "It is done." },
  stale: { name: "out of date", sign: "↻", means: "Something before it has changed: it is made again on the way." },
  blocked: { name: "stuck", sign: "!", means: "It could not be finished." },
  left: { name: "not made", sign: "–", means: "The song was cancelled before it was made." },
};

const BY_STATUS: Readonly<Record<StageStatus, Standing>> = {
  pending: "pending",
  running: "running",
  awaiting_review: "review",
  done: "done",
  stale: "stale",
  blocked: "blocked",
};

/** Where a stage stands, seen together with its song: a held or cancelled song runs nothing. */
export function standing(view: Pick<StageView, "status">, song: Pick<SongDetail, "status">): Standing {
  const own = BY_STATUS[view.status];
  if (song.status === "cancelled" && own !== "done" && own !== "review") return own === "stale" ? "stale" : "left";
  if (song.status === "cancelled" && own === "review") return "done";
  if (song.status === "held" && own === "running") return "resting";
  return own;
}

/** Seconds as a person says them: "2.4 s", "1 min 05 s", "1 h 02 min". */
export function seconds(value: number): string {
  if (value < 60) return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
  const whole = Math.round(value);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours ? `${hours} h ${two(minutes)} min` : `${minutes} min ${two(rest)} s`;
}

/** What a stage cost; nothing is said of money where none was spent or none is shown. */
export function cost(amount: string | number | null | undefined): string {
  const value = Number(amount ?? 0);
  return value > 0 ? `$${value < 0.1 ? value.toFixed(3) : value.toFixed(2)}` : "";
}

/** A sentence's beginning. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The end of a sentence that somebody else has written. */
export const ended = (text: string): string => (/[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

const ADDRESS = /\b(?:musical|technical|creative|ai_decisions)\.([a-z_]+(?:\.[a-z_]+)*)/g;

/** What the API says to people, with the names of settings as words. */
export const told = (text: string): string =>
  ended(sentence(text.replace(ADDRESS, (_, path: string) => path.replaceAll(".", " ")).replaceAll("_", " ")));

/** What somebody has done, by the kind of the command. */
export const DONE: Readonly<Record<string, string>> = {
  advance: "let the song take a step",
  revise: "changed the song",
  hold: "held the song",
  resume: "let the song go on",
  retry: "had the song try again",
  cancel: "cancelled the song",
  revert: "went back to an earlier version",
  choose_take: "chose another take",
  accept_enhancement: "accepted what was made of the words",
  reject_enhancement: "turned down what was made of the words",
  set_review: "changed where the song waits",
};
