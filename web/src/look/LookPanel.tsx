import { type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";
import { fetched } from "../api";
import { Spinner, type TabItem, Tabs } from "../ui";
import { useWish } from "./useSongParts";

type Tab = ComponentType<{ songId: string }>;

const RollTab = lazy(() => fetched(() => import("./roll/RollTab")).then(({ RollTab }) => ({ default: RollTab })));
const ScoreTab = lazy(() => fetched(() => import("./ScoreTab")).then(({ ScoreTab }) => ({ default: ScoreTab })));
const ChordsTab = lazy(() => fetched(() => import("./ChordsTab")).then(({ ChordsTab }) => ({ default: ChordsTab })));
const LyricsTab = lazy(() => fetched(() => import("./LyricsTab")).then(({ LyricsTab }) => ({ default: LyricsTab })));
const LoudnessTab = lazy(() =>
  fetched(() => import("./LoudnessTab")).then(({ LoudnessTab }) => ({ default: LoudnessTab })),
);
const SpectrumTab = lazy(() =>
  fetched(() => import("./SpectrumTab")).then(({ SpectrumTab }) => ({ default: SpectrumTab })),
);
const MixTab = lazy(() => fetched(() => import("./MixTab")).then(({ MixTab }) => ({ default: MixTab })));
const ReportTab = lazy(() => fetched(() => import("./ReportTab")).then(({ ReportTab }) => ({ default: ReportTab })));

const BEFORE_WORDS: readonly (readonly [string, string, Tab])[] = [
  ["roll", "Piano roll", RollTab],
  ["score", "Score", ScoreTab],
  ["chords", "Chords", ChordsTab],
];
const AFTER_WORDS: readonly (readonly [string, string, Tab])[] = [
  ["loudness", "Loudness", LoudnessTab],
  ["spectrum", "Spectrum", SpectrumTab],
  ["mix", "Mix", MixTab],
  ["report", "Report", ReportTab],
];

/** The song to look at: notes, score, chords, words, loudness, spectrum, what the mix decided, and the report. */
export function LookPanel({ songId }: { songId: string }) {
  const [chosen, setChosen] = useState("roll");
  const words = useWish(songId, "creative.lyrics");
  const tab = ([id, label, Content]: readonly [string, string, Tab]): TabItem => ({
    id,
    label,
    content: () => <Loaded>{<Content songId={songId} />}</Loaded>,
  });
  const lyrics: TabItem[] =
    typeof words === "string" && words.trim()
      ? [
          {
            id: "lyrics",
            label: "Lyrics",
            content: () => <Loaded>{<LyricsTab songId={songId} text={words} />}</Loaded>,
          },
        ]
      : [];
  const items = [...BEFORE_WORDS.map(tab), ...lyrics, ...AFTER_WORDS.map(tab)];
  return (
    <div className="look">
      <Tabs label="Look at the song" items={items} value={chosen} onChange={setChosen} />
    </div>
  );
}

function Loaded({ children }: { children: ReactNode }) {
  return <Suspense fallback={<Spinner label="Loading" />}>{children}</Suspense>;
}
