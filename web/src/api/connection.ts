import { createStore, type Store, useStore } from "./store";

/**
 * How the studio and the server stand: `live`, `reconnecting` (the server answers, but the stream of events broke and is
 * being taken up again), `gone` (the server does not answer; the studio goes on asking).
 */
export type Connection = "live" | "reconnecting" | "gone";

const WAITS_MS = [500, 1000, 2000, 4000];
const PROBE_TIMEOUT_MS = 4000;

const reachable = createStore(true);
const streaming = createStore(true);
export const connection: Store<Connection> = createStore<Connection>("live");

const derive = () => connection.set(!reachable.get() ? "gone" : streaming.get() ? "live" : "reconnecting");
reachable.subscribe(derive);
streaming.subscribe(derive);

export function useConnection(): Connection {
  return useStore(connection);
}

/** The server answered something, even if it was a refusal. */
export function serverAnswered(): void {
  reachable.set(true);
}

/** The server did not answer: ask for signs of life until there is one. */
export function serverSilent(): void {
  if (!reachable.get()) return;
  reachable.set(false);
  void askUntilItAnswers();
}

/** Whether the stream that is wanted is open, or none is wanted. */
export function streamIs(open: boolean): void {
  streaming.set(open);
}

/** Told when the server answers again after it did not. */
export function onReturn(listener: () => void): () => void {
  return reachable.subscribe(() => reachable.get() && listener());
}

/** Look whether the server is there, when something makes it doubtful. */
export async function checkServer(): Promise<void> {
  if (!(await alive())) serverSilent();
}

// A browser without a network may still reach a server on its own machine.
globalThis.addEventListener?.("offline", () => void checkServer());

async function askUntilItAnswers(): Promise<void> {
  for (let tries = 0; !reachable.get(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, WAITS_MS[tries] ?? WAITS_MS[WAITS_MS.length - 1]));
    if (await alive()) serverAnswered();
  }
}

async function alive(): Promise<boolean> {
  try {
    const answer = await fetch("/livez", { cache: "no-store", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return answer.ok;
  } catch {
    return false;
  }
}
