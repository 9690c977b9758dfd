/** Lyrics in their sections, and when each line is sung. Headings and their sections are found as the score finds them. */

import { beatsPerBar, NEAR, type Score, type Section, secondsAt, sectionLabel } from "./score";

export interface Verse {
  /** As it is written, "" where there is none. */
  readonly heading: string;
  readonly lines: readonly string[];
}

export interface SungLine {
  readonly text: string;
  /** Seconds; null where nobody knows when it is sung. */
  readonly from: number | null;
  readonly to: number | null;
}

export interface SungVerse {
  readonly heading: string;
  readonly lines: readonly SungLine[];
  readonly from: number | null;
  readonly to: number | null;
}

const NAMES = "intro|verse|pre-?chorus|chorus|refrain|hook|bridge|middle 8|solo|outro|strophe";
const HEADING = new RegExp(
  `^\\s*(?:\\[\\s*([^\\]]*?)\\s*\\]|#+\\s*(.*?)|\\(?((?:${NAMES})\\s*\\d*)\\s*(?:\\)|:|\\):))\\s*$`,
  "i",
);
const KINDS: Readonly<Record<string, string>> = {
  refrain: "chorus",
  hook: "chorus",
  "pre-chorus": "prechorus",
  "middle 8": "bridge",
  strophe: "verse",
};

export function versesOf(text: string): Verse[] {
  const verses: Verse[] = [];
  let heading = "";
  let lines: string[] = [];
  const close = () => {
    while (lines.at(-1)?.trim() === "") lines.pop();
    while (lines[0]?.trim() === "") lines.shift();
    if (lines.length > 0) verses.push({ heading, lines });
  };
  for (const line of text.split(/\r?\n/)) {
    const match = HEADING.exec(line);
    if (!match) {
      lines.push(line.trim());
      continue;
    }
    close();
    heading = (match[1] ?? match[2] ?? match[3] ?? "").trim();
    lines = [];
  }
  close();
  return verses;
}

/** The verses as they are sung: by sections where they have headings, a chorus again where it comes again. */
export function sungVerses(text: string, score: Score | null): SungVerse[] {
  const verses = versesOf(text);
  if (!score || !verses.some(({ heading }) => heading)) return verses.map(unsung);
  const waiting = [...verses];
  const last = new Map<string, Verse>();
  const sung: SungVerse[] = [];
  for (const [index, section] of score.sections.entries()) {
    const at = waiting.findIndex((verse) => belongs(verse, section));
    let found = at >= 0 ? waiting.splice(at, 1)[0] : undefined;
    if (found) last.set(section.kind, found);
    else if (section.kind === "chorus") found = last.get(section.kind);
    if (found) sung.push(timed(found, score, section, endOf(score, index)));
  }
  return [...sung, ...waiting.map(unsung)];
}

function unsung({ heading, lines }: Verse): SungVerse {
  return { heading, lines: lines.map((text) => ({ text, from: null, to: null })), from: null, to: null };
}

function belongs(verse: Verse, section: Section): boolean {
  const heading = verse.heading.toLowerCase();
  const plain = heading.replace(/\s*\d+$/, "");
  return section.name.toLowerCase() === heading || (KINDS[plain] ?? plain.replace(/-/g, "")) === section.kind;
}

function endOf(score: Score, index: number): number {
  const section = score.sections[index];
  return section ? (section.start_bar + section.bars) * beatsPerBar(score) : 0;
}

/** Lines take the notes of the tune in turn, a syllable each; where the tune is silent the lines share the section evenly. */
function timed(verse: Verse, score: Score, section: Section, end: number): SungVerse {
  const begin = section.start_bar * beatsPerBar(score);
  const tune = score.parts.find(({ role }) => role === "lead");
  const starts = [...new Set((tune?.notes ?? []).map(({ start }) => start))]
    .filter((start) => start >= begin - NEAR && start < end - NEAR)
    .sort((a, b) => a - b);
  const counts = verse.lines.map(syllables);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const beatOf = (syllable: number): number =>
    starts.length > 0 ? (starts[syllable] ?? end) : begin + ((end - begin) * syllable) / Math.max(1, total);
  let sungSoFar = 0;
  const lines = verse.lines.map((text, i) => {
    const count = counts[i] ?? 0;
    const from = beatOf(sungSoFar);
    sungSoFar += count;
    const to = sungSoFar >= total ? end : beatOf(sungSoFar);
    const isSung = count > 0 && from < end - NEAR;
    return {
      text,
      from: isSung ? secondsAt(from, score.tempo) : null,
      to: isSung ? secondsAt(Math.min(to, end), score.tempo) : null,
    };
  });
  return {
    heading: sectionLabel(section.name),
    lines,
    from: secondsAt(begin, score.tempo),
    to: secondsAt(end, score.tempo),
  };
}

const VOWELS = /[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ]+/g;

/** How many syllables a line has, by its vowels and hyphens; near enough to know which line is sung. */
export function syllables(line: string): number {
  return line
    .split(/[\s–—]+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .reduce((sum, word) => sum + inWord(word.toLowerCase()), 0);
}

function inWord(word: string): number {
  const parts = word.split("-").filter(Boolean);
  if (parts.length > 1) return parts.length;
  const letters = word.replace(/[^\p{L}\p{N}]+$/u, "");
  const groups = letters.match(VOWELS)?.length ?? 0;
  const silent = /[^aeiouy](e|es|ed)$/.test(letters) && !/(le|ted|ded)$/.test(letters);
  return Math.max(1, groups - (silent && groups > 1 ? 1 : 0));
}

/** The line that is sung at a time; null between them. */
export function lineAt(verses: readonly SungVerse[], seconds: number): { verse: number; line: number } | null {
  for (const [verse, { lines }] of verses.entries()) {
    for (const [line, { from, to }] of lines.entries()) {
      if (from !== null && to !== null && seconds >= from && seconds < to) return { verse, line };
    }
  }
  return null;
}
