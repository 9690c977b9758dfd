import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { Problem, signedOut } from "../api";
import { Failure } from "./Failure";
import { Gate } from "./Gate";
import { retryDelay, worthTryingAgain } from "./queryClient";
import { placeIn } from "./SignIn";

const KEY = "ada-key-0123456789abcdef";

/** A server that knows one key, and a cookie once it was given it. */
let cookie: boolean;
let body: unknown;

beforeEach(() => {
  cookie = false;
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    const answer = (status: number, value: unknown) => new Response(JSON.stringify(value), { status });
    if (path === "/v1/sessions") {
      body = await request.json();
      cookie = (body as { api_key: string }).api_key === KEY;
      if (cookie) return answer(201, { owner: "ada", name: "Ada", scopes: [], expires_at: null });
    }
    if (cookie && path === "/v1/me") return answer(200, { owner: "ada", name: "Ada", scopes: [], via: "session" });
    return answer(401, {
      title: "A key is needed",
      detail: "this key is not known",
      status: 401,
      code: "unauthorized",
    });
  });
});

afterEach(() => {
  cleanup();
  signedOut.set(false);
  vi.unstubAllGlobals();
});

function Broken(): never {
  throw new Error("a chord with no notes");
}

function Draft() {
  const [text, setText] = useState("");
  return <textarea aria-label="Prompt" value={text} onChange={(event) => setText(event.target.value)} />;
}

function show(path: string) {
  const { hook, history } = memoryLocation({ path, record: true });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <Router hook={hook}>
        <Gate>
          <Draft />
        </Gate>
      </Router>
    </QueryClientProvider>,
  );
  return { history, client };
}

function signIn(key: string) {
  fireEvent.change(screen.getByLabelText("API key"), { target: { value: key } });
  fireEvent.submit(screen.getByLabelText("API key"));
}

it("asks somebody unknown for a key where they are, and then shows the page there", async () => {
  const { history } = show("/new");
  await screen.findByRole("heading", { name: "Sign in" });
  expect(screen.queryByLabelText("Prompt")).toBeNull();
  signIn("a wrong one");
  await screen.findByText(/this key is not known/);
  signIn(` ${KEY} `);
  await screen.findByLabelText("Prompt");
  expect(body).toEqual({ api_key: KEY });
  expect(history).toEqual(["/new"]);
});

it("keeps the page of somebody whose session ends in the middle of it", async () => {
  cookie = true;
  const { client } = show("/new");
  await waitFor(() => expect(client.getQueryData(["me"])).toBeTruthy());
  fireEvent.change(screen.getByLabelText("Prompt"), { target: { value: "a slow waltz" } });
  cookie = false;
  signedOut.set(true);
  await screen.findByText(/You are signed out. What you typed is kept/);
  expect(screen.getByLabelText<HTMLTextAreaElement>("Prompt").value).toBe("a slow waltz");
});

it("asks for a key again after signing out", async () => {
  cookie = true;
  const { client } = show("/new");
  await waitFor(() => expect(client.getQueryData(["me"])).toBeTruthy());
  cookie = false;
  client.clear();
  signedOut.set(true);
  await screen.findByRole("heading", { name: "Sign in" });
  expect(screen.queryByLabelText("Prompt")).toBeNull();
});

it("does not stand before an invitation", async () => {
  show("/join/t0ken");
  await waitFor(() => expect(signedOut.get()).toBe(true));
  expect(screen.getByLabelText("Prompt")).toBeTruthy();
});

it("stands before a song only where the server says that it is not public", async () => {
  const { client } = show("/songs/1");
  await waitFor(() => expect(signedOut.get()).toBe(true));
  expect(screen.getByLabelText("Prompt")).toBeTruthy();
  const closed = client.fetchQuery({
    queryKey: ["song", "1", "detail"],
    queryFn: () => Promise.reject(new Problem({ status: 401 })),
  });
  await closed.catch(() => undefined);
  await screen.findByRole("heading", { name: "Sign in" });
});

it("leads back to places of this studio only", () => {
  expect(placeIn("/songs/1?x=2")).toBe("/songs/1?x=2");
  for (const bad of [null, "", "https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "songs"]) {
    expect(placeIn(bad)).toBe("/");
  }
});

it("tries again where the server was away or busy, not where it said no", () => {
  for (const status of [401, 403, 404, 409, 412, 422]) expect(worthTryingAgain(0, new Problem({ status }))).toBe(false);
  for (const status of [429, 500, 503]) expect(worthTryingAgain(0, new Problem({ status }))).toBe(true);
  expect(worthTryingAgain(0, new Problem({ code: "unreachable" }))).toBe(true);
  expect(worthTryingAgain(3, new Problem({ status: 503 }))).toBe(false);
  expect(retryDelay(0, new Problem({ status: 503, retryAfter: 2 }))).toBe(2000);
});

it("keeps the rest of the studio where a page breaks", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  render(
    <>
      <p>what plays</p>
      <Failure>
        <Broken />
      </Failure>
    </>,
  );
  expect(screen.getByText("what plays")).toBeTruthy();
  expect(screen.getByText(/a chord with no notes/)).toBeTruthy();
});
