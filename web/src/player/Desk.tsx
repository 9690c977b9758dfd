import { useRef } from "react";
import { LOUDEST_DB, SILENT_DB } from "./levels";
import { player } from "./player";
import { onPlayerKey } from "./playerKeys";
import type { TrackState } from "./state";
import { useFrame } from "./useFrame";
import { usePlayer } from "./usePlayer";

const QUIETEST_SHOWN_DB = -48;

/** The channels of what is loaded. */
export function Desk({ label }: { label: string }) {
  const tracks = usePlayer((state) => state.tracks);
  const selected = usePlayer((state) => state.selected);
  const alone = tracks.some(({ soloed }) => soloed);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a form around it
    <div role="group" aria-label={label} className="player-desk" onKeyDown={onPlayerKey}>
      {tracks.map((track) => (
        <ChannelStrip
          key={track.id}
          track={track}
          quiet={alone ? !track.soloed : track.muted}
          selected={track.id === selected}
        />
      ))}
    </div>
  );
}

function ChannelStrip({ track, quiet, selected }: { track: TrackState; quiet: boolean; selected: boolean }) {
  const { id, name, muted, soloed, gain } = track;
  const shown = gain <= SILENT_DB ? "silent" : `${gain > 0 ? "+" : ""}${gain.toFixed(1)} dB`;
  return (
    <fieldset
      className="player-channel"
      data-quiet={quiet || undefined}
      data-selected={selected || undefined}
      onFocus={() => player.select(id)}
    >
      <legend className="player-channel-name">{name}</legend>
      <div className="player-channel-row">
        <button
          type="button"
          className="player-key player-key-mute"
          aria-pressed={muted}
          aria-label={`Mute ${name}`}
          title={`Mute ${name} (M)`}
          onClick={() => player.mute(id)}
        >
          M
        </button>
        <button
          type="button"
          className="player-key player-key-solo"
          aria-pressed={soloed}
          aria-label={`Solo ${name}`}
          title={`Solo ${name} (S)`}
          onClick={() => player.solo(id)}
        >
          S
        </button>
        <input
          type="range"
          className="player-fader"
          aria-label={`Level of ${name}`}
          aria-valuetext={shown}
          min={SILENT_DB}
          max={LOUDEST_DB}
          step={0.5}
          value={gain}
          onChange={(event) => player.setGain(id, event.target.valueAsNumber)}
          onDoubleClick={() => player.setGain(id, 0)}
          style={{ "--part": (gain - SILENT_DB) / (LOUDEST_DB - SILENT_DB) } as React.CSSProperties}
        />
        <output className="player-gain">{shown}</output>
      </div>
      <Meter id={id} />
    </fieldset>
  );
}

function Meter({ id }: { id: string }) {
  const playing = usePlayer((state) => state.playing);
  const bar = useRef<HTMLDivElement>(null);
  useFrame(playing, () => {
    if (bar.current) bar.current.style.transform = `scaleX(${meterShare(player.levelOf(id))})`;
  });
  return (
    <div className="player-meter" aria-hidden="true">
      <div ref={bar} className="player-meter-bar" />
    </div>
  );
}

/** How far a meter of -48 to 0 dB is lit. */
export function meterShare(peak: number): number {
  const decibels = peak > 0 ? 20 * Math.log10(peak) : QUIETEST_SHOWN_DB;
  return Math.min(1, Math.max(0, 1 - decibels / QUIETEST_SHOWN_DB));
}
