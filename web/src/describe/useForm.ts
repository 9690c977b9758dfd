import { type Dispatch, type SetStateAction, useCallback, useEffect, useMemo, useState } from "react";
import { sameAsUnderstood } from "./brief";
import { type Corrected, type Corrections, corrected, type Draft, type Keeping, keepDraft, keptDraft } from "./draft";
import type { FieldProblems, FormField } from "./problems";

/** The form of a new song: what is in it, what the API found wrong with it, and the ways to change it. */
export interface Form {
  readonly draft: Draft;
  readonly problems: FieldProblems;
  change(patch: Partial<Draft>): void;
  /** Set a field of the brief; the value that was understood, or `undefined`, takes the correction back. */
  correct<F extends Corrected>(field: F, value: Corrections[F] | undefined): void;
  readonly refuse: Dispatch<SetStateAction<FieldProblems>>;
}

/** The tab's own storage. Asking for it may already throw, which those who use it expect. */
export const drawer: Keeping = {
  getItem: (name) => sessionStorage.getItem(name),
  setItem: (name, value) => sessionStorage.setItem(name, value),
  removeItem: (name) => sessionStorage.removeItem(name),
};

/** Parts of a draft whose problems have another name than they. */
const PROBLEM_OF: Partial<Record<keyof Draft, FormField>> = { preferred: "providers", forbidden: "providers" };

export function useForm(): Form {
  const [draft, setDraft] = useState(() => keptDraft(drawer));
  const [problems, refuse] = useState<FieldProblems>({});
  useEffect(() => keepDraft(draft, drawer), [draft]);

  const change = useCallback((patch: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...patch }));
    refuse((now) =>
      without(
        now,
        Object.keys(patch).map((name) => PROBLEM_OF[name as keyof Draft] ?? name),
      ),
    );
  }, []);
  const correct: Form["correct"] = useCallback((field, value) => {
    setDraft((now) => corrected(now, field, sameAsUnderstood(now, field, value) ? undefined : value));
    refuse((now) => without(now, [field]));
  }, []);
  return useMemo(() => ({ draft, problems, change, correct, refuse }), [draft, problems, change, correct]);
}

function without(problems: FieldProblems, names: readonly string[]): FieldProblems {
  return Object.fromEntries(Object.entries(problems).filter(([name]) => !names.includes(name)));
}
