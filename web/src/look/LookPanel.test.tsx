import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EXAMPLE } from "./example";
import { LookPanel } from "./LookPanel";

// Tabs are loaded when they are chosen, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

const ORDER = ["ideation", "composition", "arrangement", "production", "mixing", "mastering", "finalization"];
const VERIFICATION = {
  checks: [
    { name: "loudness", asked: "-14 LUFS", measured: -14.02, ok: true },
    { name: "clicks", asked: "none", measured: 3, ok: false },
  ],
  unchecked: ["key: no key stands out"],
  measured: { integrated_lufs: -14.02 },
};

/** A server with one song, of which some stages have made documents. */
function serve(lyrics: string | null, made: Record<string, Record<string, unknown>>): void {
  const documents = new Map<string, unknown>();
  const outputs = (stage: string) =>
    Object.fromEntries(
      Object.entries(made[stage] ?? {}).map(([name, document]) => {
        const hash = `${stage}-${name}`;
        documents.set(hash, document);
        return [
          name,
          { hash, size: 1, media_type: "application/json", type: "document", filename: null, metadata: {} },
        ];
      }),
    );
  const stages = ORDER.map((stage) => ({
    stage,
    status: made[stage] ? "done" : "pending",
    outputs: outputs(stage),
    decisions: [],
  }));
  const song = { id: "s", title: "Example", role: "owner", context: { creative: { lyrics } }, stages };
  const answer = (path: string): unknown => {
    if (path.endsWith("/v1/compositions/s")) return song;
    if (path.endsWith("/media")) return { items: [] };
    const stage = /\/stages\/(\w+)$/.exec(path)?.[1];
    if (stage) return stages.find((one) => one.stage === stage);
    return documents.get(/\/v1\/media\/([^/]+)\/content$/.exec(path)?.[1] ?? "");
  };
  vi.stubGlobal("fetch", async (input: Request | string) => {
    const found = answer(new URL(typeof input === "string" ? input : input.url, "http://localhost").pathname);
    const status = found === undefined ? 404 : 200;
    const headers = { "Content-Type": "application/json", ETag: '"1.0"' };
    return new Response(JSON.stringify(found ?? { title: "none", status }), { status, headers });
  });
}

function open(): void {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <LookPanel songId="s" />
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener() {} }));
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const choose = async (name: string) => fireEvent.click(await screen.findByRole("tab", { name }));

describe("before a song has anything to look at", () => {
  it("says what is missing and which stage brings it", async () => {
    serve(null, {});
    open();
    expect(await screen.findByText("No notes yet")).toBeDefined();
    expect(screen.getByText(/This comes with the stage Arrangement/)).toBeDefined();
    await choose("Report");
    expect(await screen.findByText("No report yet")).toBeDefined();
    expect(screen.getByText(/the stage Finalization/)).toBeDefined();
    await choose("Mix");
    expect(await screen.findByText("Not mixed yet")).toBeDefined();
    expect(screen.queryByRole("tab", { name: "Lyrics" })).toBeNull();
  });
});

describe("a song with notes", () => {
  it("has a piano roll to walk through, with its parts in words", async () => {
    serve(null, { arrangement: { score: EXAMPLE } });
    open();
    const roll = await screen.findByRole("application", { name: "Piano roll of Example" });
    fireEvent.keyDown(roll, { key: "ArrowRight" });
    expect(await screen.findByText("Melody, B♭4, bar 1 beat 1, two beats")).toBeDefined();
    const part = screen.getByRole("button", { name: "Melody" });
    expect(part.getAttribute("aria-pressed")).toBe("true");
    fireEvent.click(part);
    expect(part.getAttribute("aria-pressed")).toBe("false");
    fireEvent.keyDown(roll, { key: "Home" });
    expect(await screen.findByText(/^Bass, B♭1/)).toBeDefined();
    expect(
      screen.getByRole("row", { name: /Kit 4 closed hi-hat, bass drum, snare Pre-chorus/, hidden: true }),
    ).toBeDefined();
  });

  it("has a chord chart and, with words, lyrics", async () => {
    serve("[Verse 1]\nRain on glass", { arrangement: { score: EXAMPLE } });
    open();
    await choose("Chords");
    expect(await screen.findByRole("button", { name: /^Bar\s*3\s*Gm\s*i\s*D7\/F♯\s*V7/ })).toBeDefined();
    await choose("Lyrics");
    expect(await screen.findByRole("button", { name: "Rain on glass" })).toBeDefined();
  });
});

it("tells in words what holds and what does not", async () => {
  serve(null, { finalization: { verification: VERIFICATION } });
  open();
  await choose("Report");
  expect(await screen.findByText(/1 of 2 checks hold/)).toBeDefined();
  expect(screen.getByRole("row", { name: "Loudness −14 LUFS −14.02 LUFS holds" })).toBeDefined();
  expect(screen.getByRole("row", { name: "Clicks none 3 does not hold" })).toBeDefined();
  expect(screen.getByText("key: no key stands out")).toBeDefined();
});
