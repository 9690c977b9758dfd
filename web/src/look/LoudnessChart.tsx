import { type MouseEvent, useMemo, useState } from "react";
import type { LoudnessCurve } from "../api";
import { minutes } from "../player";
import { at, linePath, type Scale, TIME_STEPS, ticks, valueAt } from "./axis";
import { level, loudnessRange, readAt } from "./loudness";
import type { Stretch } from "./score";
import { usePosition } from "./useListening";
import { useWidth } from "./useWidth";

const HEIGHT = 300;
const BOX = { left: 40, right: 12, top: 30, bottom: 26 } as const;
const SECTION_ROOM = 7;

interface Props {
  songId: string;
  curve: LoudnessCurve;
  target: number | null;
  stretches: readonly Stretch[];
  title: string;
  onSeek(seconds: number): void;
}

export function LoudnessChart({ songId, curve, target, stretches, title, onSeek }: Props) {
  const [width, measure] = useWidth();
  const [pointed, setPointed] = useState<number | null>(null);
  const [low, high] = loudnessRange(curve, target);
  const x = useMemo<Scale>(
    () => ({ from: 0, to: curve.duration_s, start: BOX.left, end: Math.max(BOX.left + 1, width - BOX.right) }),
    [curve.duration_s, width],
  );
  const y = useMemo<Scale>(() => ({ from: low, to: high, start: HEIGHT - BOX.bottom, end: BOX.top }), [low, high]);
  const secondsOf = (event: MouseEvent<Element>) => {
    const left = event.currentTarget.getBoundingClientRect().left;
    return Math.min(curve.duration_s, Math.max(0, valueAt(x, event.clientX - left)));
  };
  return (
    <figure className="look-figure-box">
      <div ref={measure} className="look-svg-box">
        {width > 0 && (
          // biome-ignore lint/a11y/useKeyWithClickEvents: a shortcut for the pointer; the song's waveform has the keys
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={`Loudness of ${title} over time`}
            className="look-chart-svg"
            onClick={(event) => onSeek(secondsOf(event))}
            onMouseMove={(event) => setPointed(secondsOf(event))}
            onMouseLeave={() => setPointed(null)}
          >
            <Paper x={x} y={y} stretches={stretches} seconds={curve.duration_s} />
            <Curves curve={curve} x={x} y={y} />
            <Lines curve={curve} target={target} x={x} y={y} />
            <Playhead songId={songId} x={x} />
            {pointed !== null && (
              <line className="look-pointed" x1={at(x, pointed)} x2={at(x, pointed)} y1={BOX.top} y2={y.start} />
            )}
          </svg>
        )}
      </div>
      <figcaption className="look-key">
        <span className="look-key-momentary">momentary, 0.4 s</span>
        <span className="look-key-short">short-term, 3 s</span>
        <span className="look-key-whole">whole song</span>
        {target !== null && <span className="look-key-target">target</span>}
        <span className="look-readout">{pointed === null ? "LUFS over time" : readout(curve, pointed)}</span>
      </figcaption>
    </figure>
  );
}

function readout(curve: LoudnessCurve, seconds: number): string {
  const momentary = readAt(curve.momentary, curve.step_s, seconds);
  const short = readAt(curve.short_term, curve.step_s, seconds);
  const told = (value: number | null) => (value === null || value < -100 ? "–" : level(value));
  return `${minutes(seconds)}: momentary ${told(momentary)}, short-term ${told(short)}`;
}

function Paper({ x, y, stretches, seconds }: { x: Scale; y: Scale; stretches: readonly Stretch[]; seconds: number }) {
  return (
    <g>
      {stretches.map(({ name, from, to }, i) => {
        const [left, right] = [at(x, from), Math.min(x.end, at(x, to))];
        return (
          <g key={from}>
            {i % 2 === 1 && (
              <rect
                className="look-band"
                x={left}
                y={BOX.top}
                width={Math.max(0, right - left)}
                height={y.start - BOX.top}
              />
            )}
            <line className="look-edge" x1={left} x2={left} y1={BOX.top - 22} y2={y.start} />
            {right - left > name.length * SECTION_ROOM + 6 && (
              <text className="look-section-name" x={left + 4} y={BOX.top - 10}>
                {name}
              </text>
            )}
          </g>
        );
      })}
      {ticks(y.from, y.to, 8, [3, 6, 12]).map((value) => (
        <g key={value}>
          <line className="look-grid" x1={x.start} x2={x.end} y1={at(y, value)} y2={at(y, value)} />
          <text className="look-tick" x={x.start - 6} y={at(y, value) + 4} textAnchor="end">
            {level(value, 0)}
          </text>
        </g>
      ))}
      {ticks(0, seconds, Math.max(2, Math.floor((x.end - x.start) / 70)), TIME_STEPS).map((value) => (
        <text
          key={value}
          className="look-tick"
          x={at(x, value)}
          y={y.start + 17}
          textAnchor={value === 0 ? "start" : "middle"}
        >
          {minutes(value)}
        </text>
      ))}
    </g>
  );
}

function Curves({ curve, x, y }: { curve: LoudnessCurve; x: Scale; y: Scale }) {
  const [momentary, short] = useMemo(() => {
    const place = (index: number) => at(x, (index + 0.5) * curve.step_s);
    const heightOf = (value: number) => at(y, Math.max(y.from, value));
    return [linePath(curve.momentary, place, heightOf), linePath(curve.short_term, place, heightOf)];
  }, [curve, x, y]);
  return (
    <g fill="none">
      <path className="look-momentary" d={momentary} />
      <path className="look-short" d={short} />
    </g>
  );
}

function Lines({ curve, target, x, y }: { curve: LoudnessCurve; target: number | null; x: Scale; y: Scale }) {
  const whole = at(y, Math.max(y.from, curve.integrated_lufs));
  return (
    <g>
      <line className="look-whole" x1={x.start} x2={x.end} y1={whole} y2={whole} />
      {target !== null && (
        <line className="look-target" x1={x.start} x2={x.end} y1={at(y, target)} y2={at(y, target)} />
      )}
    </g>
  );
}

function Playhead({ songId, x }: { songId: string; x: Scale }) {
  const position = usePosition(songId);
  if (position === null || position > x.to) return null;
  const place = at(x, position);
  return <line className="look-playhead" x1={place} x2={place} y1={BOX.top - 6} y2={HEIGHT - BOX.bottom} />;
}
