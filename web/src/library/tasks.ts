/** What providers are asked for and how that stands, in words. */

import type { ErrorKind, ProviderTaskView } from "../api/schema";
import { TASKS } from "../describe/tasks";

const NAMES: ReadonlyMap<string, string> = new Map(TASKS.map(({ id, name }) => [id, name.toLowerCase()]));

/** "the whole song"; a task that this page has not heard of is told as it is called. */
export const taskName = (task: string): string => NAMES.get(task) ?? task.replaceAll("_", " ");

const STATES: Readonly<Record<string, string>> = {
  pending: "about to be ordered",
  submitting: "being ordered",
  running: "at work",
  succeeded: "done",
  refused: "not taken",
  failed: "failed",
  outcome_unknown: "nobody knows whether it was taken",
  cancelled: "given up",
};

const ERRORS: Readonly<Record<ErrorKind, string>> = {
  auth: "the key was not accepted",
  insufficient_credits: "the account has no credits left",
  plan_denied: "the account's plan does not allow it",
  moderation: "the words were refused",
  copyright: "it came too near to a protected work",
  invalid_request: "the order was not understood",
  not_found: "the order is not known there",
  rate_limited: "too many orders at a time",
  concurrency_limit: "too many orders at once",
  overloaded: "it had too much to do",
  upstream: "it had trouble of its own",
  timeout: "it took too long",
  outcome_unknown: "its answer never came",
  result_expired: "the result was not kept",
  unsupported: "it cannot do that",
};

/** How a call stands: "done", "failed: the account has no credits left". */
export function callState(call: Pick<ProviderTaskView, "status" | "error_kind">): string {
  const state = STATES[call.status] ?? call.status.replaceAll("_", " ");
  return call.error_kind ? `${state}: ${ERRORS[call.error_kind]}` : state;
}
