/** What a stage has made, as facts that a musician reads: one small reader for each stage. */

import type { Artifact, Decision, SongDetail, Stage, StageDetail } from "../api";
import { nameOf, tonicName } from "../describe/glossary";
import { chordName } from "../look/chord";
import { at } from "./revise";
import { ended, nameOfStage, seconds, sentence, told } from "./words";

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** For a row of chords: drawn in a fixed width. */
  readonly kind?: "chords" | "long";
}

type Context = SongDetail["context"];
/** `song` is what the whole song has come to since: a stage itself knows only what came before it. */
type Reader = (detail: StageDetail, song: Context) => Fact[];

const READERS: Readonly<Record<Stage, Reader>> = {
  ideation: (detail) => [
    ...text("Title", detail.measured.title),
    ...text("Style", names(at(detail.patch, "musical.genre"))),
    ...text("Key", key(detail)),
    ...number("Tempo", at(detail.patch, "musical.tempo") ?? at(detail.context, "musical.tempo"), "bpm"),
    ...text("Metre", at(detail.patch, "musical.time_signature")),
    ...number("Length", at(detail.patch, "technical.duration"), "s"),
    ...text("Mood", mood(at(detail.patch, "musical.mood"))),
    ...text("Band", names(at(detail.patch, "musical.instruments"))),
    ...text("Sound", words(at(detail.patch, "creative.style_modifiers"))),
    ...share("Sure of it", detail.measured.confidence),
  ],
  composition: (detail, song) => [
    ...text("Groove", at(detail.patch, "musical.rhythm_pattern.summary")),
    ...text("Melody", at(detail.patch, "musical.melody.summary")),
    ...text("Bass", at(detail.patch, "musical.bass_line.summary")),
    ...chords(at(detail.patch, "musical.chord_progression"), at(song, "musical.sections")),
  ],
  arrangement: (detail) => [
    ...form(at(detail.patch, "musical.structure"), at(detail.patch, "musical.sections")),
    ...text("Words to sing", at(detail.patch, "creative.lyrics"), "long"),
    ...number("Length", metadata(detail, "preview").duration_s, "s"),
    ...number("Bars", metadata(detail, "sketch").bars, ""),
  ],
  production: (detail) => [
    ...text(
      "Players",
      outputs(detail, "stem:")
        .map(([, file]) => nameOf(String(file.metadata?.instrument ?? "")))
        .join(", "),
    ),
    ...text("Sounds", detail.measured.sound_set),
  ],
  mixing: (detail) => [
    ...text("Parts in the mix", mixed(detail, false)),
    ...text("Rooms and echoes", mixed(detail, true)),
  ],
  mastering: (detail) => sound(detail),
  finalization: (detail) => [
    ...text("All that was asked for holds", yes(detail.measured.checks_ok)),
    ...text("Key as it is heard", detail.measured.key),
    ...number("Tempo as it is heard", detail.measured.tempo_bpm, "bpm"),
    ...sound(detail),
    ...text("Files", files(detail)),
  ],
};

export const made = (detail: StageDetail, song: Context): Fact[] => READERS[detail.stage](detail, song);

/** Decisions that stand among the facts already. */
const SHOWN = /^chords of /;

/** Why it was made so: the reasons that the stage itself tells, each once. */
export function reasons(detail: StageDetail): string[] {
  const told = (detail.decisions ?? []).filter(({ what }) => !SHOWN.test(what));
  return [...new Set(told.map(decided))];
}

function decided({ what, value, reason }: Decision): string {
  const name = what.replace(/^(musical|technical|creative)\./, "").replace(/[._]/g, " ");
  const chosen = ["string", "number"].includes(typeof value) ? String(value).replaceAll("_", " ") : "";
  const short = chosen && chosen.length < 60 && !chosen.startsWith("{") ? ` ${chosen}` : "";
  return ended(sentence(`${name}${short}: ${reason}`));
}

/** Who made it, where that was not our own engine, and who had failed before. */
export function makers(detail: StageDetail): string[] {
  return detail.provided.flatMap((one) => {
    const failed = (one.tried ?? []).map(
      (other) => `${sentence(nameOf(other.provider))} was asked first and could not: ${told(other.reason)}`,
    );
    if (one.provider === "builtin" && !failed.length) return [];
    const who = one.provider === "builtin" ? "Sostenuto's own engine" : sentence(nameOf(one.provider));
    return [
      ...failed,
      `${who} did it${Number(one.cost_usd ?? 0) > 0 ? ` for $${Number(one.cost_usd).toFixed(2)}` : ""}.`,
    ];
  });
}

/** How the stage was made: how much of it anew. */
export function work(detail: StageDetail): string {
  const steps = detail.computed + detail.reused;
  if (!steps) return "";
  const reused = detail.reused ? `, ${detail.reused} of ${steps} steps taken over from before` : "";
  return `${nameOfStage(detail.stage)} took ${seconds(detail.seconds)}${reused}.`;
}

function text(name: string, value: unknown, kind?: Fact["kind"]): Fact[] {
  if (typeof value !== "string" || !value) return [];
  return [kind ? { name, value, kind } : { name, value }];
}

function number(name: string, value: unknown, unit: string): Fact[] {
  if (typeof value !== "number") return [];
  return [{ name, value: `${figure(value)}${unit && ` ${unit}`}` }];
}

const figure = (value: number): string => String(Number(value.toFixed(1))).replace("-", "−");

const share = (name: string, value: unknown): Fact[] =>
  typeof value === "number" ? [{ name, value: `${Math.round(value * 100)} %` }] : [];

const words = (value: unknown): string =>
  Array.isArray(value) ? value.map((one) => String(one).replaceAll("_", " ")).join(", ") : "";

const names = (value: unknown): string =>
  Array.isArray(value) ? value.map((one) => nameOf(String(one))).join(", ") : "";

const yes = (value: unknown): string =>
  typeof value === "boolean" ? (value ? "Yes" : "No: see the report under Look") : "";

function key(detail: StageDetail): string {
  const tonic = at(detail.patch, "musical.key") ?? at(detail.context, "musical.key");
  const scale = at(detail.patch, "musical.scale") ?? at(detail.context, "musical.scale");
  return typeof tonic === "string" ? `${tonicName(tonic)} ${String(scale ?? "major").replaceAll("_", " ")}` : "";
}

/** A point of the plane of moods, in two words. */
function mood(value: unknown): string {
  const valence = at(value as Record<string, unknown>, "valence");
  const arousal = at(value as Record<string, unknown>, "arousal");
  if (typeof valence !== "number" || typeof arousal !== "number") return "";
  const of = (share: number, low: string, middle: string, high: string) =>
    share < 0.4 ? low : share > 0.6 ? high : middle;
  return `${of(valence, "dark", "balanced", "bright")} and ${of(arousal, "calm", "moving", "lively")}`;
}

/** A bar may hold several chords. */
const printed = (bar: unknown): string => String(bar).replace(/\S+/g, chordName);

/** Chords by kind of section; once the form is known only of the kinds that it has. */
function chords(value: unknown, sections: unknown): Fact[] {
  if (value === null || typeof value !== "object") return [];
  const kinds =
    sections && typeof sections === "object" ? Object.keys(sections).map((name) => name.replace(/[\s_]*\d+$/, "")) : [];
  return Object.entries(value as Record<string, unknown>)
    .filter(([kind]) => !kinds.length || kinds.includes(kind))
    .flatMap(([kind, bars]) =>
      Array.isArray(bars)
        ? [{ name: sentence(kind), value: bars.map(printed).join("  "), kind: "chords" as const }]
        : [],
    );
}

function form(structure: unknown, shapes: unknown): Fact[] {
  if (!Array.isArray(structure)) return [];
  return structure.map((one: Record<string, unknown>) => {
    const energy = at(shapes as Record<string, unknown>, `${String(one.name)}.energy`);
    const how = typeof energy === "number" ? `, energy ${Math.round(energy * 100)} %` : "";
    return {
      name: sentence(String(one.name)),
      value: `${figure(Number(one.duration))} ${String(one.unit ?? "bars")}${how}`,
    };
  });
}

const outputs = (detail: StageDetail, prefix: string): [string, Artifact][] =>
  Object.entries(detail.outputs).filter(([name]) => name.startsWith(prefix));

const metadata = (detail: StageDetail, name: string): Record<string, unknown> => detail.outputs[name]?.metadata ?? {};

const SPACES = /^(reverb|delay)/;

function mixed(detail: StageDetail, spaces: boolean): string {
  return outputs(detail, "mixed:")
    .map(([name]) => name.slice("mixed:".length))
    .filter((name) => SPACES.test(name) === spaces)
    .map((name) => name.replaceAll("_", " "))
    .join(", ");
}

interface Figure {
  readonly name: string;
  readonly of: string;
  readonly unit: string;
}

/** What is told of a finished sound; everything else is in the report. */
const FIGURES: readonly Figure[] = [
  { name: "Loudness", of: "integrated_lufs", unit: "LUFS" },
  { name: "True peak", of: "true_peak_dbtp", unit: "dBTP" },
  { name: "Loudness range", of: "loudness_range_lu", unit: "LU" },
  { name: "Peak over loudness", of: "plr_db", unit: "dB" },
  { name: "Length", of: "duration_s", unit: "s" },
];

const sound = (detail: StageDetail): Fact[] =>
  FIGURES.flatMap(({ name, of, unit }) => number(name, detail.measured[of], unit));

const files = (detail: StageDetail): string =>
  Object.values(detail.outputs)
    .map((file) => file.filename)
    .filter(Boolean)
    .sort()
    .join(", ");
