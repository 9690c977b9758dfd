import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES, EVERYTHING, reduce } from "./reducer";
import { event, songAt } from "./samples";

const statuses = (song: { stages: { status: string }[] }) => song.stages.map((stage) => stage.status);

describe("a song after a message", () => {
  it("shows each kind of event that says how the song looks", () => {
    let song = songAt(1, {
      waiting_for: "a decision",
      blocked: { code: "error", stage: "ideation", reason: "", missing: [] },
    });
    const take = (type: string, payload: object) => {
      song = reduce(song, event(song.sequence + 1, type, payload)).song;
    };
    take("stage_started", { stage: "ideation", revision: 1, take: 1 });
    expect(song.stages[0]).toMatchObject({ status: "running", revision: 1, started_at: "2026-03-01T12:00:00Z" });
    expect(song).toMatchObject({ status: "running", blocked: null, waiting_for: null });

    const progress = {
      stage: "ideation",
      step: "understand",
      label: "reading",
      fraction: 0.5,
      done: 1,
      total: 2,
      time: "x",
    };
    song = reduce(song, progress as never).song;
    expect(song.now).toEqual(progress);

    take("stage_complete", {
      stage: "ideation",
      progress: 14.3,
      revision: 1,
      take: 1,
      computed: 2,
      reused: 1,
      seconds: 3,
    });
    expect(song).toMatchObject({ progress: 14.3, now: null });
    expect(song.stages[0]).toMatchObject({ status: "done", computed: 2, reused: 1, seconds: 3 });

    take("stage_changed", { from_stage: "ideation", to_stage: "composition", by: "local" });
    expect(song.current_stage).toBe("composition");

    take("take_ready", { stage: "composition", take: 3 });
    expect(song.stages[1]?.takes).toBe(3);

    take("review_requested", { stage: "composition", deadline: null });
    expect(song).toMatchObject({ status: "waiting", waiting_since: "2026-03-01T12:00:00Z" });

    take("stage_blocked", { stage: "arrangement", reason: "no voice is set up", missing: ["a voice"] });
    expect(song.blocked).toMatchObject({ stage: "arrangement", reason: "no voice is set up", missing: ["a voice"] });

    take("stage_stale", { stages: ["mixing", "mastering"] });
    expect(statuses(song)).toEqual(["done", "awaiting_review", "blocked", "pending", "stale", "stale", "pending"]);

    take("song_completed", { checks_ok: true, seconds: 40 });
    expect(song).toMatchObject({ status: "completed", is_completed: true, checks_ok: true, progress: 100 });

    take("song_cancelled", { by: "local" });
    expect(song.status).toBe("cancelled");
  });

  it("counts the event, and its tag is that of the event with the edition that was seen", () => {
    const { song } = reduce(songAt(11), event(12, "context_changed", { paths: [], by: "ada" }));
    expect(song).toMatchObject({ sequence: 12, etag: '"12.3"' });
  });

  it("leaves the song that it was given as it is", () => {
    const before = songAt(1);
    const copy = structuredClone(before);
    reduce(before, event(2, "stage_started", { stage: "mixing", revision: 1, take: 1 }));
    expect(before).toEqual(copy);
  });

  it("asks again for the files when something can be heard, and for what is allowed after a command", () => {
    expect(reduce(songAt(1), event(2, "audio_ready", { stage: "mixing", url: "/x" })).stale).toContain("media");
    expect(reduce(songAt(1), event(2, "command_accepted", {})).stale).toEqual(["detail", "revisions", "takes"]);
    expect(reduce(songAt(1), event(2, "command_rejected", {})).stale).toEqual([]);
  });
});

describe("what is not the next event", () => {
  it("repeats nothing of what the song shows, though its files may be older", () => {
    const before = songAt(9, { current_stage: "mixing" });
    const { song, stale } = reduce(before, event(4, "stage_complete", { stage: "ideation", progress: 14.3 }));
    expect(song).toBe(before);
    expect(stale).toContain("media");
    expect(stale).not.toContain("detail");
  });

  it("asks for everything after a gap, and guesses nothing", () => {
    const before = songAt(4);
    const { song, stale } = reduce(before, event(6, "song_completed", { checks_ok: true }));
    expect(song).toBe(before);
    expect(stale).toEqual(EVERYTHING);
  });

  it("counts an unknown kind, and asks for everything", () => {
    const { song, stale } = reduce(songAt(4), event(5, "stage_applauded", { stage: "mixing" }));
    expect(song.sequence).toBe(5);
    expect(stale).toEqual(EVERYTHING);
  });
});

it("knows every kind of event that the API's document names", () => {
  const document = JSON.parse(readFileSync("../docs/openapi.json", "utf8"));
  expect([...EVENT_TYPES].sort()).toEqual([...document.components.schemas.EventType.enum].sort());
});
