/** Names of genres, instruments, scales and sections. The data is written by `python -m music.glossary`. */

import data from "./glossary.json";

export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly words: readonly string[];
}

export const GENRES: readonly Entry[] = data.genres;
export const INSTRUMENTS: readonly Entry[] = data.instruments;
export const SCALES: readonly string[] = data.scales;
export const SECTIONS: readonly string[] = data.sections;

/** The usual spellings; a key signature that nobody writes is left out. */
export const TONICS: readonly string[] = ["C", "C#", "Db", "D", "Eb", "E", "F", "F#", "Gb", "G", "Ab", "A", "Bb", "B"];
export const METRES: readonly string[] = ["4/4", "3/4", "2/4", "6/8", "9/8", "12/8", "5/4", "7/8"];

const NAMES = new Map([...GENRES, ...INSTRUMENTS].map((entry) => [entry.id, entry.name]));

const folded = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[_\s]+/g, " ");

/** What an id is called; an id that is not known is shown with spaces. */
export function nameOf(id: string): string {
  return NAMES.get(id) ?? sentence(id.replaceAll("_", " "));
}

/** A key's sign as musicians write it: F♯, B♭. */
export function tonicName(tonic: string): string {
  return tonic.replaceAll("#", "♯").replace(/(?<=^[A-G])b+/, (flats) => "♭".repeat(flats.length));
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The entry that a word means: its name, its id or another word for it; undefined for none. */
export function meant(text: string, entries: readonly Entry[]): Entry | undefined {
  const word = folded(text);
  if (!word) return undefined;
  return (
    entries.find((entry) => folded(entry.name) === word || folded(entry.id) === word) ??
    entries.find((entry) => entry.words.some((other) => folded(other) === word))
  );
}

/** Up to `count` entries for what is being typed: names that begin with it first, then any that contain it. */
export function suggestions(text: string, entries: readonly Entry[], count = 8): Entry[] {
  const word = folded(text);
  const rank = (entry: Entry): number => {
    const name = folded(entry.name);
    if (name.startsWith(word)) return 0;
    if (name.includes(word)) return 1;
    if (entry.words.some((other) => folded(other).startsWith(word))) return 2;
    return entry.words.some((other) => folded(other).includes(word)) ? 3 : 4;
  };
  const ranked = entries.map((entry) => ({ entry, at: rank(entry) })).filter(({ at }) => at < 4);
  return ranked
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ entry }) => entry);
}
