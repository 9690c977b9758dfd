import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { Button, IconButton, Menu } from "../ui";
import { Desk } from "./Desk";
import { player } from "./player";
import { onPlayerKey } from "./playerKeys";
import { Scrubber } from "./Scrubber";
import type { PlayerSource } from "./sources";
import { bestOf, newsOf, stemsOf } from "./sources";
import type { Comparison, SideName } from "./state";
import { minutes } from "./time";
import { usePlayer } from "./usePlayer";

/** What plays, at the bottom of every page. Shows nothing while nothing is loaded. */
export function PlayerDock() {
  const loaded = usePlayer((state) => state.loaded);
  const dock = useHeight(loaded !== null);
  const [open, setOpen] = useState(false);
  if (!loaded) return null;
  return (
    <section ref={dock} aria-label="Player" className="player-dock" onKeyDown={onPlayerKey}>
      <Trouble />
      <Offer />
      {open && (
        <div className="player-drawer">
          <Desk label="Channels in the player" />
        </div>
      )}
      <div className="player-bar">
        <PlayButton />
        <div className="player-what">
          <Link href={`/songs/${loaded.songId}`} className="player-title">
            {loaded.title}
          </Link>
          <SourceChoice loaded={loaded} />
        </div>
        <Place />
        <div className="player-tools">
          <Sides />
          <StemsButton open={open} onOpen={setOpen} />
          <Volume />
        </div>
      </div>
    </section>
  );
}

export function PlayButton({ large = false }: { large?: boolean }) {
  const playing = usePlayer((state) => state.playing);
  const loading = usePlayer((state) => state.loading);
  return (
    <IconButton
      label={playing ? "Pause" : "Play"}
      icon={playing ? "pause" : "play"}
      look="primary"
      className={`player-play ${large ? "player-play-large" : ""}`}
      data-waiting={(playing && loading) || undefined}
      onClick={() => player.toggle()}
    />
  );
}

function Place() {
  const position = usePlayer((state) => state.position);
  const duration = usePlayer((state) => state.duration);
  return (
    <div className="player-place">
      <span className="player-time">{minutes(position)}</span>
      <Scrubber label="Place in the song" position={position} duration={duration} onSeek={(at) => player.seek(at)} />
      <span className="player-time">{minutes(duration)}</span>
    </div>
  );
}

/** What of the song is heard: its sketch, a mix, the master, the stems, of any revision. */
function SourceChoice({ loaded }: { loaded: PlayerSource }) {
  const sources = usePlayer((state) => state.sources);
  const comparing = usePlayer((state) => state.ab !== null);
  if (comparing || sources.length < 2) return <span className="player-label">{loaded.label}</span>;
  return (
    <select
      className="player-source"
      aria-label="What to hear"
      value={loaded.id}
      onChange={(event) => {
        const chosen = sources.find(({ id }) => id === event.target.value);
        if (chosen) void player.choose(chosen);
      }}
    >
      {!sources.some(({ id }) => id === loaded.id) && <option value={loaded.id}>{loaded.label}</option>}
      {sources.map(({ id, label }) => (
        <option key={id} value={id}>
          {label}
        </option>
      ))}
    </select>
  );
}

function Sides() {
  const ab = usePlayer((state) => state.ab);
  const loaded = usePlayer((state) => state.loaded);
  const sources = usePlayer((state) => state.sources);
  if (!loaded) return null;
  if (ab) return <Comparing ab={ab} />;
  const others = sources.filter((source) => source.id !== loaded.id && source.tracks[0]?.hash !== undefined);
  if (others.length === 0) return null;
  return (
    <Menu
      label="Compare"
      items={others.map((other) => ({ label: other.label, onSelect: () => void player.compare(loaded, other) }))}
    />
  );
}

const MATCHED: Readonly<Record<Comparison["matched"], string>> = {
  matched: "Both sides are equally loud",
  measuring: "Measuring how loud they are",
  unknown: "As loud as they are: one of them is silent",
};

function Comparing({ ab }: { ab: Comparison }) {
  const sides: readonly SideName[] = ["a", "b"];
  return (
    <fieldset className="player-sides">
      <legend className="visually-hidden">Compare</legend>
      {sides.map((side) => (
        <button
          key={side}
          type="button"
          className="player-side"
          aria-pressed={ab.side === side}
          title={`${ab[side].label}${ab.gains[side] < 0 ? `, turned down by ${(-ab.gains[side]).toFixed(1)} dB` : ""}`}
          onClick={() => player.pickSide(side)}
        >
          <strong>{side.toUpperCase()}</strong> <span className="player-side-label">{ab[side].label}</span>
        </button>
      ))}
      <span className="player-matched">{MATCHED[ab.matched]}</span>
      <IconButton label="End the comparison" icon="close" size="small" onClick={() => void player.endComparison()} />
    </fieldset>
  );
}

function StemsButton({ open, onOpen }: { open: boolean; onOpen(open: boolean): void }) {
  const loaded = usePlayer((state) => state.loaded);
  const sources = usePlayer((state) => state.sources);
  const comparing = usePlayer((state) => state.ab !== null);
  const several = usePlayer((state) => state.tracks.length > 1);
  const stems = stemsOf(sources);
  useEffect(() => {
    if (open && !several) onOpen(false);
  }, [open, several, onOpen]);
  if (!several && (!stems || comparing)) return null;
  const press = async (): Promise<void> => {
    if (several) return onOpen(!open);
    if (stems) await player.choose(stems);
    onOpen(true);
  };
  return (
    <>
      <Button look="quiet" size="small" aria-expanded={open} onClick={() => void press()}>
        Stems
      </Button>
      {open && !comparing && loaded && <WholeAgain sources={sources} />}
    </>
  );
}

function WholeAgain({ sources }: { sources: readonly PlayerSource[] }) {
  const best = bestOf(sources);
  return best ? (
    <Button look="quiet" size="small" className="player-whole" onClick={() => void player.choose(best)}>
      {best.label}
    </Button>
  ) : null;
}

function Volume() {
  const volume = usePlayer((state) => state.volume);
  const silent = usePlayer((state) => state.silent);
  return (
    <div className="player-volume">
      <IconButton
        label={silent ? "Sound on" : "Sound off"}
        icon="volume"
        size="small"
        aria-pressed={silent}
        onClick={() => player.silence(!silent)}
      />
      <input
        type="range"
        className="player-fader"
        aria-label="Volume"
        aria-valuetext={silent ? "silent" : `${Math.round(volume * 100)} per cent`}
        min={0}
        max={1}
        step={0.01}
        value={volume}
        style={{ "--part": silent ? 0 : volume } as React.CSSProperties}
        onChange={(event) => player.setVolume(event.target.valueAsNumber)}
      />
    </div>
  );
}

function Offer() {
  const offered = usePlayer((state) => state.offered);
  if (!offered) return null;
  return (
    <div className="player-note" role="status">
      <span>{newsOf(offered)}.</span>
      <Button size="small" look="primary" onClick={() => void player.listen(offered)}>
        Listen
      </Button>
      <IconButton label="Not now" icon="close" size="small" onClick={() => player.dismissOffer()} />
    </div>
  );
}

function Trouble() {
  const problem = usePlayer((state) => state.problem);
  if (!problem) return null;
  return (
    <div className="player-note player-trouble" role="alert">
      <span>
        <strong>{problem.title}.</strong> {problem.detail}
      </span>
      <Button size="small" onClick={() => void player.retry()}>
        Try again
      </Button>
    </div>
  );
}

/** Tells the page how high the dock is, so that nothing hides under it. */
function useHeight(shown: boolean) {
  const dock = useRef<HTMLElement>(null);
  useEffect(() => {
    const { style } = document.documentElement;
    const element = dock.current;
    if (!shown || !element) return;
    const observer = new ResizeObserver(() => style.setProperty("--dock-height", `${element.offsetHeight}px`));
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty("--dock-height");
    };
  }, [shown]);
  return dock;
}
