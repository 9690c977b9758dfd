import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { asProblem, keys } from "../api";
import { start } from "./api";
import { type Draft, forgetDraft } from "./draft";
import { sorted } from "./problems";
import { startBody } from "./request";
import { startOnce } from "./start";
import { drawer, type Form } from "./useForm";

export interface Starting {
  readonly busy: boolean;
  /** What went wrong that belongs to no field. */
  readonly problem: string | null;
  begin(draft: Draft): Promise<void>;
}

/** The start of the song; `done` is given its id. */
export function useStart(form: Form, done: (id: string) => void): Starting {
  const { refuse } = form;
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  // A second click can come before the button is drawn as busy.
  const under = useRef(false);

  const begin = useCallback(
    async (draft: Draft) => {
      if (under.current) return;
      under.current = true;
      setBusy(true);
      setProblem(null);
      refuse({});
      try {
        const song = await startOnce(startBody(draft), start, drawer);
        forgetDraft(drawer);
        void client.invalidateQueries({ queryKey: keys.allSongs });
        done(song.id);
      } catch (error) {
        const told = sorted(asProblem(error));
        refuse(told.fields);
        setProblem(told.general);
      } finally {
        under.current = false;
        setBusy(false);
      }
    },
    [client, refuse, done],
  );
  return { busy, problem, begin };
}
