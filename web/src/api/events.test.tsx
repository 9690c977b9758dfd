import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useCommand } from "./commands";
import { onSongMessage, useSongEvents } from "./events";
import { keys } from "./keys";
import { asProblem, type Problem } from "./problem";
import { useSong } from "./queries";
import { event, songAt } from "./samples";
import type { LiveMessage } from "./schema";
import type { Song } from "./song";

class FakeEventSource {
  static all: FakeEventSource[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly url: string) {
    FakeEventSource.all.push(this);
  }
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.listeners.set(type, listener);
  }
  close() {
    this.closed = true;
  }
  say(message: LiveMessage & { type?: string }) {
    this.listeners.get(message.type ?? "progress")?.(new MessageEvent("", { data: JSON.stringify(message) }));
  }
}

const open = () => FakeEventSource.all.filter((source) => !source.closed);
let served: Map<string, Song>;
let asked: { path: string; headers: Headers; body: unknown }[];
let refusal: { status: number; body: object; etag: string } | null;
let mediaReads: number;
let client: QueryClient;

beforeEach(() => {
  FakeEventSource.all = [];
  served = new Map([
    ["one", songAt(7, { id: "one" })],
    ["two", songAt(3, { id: "two" })],
  ]);
  [asked, refusal, mediaReads] = [[], null, 0];
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  vi.stubGlobal("EventSource", FakeEventSource);
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    if (request.method === "POST") {
      asked.push({ path, headers: request.headers, body: await request.json() });
      if (refusal) {
        return new Response(JSON.stringify(refusal.body), { status: refusal.status, headers: { ETag: refusal.etag } });
      }
      const decided = { command_id: "1", kind: "advance", verdict: "accepted", message: "", status: "running" };
      const allowed = { current_stage: "composition", allowed_commands: ["hold"], allowed_targets: [] };
      return new Response(JSON.stringify({ ...decided, ...allowed }), { status: 202 });
    }
    const song = served.get(path.split("/")[3] ?? "");
    if (!song) return new Response(JSON.stringify({ title: "Not found", detail: "", status: 404 }), { status: 404 });
    return new Response(JSON.stringify(song), { headers: { ETag: song?.etag ?? "" } });
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

let command: ReturnType<typeof useCommand>;

function Watched({ id }: { id: string }) {
  useSongEvents(id);
  const { data: song, error } = useSong(id);
  useQuery({
    queryKey: keys.media(id),
    queryFn: () => {
      mediaReads += 1;
      return [];
    },
  });
  command = useCommand(id);
  if (error) return <p>{asProblem(error).title}</p>;
  return <p>{song ? `${song.id}: ${song.status} at ${song.sequence}, ${song.now?.label ?? "still"}` : "loading"}</p>;
}

const page = (...ids: string[]) => (
  <QueryClientProvider client={client}>
    {ids.map((id) => (
      <Watched key={id} id={id} />
    ))}
  </QueryClientProvider>
);

it("shows what happens to a song, and asks again for what became stale", async () => {
  render(page("one"));
  await waitFor(() => expect(open()).toHaveLength(1));
  expect(open()[0]?.url).toBe("/v1/compositions/one/events?after=7");
  const heard: LiveMessage[] = [];
  const stop = onSongMessage((_, message) => heard.push(message));
  act(() => open()[0]?.say(event(8, "audio_ready", { stage: "arrangement", url: "/x" })));
  await screen.findByText("one: running at 8, still");
  await waitFor(() => expect(mediaReads).toBe(2));
  const line = { stage: "mixing", step: "mix", label: "mixing bass", fraction: 0.2, done: 1, total: 8, time: "x" };
  act(() => open()[0]?.say(line as LiveMessage));
  await screen.findByText("one: running at 8, mixing bass");
  expect(heard).toHaveLength(2);
  stop();
});

it("reads what became stale in quick succession once", async () => {
  render(page("one"));
  await waitFor(() => expect(open()).toHaveLength(1));
  act(() => {
    for (let seq = 8; seq < 28; seq += 1) open()[0]?.say(event(seq, "audio_ready", { stage: "mixing", url: "/x" }));
  });
  await screen.findByText("one: running at 27, still");
  await waitFor(() => expect(mediaReads).toBe(2));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(mediaReads).toBe(2);
});

it("has one stream in a tab: the newest song's, and the other's again after it", async () => {
  const { rerender, unmount } = render(page("one"));
  await waitFor(() => expect(open().map((source) => source.url)).toEqual(["/v1/compositions/one/events?after=7"]));
  rerender(page("one", "two"));
  await waitFor(() => expect(open().map((source) => source.url)).toEqual(["/v1/compositions/two/events?after=3"]));
  rerender(page("one"));
  await waitFor(() => expect(open().map((source) => source.url)).toEqual(["/v1/compositions/one/events?after=7"]));
  unmount();
  expect(open()).toEqual([]);
});

it("finds out that a song is shared no more, and as what it is shared", async () => {
  render(page("one"));
  await waitFor(() => expect(open()).toHaveLength(1));
  served.set("one", songAt(7, { id: "one", status: "held" }));
  act(() => open()[0]?.onerror?.());
  await waitFor(() => expect(open()).toHaveLength(1), { timeout: 3000 });
  act(() => open()[0]?.onopen?.());
  await screen.findByText("one: held at 7, still");
  served.delete("one");
  for (let tries = 0; tries < 2; tries += 1) {
    await waitFor(() => expect(open()).toHaveLength(1), { timeout: 3000 });
    act(() => open()[0]?.onerror?.());
  }
  await screen.findByText("Not found");
});

it("sends a step forward for the stage that was seen, and shows at once what was decided", async () => {
  served.set("one", songAt(7, { id: "one", status: "waiting" }));
  render(page("one"));
  await screen.findByText("one: waiting at 7, still");
  await act(() => command.send("advance"));
  expect(asked[0]).toMatchObject({ path: "/v1/compositions/one/advances", body: { expected_stage: "ideation" } });
  expect(asked[0]?.headers.get("If-Match")).toBeNull();
  await screen.findByText("one: running at 7, still");
});

it("refuses to change a song that has changed since, and keeps why at the control", async () => {
  render(page("one"));
  await screen.findByText(/^one/);
  refusal = {
    status: 412,
    body: { title: "Changed", detail: "its tempo was changed by Ada", code: "x" },
    etag: '"9.3"',
  };
  let thrown: unknown;
  await act(async () => {
    thrown = await command.send("revise", { changes: {} }, { ifMatch: true }).catch((error: unknown) => error);
  });
  expect(asked[0]?.headers.get("If-Match")).toBe('"7.3"');
  expect((thrown as Problem).outdated).toBe(true);
  expect(command.problem).toMatchObject({ detail: "its tempo was changed by Ada", etag: '"9.3"' });
  expect(command.sending).toBeNull();
  act(() => command.clear());
  expect(command.problem).toBeNull();
});

it("chooses a take by its address, not in the body", async () => {
  render(page("one"));
  await screen.findByText(/^one/);
  await act(() => command.send("choose_take", { take: 2, stage: "composition" }));
  expect(asked[0]).toMatchObject({ path: "/v1/compositions/one/takes/2/choice", body: { stage: "composition" } });
});
