import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api, data, newKey } from "./client";
import { keys } from "./keys";
import { asProblem, Problem } from "./problem";
import type {
  AdvanceBody,
  ChoiceBody,
  CommandAnswer,
  CommandKind,
  PlainBody,
  RevertBody,
  ReviewBody,
  ReviseBody,
} from "./schema";
import type { Song } from "./song";

/** What each command is sent with. */
export interface CommandBodies {
  advance: Partial<AdvanceBody>;
  revise: Partial<ReviseBody>;
  revert: RevertBody;
  hold: PlainBody;
  resume: PlainBody;
  retry: PlainBody;
  cancel: PlainBody;
  set_review: ReviewBody;
  choose_take: ChoiceBody & { take: number };
  accept_enhancement: PlainBody;
  reject_enhancement: PlainBody;
}

const PATHS: Record<CommandKind, string> = {
  advance: "advances",
  revise: "revisions",
  revert: "reversions",
  hold: "holds",
  resume: "resumptions",
  retry: "retries",
  cancel: "cancellations",
  set_review: "review-settings",
  choose_take: "takes/{take}/choice",
  accept_enhancement: "enhancements/latest/acceptance",
  reject_enhancement: "enhancements/latest/rejection",
};

/** `ifMatch`: act only on the song as it was seen: an entity tag, or `true` for the one on the page. */
export interface SendOptions {
  ifMatch?: string | boolean;
  /** The key of an earlier try, to repeat it without harm. */
  key?: string;
}

export interface Command {
  /** Send a command. Resolves with what the song decided; rejects with a `Problem` that is also kept in `problem`. */
  send<K extends CommandKind>(kind: K, body?: CommandBodies[K], options?: SendOptions): Promise<CommandAnswer>;
  /** The kind that is under way, or null. */
  sending: CommandKind | null;
  /** Why the last one failed; show it beside the control. */
  problem: Problem | null;
  clear(): void;
}

/** Commands to a song. An `advance` says which stage it was meant for, so that of two who click at once one wins. */
export function useCommand(songId: string): Command {
  const client = useQueryClient();
  const [sending, setSending] = useState<CommandKind | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const send: Command["send"] = useCallback(
    async (kind, body, options) => {
      setSending(kind);
      setProblem(null);
      try {
        return await sendCommand(client, songId, kind, body, options);
      } catch (error) {
        const told = asProblem(error);
        setProblem(told);
        throw told;
      } finally {
        setSending(null);
      }
    },
    [client, songId],
  );
  const clear = useCallback(() => setProblem(null), []);
  return { send, sending, problem, clear };
}

async function sendCommand<K extends CommandKind>(
  client: QueryClient,
  songId: string,
  kind: K,
  body: CommandBodies[K] | undefined,
  options: SendOptions = {},
): Promise<CommandAnswer> {
  const seen = client.getQueryData<Song>(keys.detail(songId));
  const { take, ...rest } = { ...(body ?? {}) } as Record<string, unknown>;
  if (kind === "advance" && seen && !("expected_stage" in rest)) rest.expected_stage = seen.current_stage;
  const tag = options.ifMatch === true ? seen?.etag : options.ifMatch || undefined;
  const headers = { "Idempotency-Key": options.key ?? newKey(), ...(tag && { "If-Match": tag }) };
  const path = `/v1/compositions/{id}/${PATHS[kind]}` as "/v1/compositions/{id}/advances";
  const where = { id: songId, ...(take !== undefined && { take }) };
  try {
    const answer = await data(api.POST(path, { params: { path: where }, body: rest as AdvanceBody, headers }));
    decided(client, songId, answer);
    return answer;
  } catch (error) {
    // A refusal says what is allowed now; the page was behind.
    if (error instanceof Problem && (error.result || error.outdated)) {
      void client.invalidateQueries({ queryKey: keys.detail(songId) });
    }
    throw error;
  }
}

/** What the song decided is true at once; the events that follow bring the rest. */
function decided(client: QueryClient, songId: string, answer: CommandAnswer): void {
  if (answer.verdict === "accepted") {
    client.setQueryData<Song>(
      keys.detail(songId),
      (song) =>
        song && {
          ...song,
          status: answer.status,
          current_stage: answer.current_stage,
          allowed_commands: answer.allowed_commands,
          allowed_targets: answer.allowed_targets,
        },
    );
  }
}
