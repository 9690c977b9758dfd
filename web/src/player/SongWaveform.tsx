import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { fetched, useSong } from "../api";
import { Button, IconButton, Spinner } from "../ui";
import { PlayButton } from "./PlayerDock";
import { player } from "./player";
import { onPlayerKey } from "./playerKeys";
import { Scrubber } from "./Scrubber";
import type { SongSection } from "./sections";
import { energyPath, sectionAt } from "./sections";
import { bestOf, type PlayerSource } from "./sources";
import { lengthInWords, minutes, placeInWords } from "./time";
import { peaksSeconds, usePeaks, useSections } from "./useForm";
import { useFrame } from "./useFrame";
import { usePlayer } from "./usePlayer";
import { useSources } from "./useSources";

const Drawing = lazy(async () => ({ default: (await fetched(() => import("./Drawing"))).Drawing }));

/** The song as a picture that is played: form, energy, waveform, and where it is. */
export function SongWaveform({ songId }: { songId: string }) {
  const sources = useSources(songId);
  const loaded = usePlayer((state) => (state.loaded?.songId === songId ? state.loaded : null));
  const offered = usePlayer((state) => (state.loaded?.songId === songId ? state.offered : null));
  useEffect(() => {
    if (sources?.length) player.suggest(sources);
  }, [sources]);
  const source = loaded ?? (sources ? bestOf(sources) : undefined);
  if (sources === null) return <Spinner label="Loading the sound" />;
  if (!source) return <Silence songId={songId} />;
  return <Picture songId={songId} source={source} here={loaded !== null} offered={offered} />;
}

function Silence({ songId }: { songId: string }) {
  const song = useSong(songId);
  const busy = song.data?.status === "running";
  return (
    <section aria-label="Waveform" className="player-wave player-wave-empty">
      <p className="dim">
        {busy
          ? "The sketch can be heard as soon as the parts are written, in a few seconds."
          : "There is nothing to hear yet: the sketch comes when the parts are written."}
      </p>
    </section>
  );
}

interface PictureProps {
  songId: string;
  source: PlayerSource;
  /** Whether the player has this song. */
  here: boolean;
  offered: PlayerSource | null;
}

function Picture({ songId, source, here, offered }: PictureProps) {
  const peaks = usePeaks(songId, source);
  const told = usePlayer((state) => (here ? state.duration : 0));
  const position = usePlayer((state) => (here ? state.position : 0));
  const duration = told || (peaks.data ? peaksSeconds(peaks.data) : 0);
  const sections = useSections(songId, source, duration);
  const [hover, setHover] = useState<number | null>(null);
  const seek = (seconds: number): void => {
    if (here) player.seek(seconds);
    else void player.listen(source).then(() => player.seek(seconds));
  };
  return (
    <section aria-label="Waveform" className="player-wave" onKeyDown={here ? onPlayerKey : undefined}>
      <div className="player-wave-head">
        {here ? (
          <PlayButton large />
        ) : (
          <IconButton
            label={`Play ${source.title}`}
            icon="play"
            look="primary"
            className="player-play player-play-large"
            onClick={() => void player.listen(source)}
          />
        )}
        <div className="player-wave-told">
          <span className="player-wave-label">{source.label}</span>
          <span className="player-time">{placeInWords(position, duration).replace(" of ", " / ")}</span>
        </div>
        {here && <RepeatButton sections={sections} position={position} />}
        {offered && (
          <Button size="small" look="primary" onClick={() => void player.listen(offered)}>
            Listen to the {offered.label.toLowerCase()}
          </Button>
        )}
      </div>
      <Sections sections={sections} duration={duration} position={position} onSeek={seek} />
      <div className="player-wave-box">
        <Energy sections={sections} duration={duration} />
        <Suspense fallback={null}>
          {peaks.data && <Drawing peaks={peaks.data} duration={duration} here={here} />}
        </Suspense>
        {peaks.isPending && <Spinner label="Drawing the waveform" />}
        {sections.slice(1).map(({ name, start }) => (
          <span key={`${name}${start}`} className="player-wave-mark" style={{ left: share(start, duration) }} />
        ))}
        <Playhead here={here} duration={duration} />
        <Scrubber
          className="player-wave-range"
          label="Place in the waveform"
          position={position}
          duration={duration}
          onSeek={seek}
          onHover={setHover}
        />
        {hover !== null && (
          <span className="player-wave-hover" aria-hidden="true" style={{ left: share(hover, duration) }}>
            {minutes(hover)}
          </span>
        )}
      </div>
    </section>
  );
}

/** The form above the waveform: every section is as wide as it is long, and leads to its beginning. */
function Sections(props: {
  sections: readonly SongSection[];
  duration: number;
  position: number;
  onSeek(seconds: number): void;
}) {
  const { sections, duration, position, onSeek } = props;
  const now = sectionAt(sections, position);
  if (sections.length === 0 || duration <= 0) return null;
  return (
    <ol className="player-sections" aria-label="Sections">
      {sections.map((section) => {
        const length = lengthInWords(section.end - section.start, section.bars);
        return (
          <li key={`${section.name}${section.start}`} style={{ flexGrow: section.end - section.start }}>
            <button
              type="button"
              className="player-section"
              aria-current={section === now ? "true" : undefined}
              title={`${section.name}, ${length}`}
              style={{ "--energy": section.energy } as React.CSSProperties}
              onClick={() => onSeek(section.start)}
            >
              <span className="player-section-name">{section.name}</span>
              <span className="player-section-length">{length}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function RepeatButton({ sections, position }: { sections: readonly SongSection[]; position: number }) {
  const repeat = usePlayer((state) => state.repeat);
  const now = sectionAt(sections, position);
  if (!repeat && !now) return null;
  const name = repeat?.name ?? now?.name ?? "";
  return (
    <Button
      look="quiet"
      size="small"
      icon="redo"
      aria-pressed={repeat !== null}
      onClick={() => player.loop(repeat || !now ? null : { name: now.name, from: now.start, to: now.end })}
    >
      Repeat {name}
    </Button>
  );
}

function Energy({ sections, duration }: { sections: readonly SongSection[]; duration: number }) {
  const path = energyPath(sections, duration);
  if (!path) return null;
  return (
    <svg className="player-energy" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
      <path className="player-energy-area" d={`${path}L1,1L0,1Z`} />
      <path className="player-energy-line" d={path} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

function Playhead({ here, duration }: { here: boolean; duration: number }) {
  const playing = usePlayer((state) => state.playing);
  const position = usePlayer((state) => state.position);
  const line = useRef<HTMLSpanElement>(null);
  useFrame(here && playing, () => {
    if (line.current) line.current.style.left = share(here ? player.now() : 0, duration);
  });
  return here ? (
    <span ref={line} className="player-wave-head-line" style={{ left: share(position, duration) }} />
  ) : null;
}

function share(seconds: number, duration: number): string {
  return `${duration > 0 ? Math.min(100, (seconds / duration) * 100) : 0}%`;
}
