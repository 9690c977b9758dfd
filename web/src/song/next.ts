/** What a song waits for and what can be done: one sentence and one thing to press, for every state. */

import type { SongDetail, Stage } from "../api";
import { after, doing, ended, nameOfStage, place, STAGE_WORDS, told } from "./words";

export type Deed =
  | { readonly kind: "command"; readonly command: "advance" | "hold" | "resume" | "retry"; readonly label: string }
  | { readonly kind: "download" | "branch" | "change" | "listen"; readonly label: string };

export interface Next {
  readonly tone: "busy" | "ask" | "calm" | "trouble" | "good" | "over";
  readonly sentence: string;
  /** What else there is to know, or what can be done about it. */
  readonly hint?: string;
  readonly deed?: Deed;
}

export type Known = Pick<
  SongDetail,
  | "status"
  | "current_stage"
  | "started"
  | "role"
  | "blocked"
  | "gate_deadline"
  | "checks_ok"
  | "allowed_commands"
  | "allowed_targets"
  | "stages"
  | "now"
  | "held"
  | "title"
>;

/** Which state a song is in, told finer than its status does. */
export type State =
  | "unstarted"
  | "running"
  | "restoring"
  | "review"
  | "parked"
  | "held"
  | "blocked"
  | "completed"
  | "imperfect"
  | "cancelled";

export function stateOf(song: Known): State {
  if (!song.started) return "unstarted";
  const here = song.stages.find((one) => one.stage === song.current_stage);
  switch (song.status) {
    case "running":
      return here?.status === "done" || here?.status === "awaiting_review" ? "restoring" : "running";
    case "waiting":
      return here?.status === "awaiting_review" ? "review" : "parked";
    case "completed":
      return song.checks_ok ? "completed" : "imperfect";
    default:
      return song.status;
  }
}

/** Why a song is stuck, by the code of what stopped it: what can be done about it. */
export const REMEDIES: Readonly<Record<string, string>> = {
  missing_requirement: "Set what is missing under Change, or go back to the stage that makes it; then try again.",
  outcome_unknown:
    "Nobody knows whether the order arrived. Trying again places it anew unless its result has come; it may cost twice.",
  no_provider: "Set up a provider that can do this, or change what is asked for; then try again.",
  invalid_value: "Take the setting that it names back, or change it; then the song goes on.",
  media_store_unavailable: "The disk or store of the files is away or full. Try again once it is back.",
  resource_unavailable: "Something that the song needs is away. Trying again later can help.",
  timeout: "It took longer than it may. Trying again often helps.",
  worker_died: "The engine stopped in the middle. Trying again often helps.",
  render_error: "Try again, or change an instrument or section that it names.",
  not_found: "Choose another version under History, or make it again.",
};
const REMEDY = "Try again, change something, or step back to an earlier stage.";

type Teller = (song: Known) => Next;

const goOn = (song: Known): Deed | undefined => {
  const next = after(song.current_stage);
  if (!next || !song.allowed_commands.includes("advance") || !song.allowed_targets.includes(next)) return undefined;
  return { kind: "command", command: "advance", label: `Go on to ${nameOfStage(next).toLowerCase()}` };
};

const allowed = (song: Known, command: "hold" | "resume" | "retry", label: string): Deed | undefined =>
  song.allowed_commands.includes(command) ? { kind: "command", command, label } : undefined;

const withDeed = (next: Omit<Next, "deed">, deed: Deed | undefined): Next => (deed ? { ...next, deed } : next);

const name = (stage: Stage): string => nameOfStage(stage);

/** Stages whose result can be heard. */
const HEARD: ReadonlySet<Stage> = new Set(["arrangement", "production", "mixing", "mastering", "finalization"]);

const ways = (song: Known): string =>
  song.allowed_targets.some((stage) => place(stage) < place(song.current_stage))
    ? "Go on, change something, or step back."
    : "Go on, or change something.";

const TELLERS: Readonly<Record<State, Teller>> = {
  unstarted: () => ({
    tone: "calm",
    sentence: "Your song is written down and starts as soon as the engine can be reached.",
    hint: "Nothing is lost meanwhile; you can close this page.",
  }),
  running: (song) => {
    const now = song.now?.stage === song.current_stage ? doing(song.now) : STAGE_WORDS[song.current_stage].does;
    return withDeed(
      { tone: "busy", sentence: `${name(song.current_stage)} is at work: ${now}.` },
      allowed(song, "hold", "Hold"),
    );
  },
  restoring: (song) =>
    withDeed(
      { tone: "busy", sentence: `${name(song.current_stage)} is going back to an earlier version.` },
      allowed(song, "hold", "Hold"),
    ),
  review: (song) =>
    withDeed(
      {
        tone: "ask",
        sentence: `${name(song.current_stage)} is ready: ${HEARD.has(song.current_stage) ? "listen" : "have a look"}, and decide.`,
        hint: `To judge now: ${STAGE_WORDS[song.current_stage].judge}. ${ways(song)}`,
      },
      goOn(song),
    ),
  parked: (song) =>
    withDeed(
      {
        tone: "ask",
        sentence: `The song rests at ${name(song.current_stage).toLowerCase()} until you say how it goes on.`,
        hint: ways(song),
      },
      goOn(song),
    ),
  held: (song) =>
    withDeed(
      {
        tone: "ask",
        sentence: `The song is held at ${name(song.current_stage).toLowerCase()}.`,
        hint: "What was under way ends; nothing else starts until you let it go on.",
      },
      allowed(song, "resume", "Resume"),
    ),
  blocked: (song) =>
    withDeed(
      {
        tone: "trouble",
        sentence: `${name(song.blocked?.stage ?? song.current_stage)} could not be finished.`,
        hint: `${told(song.blocked?.reason ?? "nobody said why")} ${REMEDIES[song.blocked?.code ?? ""] ?? REMEDY}`,
      },
      allowed(song, "retry", "Try again"),
    ),
  completed: () => ({
    tone: "good",
    sentence: "Your song is finished.",
    hint: "Everything asked for was measured and holds. You can still change it: only what a change touches is made again.",
    deed: { kind: "download", label: "Download everything" },
  }),
  imperfect: () => ({
    tone: "trouble",
    sentence: "Your song is finished, but not all that was asked for holds.",
    hint: "The report under Look says what was asked and what was measured. Change something, and it is made again from there.",
    deed: { kind: "change", label: "Change something" },
  }),
  cancelled: () => ({
    tone: "over",
    sentence: "This song was cancelled; everything made so far is kept.",
    hint: "It takes no more changes, but a branch can go on from any of its stages.",
    deed: { kind: "branch", label: "Branch from here" },
  }),
};

const READING: Readonly<Partial<Record<State, string>>> = {
  review: "waits for a decision of its editors",
  parked: "waits for a decision of its editors",
  held: "is held by its editors",
  blocked: "is stuck; its editors are told why",
  completed: "is finished",
  imperfect: "is finished",
  cancelled: "was cancelled",
  unstarted: "has not begun yet",
};

export const mayChange = (role: string): boolean => role === "owner" || role === "editor";

/** The one sentence, and the one thing to press. Whoever only reads is told so, and presses nothing that changes. */
export function whatNext(song: Known): Next {
  const state = stateOf(song);
  const next = TELLERS[state](song);
  if (mayChange(song.role)) return next;
  const words = READING[state];
  return {
    tone: next.tone === "ask" ? "calm" : next.tone,
    sentence: words ? `${ended(`You are listening along: the song ${words}`)}` : next.sentence,
    hint: "You can hear and see everything here; changing it takes an invitation as an editor.",
    deed:
      state === "completed" || state === "imperfect"
        ? { kind: "download", label: "Download everything" }
        : { kind: "listen", label: "Listen" },
  };
}

const PATH = /\b(?:musical|technical|creative)(?:\.[a-z0-9_]+)+/;

/** The setting that a stuck song cannot go on with, by its path, where it is one that can be taken back. */
export function culprit(song: Pick<SongDetail, "blocked" | "allowed_commands">): string | null {
  if (song.blocked?.code !== "invalid_value" || !song.allowed_commands.includes("revise")) return null;
  return PATH.exec(song.blocked.reason)?.[0] ?? null;
}
