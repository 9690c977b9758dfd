import { useState } from "react";
import { placeInWords } from "./time";

interface Props {
  label: string;
  position: number;
  duration: number;
  onSeek(seconds: number): void;
  onHover?(seconds: number | null): void;
  className?: string;
}

/** A place in the song as a real range input; while it is dragged the song plays on, and jumps where it is let go. */
export function Scrubber({ label, position, duration, onSeek, onHover, className = "" }: Props) {
  const [held, setHeld] = useState<number | null>(null);
  const [dragging, setDragging] = useState(false);
  const shown = held ?? position;
  const letGo = (): void => {
    if (held !== null) onSeek(held);
    setHeld(null);
    setDragging(false);
  };
  return (
    <input
      type="range"
      className={`player-scrubber ${className}`}
      data-scrub=""
      aria-label={label}
      aria-valuetext={placeInWords(shown, duration)}
      min={0}
      max={Math.max(duration, 0.01)}
      step={0.01}
      value={Math.min(shown, Math.max(duration, 0.01))}
      style={{ "--part": duration > 0 ? shown / duration : 0 } as React.CSSProperties}
      onPointerDown={() => setDragging(true)}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onBlur={letGo}
      onPointerMove={(event) => onHover?.(placeUnder(event, duration))}
      onPointerLeave={() => onHover?.(null)}
      onChange={(event) => (dragging ? setHeld(event.target.valueAsNumber) : onSeek(event.target.valueAsNumber))}
    />
  );
}

function placeUnder(event: React.PointerEvent<HTMLInputElement>, duration: number): number {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  return (Math.min(width, Math.max(0, event.clientX - left)) / Math.max(1, width)) * duration;
}
