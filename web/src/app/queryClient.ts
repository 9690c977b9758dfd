import { QueryClient } from "@tanstack/react-query";
import { asProblem, onReturn } from "../api";

const TRIES = 3;

/** Trying again helps where the server was away or busy, not where it said no. */
export function worthTryingAgain(failures: number, error: unknown): boolean {
  const { status, unreachable } = asProblem(error);
  return failures < TRIES && (unreachable || status === 429 || status >= 500);
}

export function retryDelay(failures: number, error: unknown): number {
  const asked = asProblem(error).retryAfter;
  return asked === null ? Math.min(8000, 500 * 2 ** failures) : asked * 1000;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The server is often on this very machine, which is reached without any network.
      networkMode: "always",
      staleTime: 5000,
      gcTime: 10 * 60_000,
      retry: worthTryingAgain,
      retryDelay,
    },
    mutations: { networkMode: "always" },
  },
});

// What could not be asked for while the server was away, and what may have changed meanwhile.
onReturn(() => void queryClient.invalidateQueries());
