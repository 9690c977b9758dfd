import { expect, test } from "vitest";
import type { MediaView } from "../api/schema";
import { downloadsOf, releaseReport, releaseSize, sizeWords } from "./downloads";

const file = (given: Partial<MediaView>): MediaView => ({
  name: "master",
  filename: null,
  stage: "finalization",
  revision: 1,
  take: 1,
  type: "document",
  media_type: "application/octet-stream",
  hash: "0",
  size: 1,
  details: {},
  url: "",
  created_at: "2026-11-30T10:00:00Z",
  ...given,
});

const stages = [
  { stage: "mixing", revision: 2, take: 1 },
  { stage: "mastering", revision: 2, take: 1 },
  { stage: "finalization", revision: 2, take: 1 },
] as const;

const files = [
  file({ name: "master.wav", filename: "master.wav", type: "audio_wav", revision: 2, size: 50 }),
  file({ name: "master.wav", filename: "master.wav", type: "audio_wav", revision: 1, size: 40 }),
  file({ name: "mix", stage: "mixing", type: "audio_wav", revision: 2, size: 30 }),
  file({ name: "mixed:bass", stage: "mixing", type: "stems", revision: 2, size: 5 }),
  file({ name: "mixed:drums", stage: "mixing", type: "stems", revision: 2, size: 7 }),
  file({ name: "leadsheet", filename: "leadsheet.musicxml", type: "score", revision: 2, size: 9 }),
  file({ name: "musicxml", filename: "song.musicxml", type: "score", revision: 2, size: 11 }),
  file({ name: "pianoroll", filename: "pianoroll.png", type: "score", revision: 2, size: 100 }),
  file({ name: "report_html", filename: "report.html", type: "report", revision: 2, size: 13 }),
  file({ name: "report_json", filename: "report.json", type: "report", revision: 2, size: 17 }),
];

test("each format comes from the newest state of the latest stage that has it", () => {
  expect(downloadsOf("song", files, stages).map((one) => [one.format, one.stage, one.size])).toEqual([
    ["wav", "finalization", 50],
    ["stems", "mixing", 12],
    ["musicxml", "finalization", 11],
    ["report", "finalization", 13],
  ]);
});

test("before the song is finished its WAV is told as what it is", () => {
  const [wav] = downloadsOf("song", files, [stages[0]]);
  expect([wav?.stage, wav?.about, wav?.url]).toEqual([
    "mixing",
    "the rough mix",
    "/v1/compositions/song/download?format=wav",
  ]);
});

test("a song without files has nothing to take home", () => {
  expect(downloadsOf("song", [], stages)).toEqual([]);
});

test("the release weighs what its report lists and what finalization names, each file once", () => {
  const report = {
    files: [
      { path: "master.wav", bytes: 50 },
      { path: "stems/bass.wav", bytes: 5 },
    ],
  };
  expect(releaseReport(files, stages)?.name).toBe("report_json");
  expect(releaseSize(report, files, stages)).toBe(50 + 5 + 9 + 11 + 100 + 13 + 17);
  expect(releaseSize("no report", [], stages)).toBe(0);
});

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [849_067, "849 kB"],
  [5_757_228, "5.8 MB"],
  [2_000_000_000, "2.0 GB"],
])("%i bytes are %s", (bytes, words) => {
  expect(sizeWords(bytes)).toBe(words);
});
