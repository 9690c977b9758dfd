import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Song, Stage, StageView } from "../api";
import { Progress } from "../ui";
import { PANEL, StagePanel } from "./StagePanel";
import {
  cost,
  doing,
  type Furthest,
  furthest,
  nameOfStage,
  STAGE_WORDS,
  STAGES,
  STANDING,
  type Standing,
  seconds,
  sentence,
  standing,
} from "./words";

/** Which stage lies open, and how one walks along the line. */
export interface Walk {
  readonly open: Stage | null;
  readonly toggle: (stage: Stage) => void;
  readonly close: () => void;
  /** `[` and `]` step along the line, wherever on it the focus is. */
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

export function useWalk(song: Song): Walk {
  const [chosen, setChosen] = useState<Stage | null | undefined>(undefined);
  const waits = song.stages.find((one) => one.stage === song.current_stage)?.status === "awaiting_review";
  // What there is to judge lies open by itself.
  const open = chosen === undefined ? (waits ? song.current_stage : null) : chosen;

  function onKeyDown(event: KeyboardEvent) {
    const step = { "[": -1, "]": 1 }[event.key];
    if (step === undefined || isTyping(event.target)) return;
    event.preventDefault();
    const at = STAGES.indexOf(open ?? song.current_stage);
    const stage = open === null ? song.current_stage : STAGES[Math.min(STAGES.length - 1, Math.max(0, at + step))];
    if (!stage) return;
    setChosen(stage);
    focusStage(stage);
  }

  return {
    open,
    toggle: (stage) => setChosen(stage === open ? null : stage),
    close: () => {
      if (open) focusStage(open);
      setChosen(null);
    },
    onKeyDown,
  };
}

function focusStage(stage: Stage): void {
  document.querySelector<HTMLButtonElement>(`[data-stage="${stage}"]`)?.focus();
}

/** The seven stages as a line that one can walk: each opens what it has made. */
export function StageLine({ song, walk }: { song: Song; walk: Walk }) {
  return (
    <section className="song-line" aria-label="Stages" onKeyDown={walk.onKeyDown}>
      <ol className="song-stage-line">
        {song.stages.map((view) => (
          <StageStep
            key={view.stage}
            song={song}
            view={view}
            open={view.stage === walk.open}
            onToggle={() => walk.toggle(view.stage)}
          />
        ))}
      </ol>
    </section>
  );
}

/** What the open stage has made. */
export function OpenStage({ song, walk }: { song: Song; walk: Walk }) {
  const view = song.stages.find((one) => one.stage === walk.open);
  return view ? <StagePanel song={song} view={view} onClose={walk.close} onKeyDown={walk.onKeyDown} /> : null;
}

function isTyping(target: EventTarget): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

interface StepProps {
  readonly song: Song;
  readonly view: StageView;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function StageStep({ song, view, open, onToggle }: StepProps) {
  const state = standing(view, song);
  const current = view.stage === song.current_stage && song.status !== "cancelled";
  const name = nameOfStage(view.stage);
  return (
    <li className={`song-stage song-stage-${state}`} aria-current={current ? "step" : undefined}>
      <button
        type="button"
        className="song-stage-button"
        data-stage={view.stage}
        aria-expanded={open}
        aria-controls={open ? PANEL : undefined}
        title={`${sentence(STAGE_WORDS[view.stage].does)}. ${STANDING[state].means}`}
        onClick={onToggle}
      >
        <span className="song-stage-sign" aria-hidden="true">
          {STANDING[state].sign}
        </span>
        <span className="song-stage-name">{name}</span>
        <span className="song-stage-state">
          <StateWords song={song} view={view} state={state} />
        </span>
      </button>
      {state === "running" && <Underway song={song} view={view} />}
    </li>
  );
}

function StateWords({ song, view, state }: { song: Song; view: StageView; state: Standing }) {
  const money = cost(view.cost);
  const took = view.revision > 0 && state !== "running" ? seconds(view.seconds) : "";
  const facts = state === "running" ? <Elapsed since={view.started_at} /> : took;
  const waited = state === "review" && song.gate_deadline ? <GoesOn at={song.gate_deadline} /> : null;
  return (
    <>
      {STANDING[state].name}
      {facts && <span className="song-stage-fact"> · {facts}</span>}
      {money && <span className="song-stage-fact"> · {money}</span>}
      {waited}
    </>
  );
}

function GoesOn({ at }: { at: string }) {
  const left = Math.max(0, (new Date(at).getTime() - useNow(1000)) / 1000);
  return <span className="song-stage-fact"> · goes on by itself in {seconds(left)}</span>;
}

function Elapsed({ since }: { since: string | null }) {
  const now = useNow(1000);
  return since ? seconds(Math.max(0, (now - new Date(since).getTime()) / 1000)) : null;
}

/** The time, read again every so often. */
function useNow(every: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** What the stage does now and how far it is; parts that are made side by side never move the bar back. */
function Underway({ song, view }: { song: Song; view: StageView }) {
  const now = song.now?.stage === view.stage && isOf(song.now.time, view) ? song.now : null;
  const far = useRef<Furthest | null>(null);
  if (now) far.current = furthest(far.current, `${view.stage} ${view.started_at}`, now);
  const value = now ? (far.current?.value ?? 0) : null;
  const words = now ? doing(now) : STAGE_WORDS[view.stage].does;
  return (
    <div className="song-stage-underway">
      <Progress value={value} label={`${nameOfStage(view.stage)}: ${words}`} />
      <p className="song-stage-doing">
        {sentence(words)}
        {value !== null && <span className="song-stage-percent">{Math.round(value * 100)} %</span>}
      </p>
    </div>
  );
}

/** A line of an earlier run may still stand there when the stage begins again. */
const isOf = (time: string, view: StageView): boolean => !view.started_at || time >= view.started_at;
