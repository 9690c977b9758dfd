import { type PointerEvent, useRef } from "react";
import { Slider } from "../ui";
import { type Mood, moodAt, moodText, moodWord, placeOf } from "./plane";

export interface MoodPlaneProps {
  mood: Mood;
  /** Nobody has said anything about the mood: the point is drawn faintly. */
  open: boolean;
  onChange(mood: Mood): void;
}

/** A mood as a point that can be dragged. The plane is for pointers; the two sliders below do the same for everybody. */
export function MoodPlane({ mood, open, onChange }: MoodPlaneProps) {
  const plane = useRef<HTMLDivElement>(null);

  function follow(event: PointerEvent) {
    const square = plane.current?.getBoundingClientRect();
    if (square) onChange(moodAt(event.clientX, event.clientY, square));
  }

  const { left, top } = placeOf(mood);
  return (
    <div className="describe-mood">
      <div
        ref={plane}
        className={`describe-mood-plane ${open ? "describe-mood-open" : ""}`}
        aria-hidden="true"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          follow(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && follow(event)}
      >
        <span className="describe-mood-edge describe-mood-north">excited</span>
        <span className="describe-mood-edge describe-mood-south">calm</span>
        <span className="describe-mood-edge describe-mood-west">sad</span>
        <span className="describe-mood-edge describe-mood-east">happy</span>
        <span className="describe-mood-point" style={{ left: `${left}%`, top: `${top}%` }} />
      </div>
      <div className="describe-mood-sliders">
        <p className="describe-mood-word">{open ? "Left to the song" : moodWord(mood)}</p>
        <Slider
          label="Valence, sad to happy"
          value={Math.round(mood.valence * 100)}
          min={0}
          max={100}
          onChange={(percent) => onChange({ ...mood, valence: percent / 100 })}
          text={open ? "open" : `${Math.round(mood.valence * 100)} %`}
        />
        <Slider
          label="Arousal, calm to excited"
          value={Math.round(mood.arousal * 100)}
          min={0}
          max={100}
          onChange={(percent) => onChange({ ...mood, arousal: percent / 100 })}
          text={open ? "open" : `${Math.round(mood.arousal * 100)} %`}
        />
        <p className="visually-hidden" role="note">
          {open ? "The mood is left to the song." : moodText(mood)}
        </p>
      </div>
    </div>
  );
}
