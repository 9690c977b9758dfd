/** What of a song's files can be played, from the first sketch to the stems of the newest mix. */

export type SourceKind = "sketch" | "parts" | "mix" | "master" | "stems";

export interface Track {
  id: string;
  name: string;
  kind: SourceKind;
  url: string;
  mediaType: string;
  /** Bytes of the file, where they are known. */
  size?: number;
  /** SHA-256 of the file; none for a sketch that is still being played. */
  hash?: string;
  /** Factor that brings the samples to the level at which they were played. */
  scale?: number;
}

export interface PlayerSource {
  /** The same for the same files, so that nothing is loaded twice. */
  id: string;
  songId: string;
  title: string;
  /** "Master", "Rough mix, revision 2". */
  label: string;
  kind: SourceKind;
  revision?: number;
  take?: number;
  created?: string;
  /** Integrated loudness in LUFS as it was measured when the file was made. */
  loudness?: number;
  tracks: readonly Track[];
}

/** What of a file of the media list is needed here. */
export interface MediaFile {
  name: string;
  stage: string;
  revision: number;
  take: number;
  type: string;
  media_type: string;
  hash: string;
  size: number;
  url: string;
  created_at: string;
  details: Readonly<Record<string, unknown>>;
}

export interface SongName {
  id: string;
  title: string;
}

interface Shelf {
  kind: SourceKind;
  stage: string;
  label: string;
  has: (file: MediaFile) => boolean;
}

/** From the first that can be heard to the best; the last two are of one mix, and the mastered one is the default. */
const SHELVES: readonly Shelf[] = [
  {
    kind: "sketch",
    stage: "arrangement",
    label: "Sketch",
    has: (file) => file.type === "preview" && file.name === "preview",
  },
  { kind: "parts", stage: "production", label: "Parts as played", has: (file) => file.name.startsWith("stem:") },
  { kind: "stems", stage: "mixing", label: "Stems", has: (file) => file.name.startsWith("mixed:") },
  { kind: "mix", stage: "mixing", label: "Rough mix", has: (file) => file.name === "mix" && isSound(file) },
  { kind: "master", stage: "mastering", label: "Master", has: (file) => file.name === "master" && isSound(file) },
];

/** Kinds that are one whole song, the best last; several parts at once are loaded when they are asked for. */
const WHOLE: readonly SourceKind[] = ["sketch", "mix", "master"];

/** Of the formats in which a song is delivered, the first that is there is played when its master itself is gone. */
const DELIVERED = ["master.flac", "master.opus", "master.mp3", "master.wav"];

/**
 * Everything of a song that can be played, the newest revision of each kind first, in the order sketch, parts, stems,
 * rough mix, master.
 */
export function sourcesOf(files: readonly MediaFile[], song: SongName): PlayerSource[] {
  const found = SHELVES.flatMap((shelf) => ofShelf(shelf, files, song));
  return found.some((source) => source.kind === "master") ? found : [...found, ...delivered(files, song)];
}

/** What is played where nobody has chosen: the newest of the best kind that there is. */
export function bestOf(sources: readonly PlayerSource[]): PlayerSource | undefined {
  const kind = [...WHOLE].reverse().find((kind) => sources.some((source) => source.kind === kind));
  return sources.find((source) => source.kind === kind) ?? sources.at(-1);
}

/** The stems of the newest mix, or the parts as they were played before there is one. */
export function stemsOf(sources: readonly PlayerSource[]): PlayerSource | undefined {
  return sources.find((source) => source.kind === "stems") ?? sources.find((source) => source.kind === "parts");
}

/** Whether `other` is of the same song, and further on its way or newer than what is loaded. */
export function isNewer(other: PlayerSource, loaded: PlayerSource): boolean {
  if (other.songId !== loaded.songId || other.id === loaded.id) return false;
  // What was heard while it was made is the same as its file.
  if (loaded.created === undefined && other.kind === loaded.kind && other.revision === loaded.revision) return false;
  const [mine, theirs] = [rank(loaded.kind), rank(other.kind)];
  return theirs > mine || (theirs === mine && (other.created ?? "") > (loaded.created ?? ""));
}

/** What a musician is told of something newer. */
export function newsOf(source: PlayerSource): string {
  const words: Readonly<Record<SourceKind, string>> = {
    sketch: "A newer sketch is ready",
    parts: "The parts are ready one by one",
    stems: "New stems are ready",
    mix: "A newer mix is ready",
    master: "A newer master is ready",
  };
  return words[source.kind];
}

/** The sketch while it is still being played: one sound that goes on as it is made. */
export function streamedSketch(song: SongName, revision?: number): PlayerSource {
  const url = `/v1/compositions/${song.id}/sketch`;
  const track: Track = { id: "sketch", name: "Sketch", kind: "sketch", url, mediaType: "audio/flac" };
  const source: PlayerSource = {
    id: `${song.id}/sketch/${revision ?? "first"}/streamed`,
    songId: song.id,
    title: song.title,
    label: "Sketch",
    kind: "sketch",
    tracks: [track],
  };
  return revision === undefined ? source : { ...source, revision };
}

function rank(kind: SourceKind): number {
  // Parts one by one are what they become in the mix: neither is news to whoever hears the other.
  return WHOLE.indexOf(kind === "stems" ? "mix" : kind);
}

function isSound(file: MediaFile): boolean {
  return file.media_type.startsWith("audio/") && file.media_type !== "audio/midi";
}

function ofShelf(shelf: Shelf, files: readonly MediaFile[], song: SongName): PlayerSource[] {
  const groups = new Map<string, MediaFile[]>();
  for (const file of files) {
    if (file.stage !== shelf.stage || !shelf.has(file)) continue;
    const key = `${file.revision}/${file.take}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const several = new Set([...groups.values()].map((group) => group[0]?.revision)).size > 1;
  return [...groups.values()]
    .map((group) => sourceOf(shelf, group, song, several))
    .sort((one, other) => (other.revision ?? 0) - (one.revision ?? 0) || (other.take ?? 0) - (one.take ?? 0));
}

function sourceOf(shelf: Shelf, group: readonly MediaFile[], song: SongName, several: boolean): PlayerSource {
  const [first] = group as [MediaFile, ...MediaFile[]];
  const taken = first.take > 1 ? `, take ${first.take}` : "";
  const source: PlayerSource = {
    id: `${song.id}/${shelf.kind}/${first.revision}/${first.take}/${first.hash.slice(0, 12)}`,
    songId: song.id,
    title: song.title,
    label: `${shelf.label}${several ? `, revision ${first.revision}` : ""}${taken}`,
    kind: shelf.kind,
    revision: first.revision,
    take: first.take,
    created: first.created_at,
    tracks: [...group].sort(byPlace).map((file) => trackOf(shelf, file)),
  };
  const lufs = first.details.integrated_lufs;
  return typeof lufs === "number" ? { ...source, loudness: lufs } : source;
}

function trackOf(shelf: Shelf, file: MediaFile): Track {
  const part = file.name.slice(file.name.indexOf(":") + 1);
  const single = !file.name.includes(":");
  const track: Track = {
    id: single ? shelf.kind : part,
    name: single ? shelf.label : inWords(part),
    kind: shelf.kind,
    url: file.url,
    mediaType: file.media_type,
    size: file.size,
    hash: file.hash,
  };
  const headroom = file.details.headroom;
  return typeof headroom === "number" && headroom !== 1 ? { ...track, scale: headroom } : track;
}

function delivered(files: readonly MediaFile[], song: SongName): PlayerSource[] {
  const revision = Math.max(0, ...files.filter((file) => DELIVERED.includes(file.name)).map((file) => file.revision));
  const of = files.filter((file) => file.stage === "finalization" && file.revision === revision);
  const file = DELIVERED.map((name) => of.find((file) => file.name === name)).find((file) => file !== undefined);
  if (file === undefined) return [];
  const shelf: Shelf = { kind: "master", stage: file.stage, label: "Master", has: () => true };
  return [sourceOf(shelf, [file], song, false)];
}

function byPlace(one: MediaFile, other: MediaFile): number {
  const place = (file: MediaFile): number => (typeof file.details.order === "number" ? file.details.order : 0);
  return place(one) - place(other) || (one.name < other.name ? -1 : 1);
}

/** "upright_bass" as it is read: "Upright bass"; a number in front only orders files. */
function inWords(part: string): string {
  const words = part.replace(/^\d+_(?=.)/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
