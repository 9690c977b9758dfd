import createClient, { type Middleware } from "openapi-fetch";
import { serverAnswered, serverSilent } from "./connection";
import { isAbsence, Problem, problemOf, unreachable } from "./problem";
import type { paths } from "./schema";
import { createStore } from "./store";

/** Whether the server asks who we are: the app then shows the sign-in page, and comes back to the same place. */
export const signedOut = createStore(false);

const WAITS_MS = [300, 1200];
const PATIENCE_MS = 30_000;

/** A key that makes a repeated call harmless. (`crypto.randomUUID` is missing on pages that came without TLS.) */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * `fetch` that notices whether the server answers. A call that can be repeated without harm is repeated; reading waits for a
 * while only, so that a server that hangs is noticed.
 */
export async function steadyFetch(request: Request): Promise<Response> {
  const reading = request.method === "GET";
  const waits = reading || request.headers.has("Idempotency-Key") ? WAITS_MS : [];
  for (let tries = 0; ; tries += 1) {
    const patience = reading ? AbortSignal.timeout(PATIENCE_MS) : null;
    try {
      const answer = await fetch(request.clone(), patience ? { signal: either(request.signal, patience) } : undefined);
      if (isAbsence(answer)) throw unreachable();
      serverAnswered();
      return answer;
    } catch (error) {
      if (request.signal.aborted) throw error;
      const wait = waits[tries];
      if (wait === undefined || patience?.aborted) break;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  serverSilent();
  throw unreachable();
}

/** A signal that both can give. */
function either(one: AbortSignal, other: AbortSignal): AbortSignal {
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort(signal.reason);
    signal.addEventListener("abort", () => both.abort(signal.reason), { once: true });
  }
  return both.signal;
}

const telling: Middleware = {
  onRequest({ request }) {
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", newKey());
    }
    return request;
  },
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return;
    const problem = await problemOf(response);
    if (problem.status === 401) signedOut.set(true);
    throw problem;
  },
};

/** The typed client: `await data(api.GET("/v1/me"))`. Every failure is thrown as a `Problem`. */
export const api = createClient<paths>({ baseUrl: origin(), fetch: steadyFetch });
api.use(telling);

/** The data of an answer; throws the `Problem` where there is none. */
export async function data<T>(answer: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data: found, response } = await answer;
  if (found === undefined) throw new Problem({ status: response.status, title: "The server answered with nothing" });
  return found;
}

function origin(): string {
  return typeof location === "undefined" || location.origin === "null" ? "http://localhost" : location.origin;
}
