import { useCallback, useRef, useState } from "react";
import {
  asProblem,
  type CommandAnswer,
  type CommandBodies,
  type CommandKind,
  newKey,
  type Problem,
  useCommand,
} from "../api";

export interface Deed {
  /** Send a command once; null where it was refused (see `problem`) or one is under way already. */
  run<K extends CommandKind>(kind: K, body?: CommandBodies[K], ifMatch?: string): Promise<CommandAnswer | null>;
  readonly busy: boolean;
  /** Why it was refused, for the place of this very control. */
  readonly problem: Problem | null;
  readonly clear: () => void;
}

/**
 * One intention at one control. A second press while it is under way does nothing; a press after nobody answered
 * repeats the same intention under the same key, so that what did arrive is not done twice.
 */
export function useDeed(songId: string): Deed {
  const { send } = useCommand(songId);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const under = useRef(false);
  const unanswered = useRef<{ readonly what: string; readonly key: string } | null>(null);

  const run = useCallback(
    async <K extends CommandKind>(
      kind: K,
      body?: CommandBodies[K],
      ifMatch?: string,
    ): Promise<CommandAnswer | null> => {
      if (under.current) return null;
      under.current = true;
      setBusy(true);
      setProblem(null);
      const what = JSON.stringify([kind, body ?? {}]);
      const key = unanswered.current?.what === what ? unanswered.current.key : newKey();
      try {
        const answer = await send(kind, body, { key, ...(ifMatch ? { ifMatch } : {}) });
        unanswered.current = null;
        return answer;
      } catch (error) {
        const found = asProblem(error);
        unanswered.current = found.unreachable ? { what, key } : null;
        setProblem(found);
        return null;
      } finally {
        under.current = false;
        setBusy(false);
      }
    },
    [send],
  );
  const clear = useCallback(() => setProblem(null), []);
  return { run, busy, problem, clear };
}
