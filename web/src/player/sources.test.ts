// @vitest-environment node
import { describe, expect, it } from "vitest";
import { bestOf, isNewer, type MediaFile, type PlayerSource, sourcesOf, stemsOf, streamedSketch } from "./sources";

const SONG = { id: "s", title: "Rain" };

function file(stage: string, name: string, change: Partial<MediaFile> = {}): MediaFile {
  const revision = change.revision ?? 1;
  return {
    name,
    stage,
    revision,
    take: 1,
    type: "audio_wav",
    media_type: "audio/wav",
    hash: `${stage}${name}${revision}`.padEnd(64, "0"),
    size: 1000,
    url: `/v1/media/${name}/content`,
    created_at: `2026-03-0${revision}T12:00:00Z`,
    details: {},
    ...change,
  };
}

const FLAC = { type: "stems", media_type: "audio/flac" };
const FINISHED = [
  file("arrangement", "opening", { type: "preview", media_type: "audio/flac" }),
  file("arrangement", "preview", { type: "preview", media_type: "audio/flac" }),
  file("arrangement", "score", { type: "document", media_type: "application/json" }),
  file("production", "stem:bass", { ...FLAC, details: { headroom: 2 } }),
  file("production", "stem:drums", { ...FLAC, details: { headroom: 1 } }),
  file("mixing", "mix"),
  file("mixing", "mixed:upright_bass", { type: "stems", details: { order: 1 } }),
  file("mixing", "mixed:drums", { type: "stems", details: { order: 0 } }),
  file("mastering", "master", { details: { integrated_lufs: -14.1 } }),
  file("finalization", "master.flac", { media_type: "audio/flac" }),
  file("finalization", "master.mp3", { media_type: "audio/mpeg" }),
];

const labels = (sources: readonly PlayerSource[]): string[] => sources.map(({ label }) => label);

describe("what can be played", () => {
  it("is offered from the first sketch to the master", () => {
    expect(labels(sourcesOf(FINISHED, SONG))).toEqual(["Sketch", "Parts as played", "Stems", "Rough mix", "Master"]);
    expect(sourcesOf([], SONG)).toEqual([]);
  });

  it("has the stems in the order of the mix, with names to read", () => {
    const stems = stemsOf(sourcesOf(FINISHED, SONG));
    expect(stems?.tracks.map(({ id, name }) => [id, name])).toEqual([
      ["drums", "Drums"],
      ["upright_bass", "Upright bass"],
    ]);
  });

  it("undoes the headroom of parts, and knows the loudness of a master", () => {
    const sources = sourcesOf(FINISHED, SONG);
    const parts = sources.find(({ kind }) => kind === "parts");
    expect(parts?.tracks.map(({ scale }) => scale)).toEqual([2, undefined]);
    expect(sources.find(({ kind }) => kind === "master")?.loudness).toBe(-14.1);
  });

  it("names revisions only where there are several, newest first", () => {
    const again = [...FINISHED, file("mastering", "master", { revision: 2 })];
    expect(labels(sourcesOf(again, SONG)).slice(-2)).toEqual(["Master, revision 2", "Master, revision 1"]);
  });

  it("plays what was delivered where the master itself is gone, without loss first", () => {
    const delivered = FINISHED.filter(({ stage }) => stage === "finalization");
    expect(sourcesOf(delivered, SONG).map(({ tracks }) => tracks[0]?.mediaType)).toEqual(["audio/flac"]);
  });

  it("keeps its id as long as the files are the same", () => {
    const ids = sourcesOf(FINISHED, SONG).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(sourcesOf([...FINISHED].reverse(), SONG).map(({ id }) => id.split("/")[1])).toEqual(
      ids.map((id) => id.split("/")[1]),
    );
  });
});

describe("the default", () => {
  const upTo = (stages: string[]) =>
    bestOf(
      sourcesOf(
        FINISHED.filter(({ stage }) => stages.includes(stage)),
        SONG,
      ),
    );

  it.each([
    [["arrangement"], "sketch"],
    [["arrangement", "production"], "sketch"],
    [["arrangement", "production", "mixing"], "mix"],
    [["arrangement", "production", "mixing", "mastering"], "master"],
  ])("with %j is the %s", (stages, kind) => {
    expect(upTo(stages)?.kind).toBe(kind);
  });

  it("is none where nothing can be played", () => {
    expect(bestOf([])).toBeUndefined();
  });
});

describe("news", () => {
  const sources = sourcesOf([...FINISHED, file("mixing", "mix", { revision: 2 })], SONG);
  const of = (kind: string, revision = 1): PlayerSource => {
    const found = sources.find((source) => source.kind === kind && source.revision === revision);
    if (!found) throw new Error(`no ${kind} ${revision}`);
    return found;
  };

  it("is what comes later on the way, or later in time", () => {
    expect(isNewer(of("mix"), of("sketch"))).toBe(true);
    expect(isNewer(of("mix", 2), of("mix"))).toBe(true);
    expect(isNewer(of("mix"), of("mix", 2))).toBe(false);
    expect(isNewer(of("sketch"), of("master"))).toBe(false);
    expect(isNewer(of("mix"), of("mix"))).toBe(false);
  });

  it("is never of another song", () => {
    expect(isNewer({ ...of("master"), songId: "other" }, of("sketch"))).toBe(false);
  });

  it("is not the file of a sketch that was heard while it was made", () => {
    expect(isNewer(of("sketch"), streamedSketch(SONG, 1))).toBe(false);
    expect(isNewer(of("mix"), streamedSketch(SONG, 1))).toBe(true);
  });
});
