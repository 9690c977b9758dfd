import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api, data, signedOut } from "./client";
import { connection, serverAnswered } from "./connection";
import { asProblem, Problem } from "./problem";

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/problem+json", ...headers } });

let asked: Request[];
let answers: (() => Response | Promise<Response>)[];
const lost = () => Promise.reject(new TypeError("Failed to fetch"));

beforeEach(() => {
  vi.useFakeTimers();
  [asked, answers] = [[], []];
  vi.stubGlobal("fetch", async (request: Request | string) => {
    if (typeof request === "string") return lost();
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (!answer) throw new Error("the test has no answer left");
    return answer();
  });
});

afterEach(() => {
  serverAnswered();
  signedOut.set(false);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function settle<T>(promise: Promise<T>): Promise<T | Problem> {
  const caught = promise.catch((error: unknown) => asProblem(error));
  await vi.advanceTimersByTimeAsync(10_000);
  return caught;
}

const hold = () => data(api.POST("/v1/compositions/{id}/holds", { params: { path: { id: "1" } } }));
const me = () => data(api.GET("/v1/me"));

describe("a call", () => {
  it("throws what the server says of a failure", async () => {
    const result = { command_id: "1", kind: "hold", verdict: "rejected", allowed_commands: ["retry"] };
    answers = [
      () => json(409, { title: "Refused", detail: "the song is blocked", code: "not_allowed", status: 409, result }),
    ];
    const problem = (await settle(hold())) as Problem;
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({
      title: "Refused",
      detail: "the song is blocked",
      code: "not_allowed",
      status: 409,
    });
    expect(problem.result?.allowed_commands).toEqual(["retry"]);
    expect(asked).toHaveLength(1);
  });

  it("keeps the present tag of a song that has changed", async () => {
    answers = [
      () =>
        json(
          412,
          { title: "Changed", detail: "its title was changed", code: "precondition_failed" },
          { ETag: '"9.1"' },
        ),
    ];
    expect(await settle(hold())).toMatchObject({ outdated: true, etag: '"9.1"', detail: "its title was changed" });
  });

  it("is repeated under the same key when the network fails, so that nothing is done twice", async () => {
    answers = [lost, lost, () => json(202, { command_id: "1" })];
    expect(await settle(hold())).toEqual({ command_id: "1" });
    const used = asked.map((request) => request.headers.get("Idempotency-Key"));
    expect(used).toHaveLength(3);
    expect(new Set(used).size).toBe(1);
    expect(used[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("has a key of its own each time it is made", async () => {
    answers = [() => json(202, {})];
    await settle(hold());
    await settle(hold());
    expect(new Set(asked.map((request) => request.headers.get("Idempotency-Key"))).size).toBe(2);
  });

  it("without a key is not repeated", async () => {
    answers = [lost];
    const rename = api.PATCH("/v1/compositions/{id}", { params: { path: { id: "1" } }, body: { title: "x" } });
    expect(await settle(rename)).toMatchObject({ unreachable: true });
    expect(asked).toHaveLength(1);
  });

  it("that nobody answers says so, and the banner is up until somebody does", async () => {
    answers = [lost];
    expect(await settle(me())).toMatchObject({ code: "unreachable", status: 0 });
    expect(connection.get()).toBe("gone");
    answers = [() => json(200, { owner: "local" })];
    await settle(me());
    expect(connection.get()).toBe("live");
  });

  it("of a server that hangs is given up", async () => {
    const patience = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
    vi.stubGlobal("fetch", (_: Request, options?: RequestInit) => {
      asked.push(_);
      return new Promise((_resolve, reject) =>
        options?.signal?.addEventListener("abort", () => reject(new Error("timeout"))),
      );
    });
    const reading = me().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    patience.abort();
    expect(await reading).toMatchObject({ unreachable: true });
    expect(asked).toHaveLength(1);
    expect(connection.get()).toBe("gone");
  });

  it("that a proxy answers for an absent server is one that nobody answers", async () => {
    answers = [() => new Response("<h1>502 Bad Gateway</h1>", { status: 502 })];
    expect(await settle(me())).toMatchObject({ unreachable: true });
    expect(connection.get()).toBe("gone");
  });

  it("that the server itself cannot fulfil now is no absence", async () => {
    answers = [() => json(503, { title: "Away", detail: "the database is away", code: "resource_unavailable" })];
    expect(await settle(me())).toMatchObject({ status: 503, unreachable: false });
    expect(connection.get()).toBe("live");
  });

  it("that needs a key asks for signing in", async () => {
    answers = [() => json(401, { title: "A key is needed", detail: "sign in", code: "unauthorized", status: 401 })];
    await settle(me());
    expect(signedOut.get()).toBe(true);
  });

  it("says after how long it is worth trying again", async () => {
    answers = [
      () => json(429, { title: "Too often", detail: "wait", code: "too_many_requests" }, { "Retry-After": "7" }),
    ];
    expect(await settle(me())).toMatchObject({ status: 429, retryAfter: 7 });
  });
});
