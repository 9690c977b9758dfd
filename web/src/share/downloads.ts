/** What can be taken home of a song as it is now: the formats of its download address, with their sizes. */

import type { MediaView, Stage, StageView } from "../api/schema";

export type Format = "wav" | "flac" | "mp3" | "opus" | "stems" | "midi" | "musicxml" | "report" | "release";

interface Kind {
  readonly format: Format;
  readonly name: string;
  readonly about: string;
  readonly has: (file: MediaView) => boolean;
}

/** How the API recognises the files of each format; the order is that of the page. */
const KINDS: readonly Kind[] = [
  { format: "wav", name: "WAV", about: "the master, every sample", has: (file) => file.type === "audio_wav" },
  {
    format: "flac",
    name: "FLAC",
    about: "the master, smaller and lossless",
    has: (file) => file.type === "audio_flac",
  },
  { format: "mp3", name: "MP3", about: "plays everywhere", has: (file) => file.type === "audio_mp3" },
  { format: "opus", name: "Opus", about: "small, for the web", has: (file) => file.type === "audio_opus" },
  { format: "stems", name: "Stems", about: "one file for each part, as a zip", has: (file) => file.type === "stems" },
  { format: "midi", name: "MIDI", about: "every note, for a sequencer", has: (file) => file.type === "midi" },
  {
    format: "musicxml",
    name: "Score",
    about: "MusicXML, for notation programs",
    has: (file) => file.type === "score" && nameOf(file).endsWith(".musicxml"),
  },
  {
    format: "report",
    name: "Report",
    about: "what was asked and what was measured",
    has: (file) => file.type === "report" && nameOf(file).endsWith(".html"),
  },
];

/** Of several files of a kind the API sends the first of these that exists. */
const PREFERRED = ["master", "mix", "song", "musicxml", "score", "report"];

const ORDER: readonly Stage[] = [
  "ideation",
  "composition",
  "arrangement",
  "production",
  "mixing",
  "mastering",
  "finalization",
];

export interface Download {
  readonly format: Format;
  readonly name: string;
  readonly about: string;
  readonly stage: Stage;
  /** In bytes. */
  readonly size: number;
  readonly url: string;
}

type Current = Pick<StageView, "stage" | "revision" | "take">;

/** The formats that the song has now, each from the latest stage that has it. */
export function downloadsOf(
  songId: string,
  files: readonly MediaView[],
  stages: readonly Current[],
): readonly Download[] {
  const now = files.filter((file) => isCurrent(file, stages));
  return KINDS.flatMap((kind) => {
    const stage = [...ORDER].reverse().find((one) => now.some((file) => file.stage === one && kind.has(file)));
    if (!stage) return [];
    const found = now.filter((file) => file.stage === stage && kind.has(file));
    const sent = kind.format === "stems" ? found : [best(found)];
    const size = sent.reduce((sum, file) => sum + file.size, 0);
    const about = stage === "finalization" || kind.format !== "wav" ? kind.about : (ABOUT_WAV[stage] ?? kind.about);
    return [{ format: kind.format, name: kind.name, about, stage, size, url: downloadUrl(songId, kind.format) }];
  });
}

/** Before the song is finished its WAV is what there is so far. */
const ABOUT_WAV: Partial<Readonly<Record<Stage, string>>> = {
  mixing: "the rough mix",
  mastering: "the master, untagged",
};

/** The report of the release that the song has now; its list of files is that of the zip. */
export function releaseReport(files: readonly MediaView[], stages: readonly Current[]): MediaView | undefined {
  return files.find((file) => file.filename === "report.json" && isCurrent(file, stages));
}

/** The size of the release in bytes: the files that its report lists, and those that finalization itself names. */
export function releaseSize(report: unknown, files: readonly MediaView[], stages: readonly Current[]): number {
  const own = files.filter((file) => file.stage === "finalization" && file.filename && isCurrent(file, stages));
  const sizes = new Map(listed(report).map(({ path, bytes }) => [path, bytes]));
  for (const file of own) sizes.set(file.filename ?? "", file.size);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function listed(report: unknown): readonly { path: string; bytes: number }[] {
  const files = (report as { files?: unknown } | null)?.files;
  return Array.isArray(files) ? files.map((file) => ({ path: String(file.path), bytes: Number(file.bytes) || 0 })) : [];
}

export const downloadUrl = (songId: string, format: Format): string =>
  `/v1/compositions/${songId}/download?format=${format}`;

const nameOf = (file: MediaView): string => file.filename ?? file.name;

function isCurrent(file: MediaView, stages: readonly Current[]): boolean {
  const stage = stages.find((one) => one.stage === file.stage);
  return stage !== undefined && file.revision === stage.revision && file.take === stage.take;
}

function best(files: readonly MediaView[]): MediaView {
  const rank = (file: MediaView) => {
    const place = PREFERRED.indexOf(/^[^.:]*/.exec(file.name)?.[0] ?? "");
    return place === -1 ? PREFERRED.length : place;
  };
  const sorted = [...files].sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
  return sorted[0] as MediaView;
}

const UNITS = ["bytes", "kB", "MB", "GB"];

/** "5.7 MB"; decimal, as file managers say it. */
export function sizeWords(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  while (amount >= 1000 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}
