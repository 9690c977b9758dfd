import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "../api";
import { announce } from "../ui";
import { enhance } from "./api";
import { asked } from "./brief";
import type { Draft } from "./draft";
import { nameOf, tonicName } from "./glossary";
import { sorted } from "./problems";
import { enhanceBody } from "./request";
import type { Form } from "./useForm";

/** A prompt being read: one at a time, and one that can be called off. */
export interface ReadingOut {
  readonly busy: boolean;
  /** What went wrong, where that belongs to no field. */
  readonly problem: Problem | null;
  read(draft: Draft): Promise<void>;
  cancel(): void;
}

export function useReading(form: Form): ReadingOut {
  const { change, refuse } = form;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const under = useRef<AbortController>(undefined);

  const cancel = useCallback(() => {
    under.current?.abort();
    under.current = undefined;
    setBusy(false);
  }, []);
  useEffect(() => () => under.current?.abort(), []);

  const read = useCallback(
    async (draft: Draft) => {
      under.current?.abort();
      const mine = new AbortController();
      under.current = mine;
      setBusy(true);
      setProblem(null);
      refuse({});
      try {
        const answer = await enhance(enhanceBody(draft), mine.signal);
        if (mine.signal.aborted) return;
        change({ reading: { asked: asked(draft), answer }, verdict: "open" });
        announce(`The brief is ready: ${inShort(answer.context)}`);
      } catch (error) {
        if (mine.signal.aborted) return;
        const problem = asProblem(error);
        const told = sorted(problem);
        refuse(told.fields);
        setProblem(told.general ? problem : null);
      } finally {
        if (under.current === mine) {
          under.current = undefined;
          setBusy(false);
        }
      }
    },
    [change, refuse],
  );
  return { busy, problem, read, cancel };
}

/** "Waltz in D minor, 120 bpm". */
function inShort(context: Readonly<Record<string, unknown>>): string {
  const { genre, key, scale, tempo } = (context.musical ?? {}) as Record<string, unknown>;
  const style = Array.isArray(genre) && genre.length ? nameOf(String(genre[0])) : "a song";
  const tonality = typeof key === "string" ? ` in ${tonicName(key)} ${String(scale ?? "").replaceAll("_", " ")}` : "";
  return `${style}${tonality}${typeof tempo === "number" ? `, ${tempo} bpm` : ""}`;
}
