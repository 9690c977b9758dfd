import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { event, SONG_ID } from "./samples";
import type { LiveMessage, SongStatusView } from "./schema";
import { SongStream, type Source } from "./stream";

/** Plays the browser's side of a connection. */
class FakeSource implements Source {
  static all: FakeSource[] = [];
  onopen: Source["onopen"] = null;
  onerror: Source["onerror"] = null;
  closed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.listeners.set(type, listener);
  }

  close() {
    this.closed = true;
  }

  open() {
    this.onopen?.(new Event("open"));
  }

  fail() {
    this.onerror?.(new Event("error"));
  }

  say(message: LiveMessage, type = (message as { type?: string }).type ?? "progress") {
    this.listeners.get(type)?.(new MessageEvent(type, { data: JSON.stringify(message) }));
  }
}

const last = () => FakeSource.all.at(-1) as FakeSource;
const living = () => FakeSource.all.filter((source) => !source.closed).length;

let taken: LiveMessage[];
let missed: number[];
let states: boolean[];
let status: SongStatusView | null;
let looks: number;
let backs: number;
let stream: SongStream;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeSource.all = [];
  [taken, missed, states, looks, backs, status] = [[], [], [], 0, 0, null];
  stream = new SongStream({
    songId: SONG_ID,
    after: 7,
    onMessage: (message) => taken.push(message),
    onMissed: (sequence) => missed.push(sequence),
    onBack: () => {
      backs += 1;
    },
    onState: (open) => states.push(open),
    look: async () => {
      looks += 1;
      return status;
    },
    connect: (url) => new FakeSource(url),
  });
});

afterEach(() => {
  stream.stop();
  vi.useRealTimers();
});

const started = { stage: "mixing", revision: 1, take: 1 };

describe("a stream of events", () => {
  it("begins after what is known, and passes on what comes", () => {
    expect(last().url).toBe(`/v1/compositions/${SONG_ID}/events?after=7`);
    last().open();
    last().say(event(8, "stage_started", started));
    last().say({ stage: "mixing", step: "mix", label: "mixing", fraction: 0.1, done: 0, total: 1, time: "x" });
    expect(taken).toHaveLength(2);
    expect(states).toEqual([true]);
  });

  it("is taken up after the newest number, and passes on nothing twice", async () => {
    last().open();
    last().say(event(8, "stage_started", started));
    last().fail();
    expect(states.at(-1)).toBe(false);
    await vi.advanceTimersByTimeAsync(600);
    expect(last().url).toContain("after=8");
    last().open();
    last().say(event(8, "stage_started", started));
    last().say(event(9, "command_accepted"));
    expect(taken.map((message) => (message as { seq: number }).seq)).toEqual([8, 9]);
    expect(states.at(-1)).toBe(true);
  });

  it("tells when it is back after a break, and only then", async () => {
    last().open();
    expect(backs).toBe(0);
    last().fail();
    await vi.advanceTimersByTimeAsync(600);
    expect(backs).toBe(0);
    last().open();
    expect(backs).toBe(1);
  });

  it("waits longer after each failure, and never has two connections", async () => {
    const waited: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      const before = FakeSource.all.length;
      last().fail();
      const began = Date.now();
      while (FakeSource.all.length === before) await vi.advanceTimersByTimeAsync(50);
      waited.push(Date.now() - began);
      expect(living()).toBe(1);
    }
    expect(waited).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  });

  it("gives up on a connection that does not open", async () => {
    const first = last();
    await vi.advanceTimersByTimeAsync(15_600);
    expect(first.closed).toBe(true);
    expect(FakeSource.all).toHaveLength(2);
  });

  it("looks at the song while it is closed, and tells what was missed once", async () => {
    status = { sequence: 12, status: "running" } as SongStatusView;
    last().fail();
    await vi.advanceTimersByTimeAsync(7000);
    expect(looks).toBeGreaterThan(1);
    expect(missed).toEqual([12]);
    last().fail();
    await vi.advanceTimersByTimeAsync(3000);
    expect(last().url).toContain("after=12");
  });

  it("does not look at the song while it is open", async () => {
    last().open();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(looks).toBe(0);
  });

  it("ends with the song", async () => {
    last().open();
    last().say(event(8, "song_cancelled", { by: "ada" }));
    last().say(event(9, "command_accepted", { kind: "cancel", actor: "user:ada" }));
    expect(taken).toHaveLength(2);
    expect(living()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.all).toHaveLength(1);
    expect(states.at(-1)).toBe(true);
  });

  it("ends where nothing can follow: a cancelled song is answered with an empty stream", async () => {
    status = { sequence: 7, status: "cancelled" } as SongStatusView;
    last().fail();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(living()).toBe(0);
    expect(states.at(-1)).toBe(true);
  });

  it("makes a new connection when the machine has slept", async () => {
    last().open();
    const first = last();
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(first.closed).toBe(true);
    expect(living()).toBe(1);
  });

  it("says nothing after it was stopped", async () => {
    const source = last();
    stream.stop();
    source.fail();
    source.say(event(8, "stage_started", started));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(taken).toEqual([]);
    expect(FakeSource.all).toHaveLength(1);
  });
});
