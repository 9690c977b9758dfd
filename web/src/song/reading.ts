/** What free words are understood as, in words again: so that one sees it before it is done. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, asProblem, data, type Operation, type Problem, type Stage } from "../api";
import { nameOf, tonicName } from "../describe/glossary";
import { editWords } from "../history/edits";
import { sentence } from "./words";

type Teller = (value: unknown, path: string) => string;

const CALLED: Readonly<Record<string, string>> = {
  "musical.tempo": "tempo",
  "musical.key": "key",
  "musical.scale": "scale",
  "musical.mood.valence": "mood",
  "musical.mood.arousal": "energy",
  "musical.instruments": "instruments",
  "technical.loudness_target": "loudness",
};

const UNITS: Readonly<Record<string, string>> = { "musical.tempo": " bpm", "technical.loudness_target": " LUFS" };

const called = (path: string): string => CALLED[path] ?? path.split(".").slice(-1)[0]?.replaceAll("_", " ") ?? path;
const figure = (value: number): string => String(Number(value.toFixed(2))).replace("-", "−");
const band = (value: unknown): string =>
  (Array.isArray(value) ? value : [value]).map((one) => nameOf(String(one))).join(", ");

const scaled: Teller = (value, path) => {
  const percent = Math.abs((Number(value) - 1) * 100);
  const how = path === "musical.tempo" ? ["slower", "faster"] : ["less", "more"];
  return `${sentence(called(path))} ${figure(percent)} % ${how[Number(value) < 1 ? 0 : 1]}`;
};

const moved: Teller = (value, path) => {
  const up = Number(value) > 0;
  const words: Readonly<Record<string, readonly [string, string]>> = {
    "musical.mood.valence": ["A darker mood", "A brighter mood"],
    "musical.mood.arousal": ["Less energy", "More energy"],
  };
  const found = words[path];
  if (found) return found[up ? 1 : 0];
  const unit = path === "technical.loudness_target" ? " LU" : "";
  return `${sentence(called(path))} ${figure(Math.abs(Number(value)))}${unit} ${up ? "higher" : "lower"}`;
};

const set: Teller = (value, path) => {
  const shown =
    typeof value === "number" ? figure(value) : path === "musical.key" ? tonicName(String(value)) : String(value);
  return `${sentence(called(path))} ${shown.replaceAll("_", " ")}${UNITS[path] ?? ""}`;
};

/** What each kind of operation means for the song. */
const TELLERS: Readonly<Record<Operation["op"], Teller>> = {
  set,
  scale: scaled,
  add: moved,
  append: (value) => `${band(value)} joins the band`,
  remove: (value) =>
    Array.isArray(value) && value.length > 3 ? "These players leave the band" : `${band(value)} leaves the band`,
  new_take: () => "Another take of the stage",
  edit: (value) => sentence(editWords(value).replace(/^band in /, "")),
  undo: () => "The last edit is taken back",
  take: (value) => `${sentence(String(value))} written anew`,
};

export const operationWords = ({ op, path, value }: Operation): string => TELLERS[op](value, path ?? "");

export interface Reading {
  /** A line for each thing that is understood; nothing while there are no words or they are being read. */
  readonly lines: readonly string[];
  /** The earliest stage that is made again; null where that is the stage at which the song is. */
  readonly stage: Stage | null;
  /** Why the words are not understood. */
  readonly problem: Problem | null;
  readonly pending: boolean;
}

const SETTLES_MS = 350;

/** Reads words once they have not changed for a moment. */
export function useReading(words: string): Reading {
  const [settled, setSettled] = useState(words.trim());
  useEffect(() => {
    const timer = setTimeout(() => setSettled(words.trim()), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const found = useQuery({
    queryKey: ["instruction", settled],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/instructions/reading", { params: { query: { words: settled } }, signal })),
    enabled: settled !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const fresh = settled === words.trim() && settled !== "";
  return {
    lines: fresh ? (found.data?.operations.map(operationWords) ?? []) : [],
    stage: fresh ? (found.data?.stage ?? null) : null,
    problem: fresh && found.error ? asProblem(found.error) : null,
    pending: words.trim() !== "" && (!fresh || found.isPending),
  };
}

/** The reason alone: the forms that would be understood are named by the examples beside the field. */
export const briefly = (detail: string): string => detail.split(": say one of")[0] ?? detail;
