import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { announce, Button, IconButton, Switch } from "../../ui";
import { plural } from "../names";
import { beatAt, beatsPerBar, type Score, secondsAt, sectionAt } from "../score";
import { isCalm, useFrames, usePosition, useSeek } from "../useListening";
import {
  beatOf,
  clampLeft,
  fitting,
  GUTTER,
  HEAD,
  hit,
  layoutOf,
  leftFor,
  TOP,
  type View,
  widthOf,
  zoomed,
} from "./geometry";
import { Legend } from "./Legend";
import { tableOf } from "./notes";
import { type Palette, paintMarks, paintRoll, paletteOf, type Roll } from "./paint";
import { RollInWords } from "./RollInWords";
import { useCanvases } from "./useCanvases";
import { useZoomGestures } from "./useZoomGestures";
import { describeNote, describePlace, STEPS, stepped } from "./walk";

const ROOM = 520;
const COMFORTABLE_BEAT = 18;
const ZOOM = 1.5;
/** Where the playhead stays while the roll runs under it. */
const RUNNING_AT = 0.3;

/** Every note of a song over time. It follows the player, and the player follows a click on it. */
export function PianoRoll({ songId, score }: { songId: string; score: Score }) {
  const hint = useId();
  const seek = useSeek(songId);
  const position = usePosition(songId);
  const table = useMemo(() => tableOf(score), [score]);
  const layout = useMemo(() => layoutOf(score, ROOM), [score]);
  const drums = useMemo(() => score.parts.map(({ is_drum }) => is_drum), [score]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => score.parts.map(({ id }) => !hidden.has(id)), [score, hidden]);
  const [follows, setFollows] = useState(true);
  const [current, setCurrent] = useState<number | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);

  const scroller = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const beat = useRef(0);
  const playhead = useRef<number | null>(null);
  const colours = useRef<Palette | null>(null);

  const viewNow = useCallback((): View => {
    const box = scroller.current;
    return {
      left: box?.scrollLeft ?? 0,
      top: box?.scrollTop ?? 0,
      beat: beat.current,
      width: box?.clientWidth ?? 0,
      height: box?.clientHeight ?? 0,
    };
  }, []);

  const roll = useMemo<Roll>(() => ({ score, table, layout, shown }), [score, table, layout, shown]);
  const { notes, marks, draw, drawMarks } = useCanvases(scroller, {
    resized: () => {
      if (beat.current === 0) beat.current = Math.max(fitting(layout, viewNow().width), COMFORTABLE_BEAT);
      if (sheet.current) sheet.current.style.width = `${widthOf(layout, beat.current)}px`;
    },
    themed: (element) => {
      colours.current = paletteOf(element);
    },
    paint: (ctx) => {
      if (colours.current) paintRoll(ctx, roll, viewNow(), colours.current);
    },
    mark: (ctx) => {
      if (!colours.current) return;
      paintMarks(ctx, roll, viewNow(), colours.current, { playhead: playhead.current, current, pointed });
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn has changed
  useEffect(() => {
    if (sheet.current && beat.current > 0) sheet.current.style.width = `${widthOf(layout, beat.current)}px`;
    draw();
  }, [roll]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is marked has changed
  useEffect(drawMarks, [current, pointed]);

  const moveTo = useCallback((left: number) => {
    if (scroller.current) scroller.current.scrollLeft = left;
  }, []);

  const zoom = useCallback(
    (factor: number, x?: number) => {
      const view = viewNow();
      const next = zoomed(view, layout, factor, x ?? (view.width + GUTTER) / 2);
      beat.current = next.beat;
      if (sheet.current) sheet.current.style.width = `${widthOf(layout, next.beat)}px`;
      moveTo(next.left);
      draw();
    },
    [layout, viewNow, moveTo, draw],
  );
  const zoomToWhole = () => zoom(fitting(layout, viewNow().width) / beat.current);
  const followAgain = (on: boolean) => {
    setFollows(on);
    if (on) setCurrent(null);
  };
  const letGo = useCallback(() => setFollows(false), []);
  useZoomGestures(scroller, zoom, letGo);

  useFrames(songId, (seconds) => {
    playhead.current = seconds === null ? null : beatAt(seconds, score.tempo);
    if (follows && playhead.current !== null) follow(playhead.current, seconds ?? 0);
    drawMarks();
  });

  function follow(at: number, seconds: number): void {
    if (seconds <= 0) return;
    const view = viewNow();
    if (isCalm()) moveTo(leftFor(at, view, layout));
    else moveTo(clampLeft(at * view.beat - (view.width - GUTTER) * RUNNING_AT, view.beat, view.width, layout));
  }

  function choose(note: number | null): void {
    if (note === null) return;
    setCurrent(note);
    letGo();
    const view = viewNow();
    moveTo(leftFor(table.start[note] ?? 0, view, layout));
    bringRow(note, view);
    announce(describeNote(score, table, note));
  }

  /** Scroll up or down until a note's row is in sight. */
  function bringRow(note: number, view: View): void {
    const isDrum = drums[table.part[note] ?? 0] ?? false;
    const top = (isDrum ? layout.drumTop : layout.pitchTop)[table.pitch[note] ?? 0] ?? HEAD;
    const box = scroller.current;
    if (!box) return;
    if (top - view.top < HEAD) box.scrollTop = top - HEAD - 20;
    else if (top - view.top > view.height - 20) box.scrollTop = top - view.height + 40;
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      choose(stepped(score, table, shown, current, step, playhead.current ?? 0));
    } else if (event.key === "Enter" && current !== null) {
      event.preventDefault();
      seek(secondsAt(table.start[current] ?? 0, score.tempo));
      announce(`The song goes to ${describePlace(score, table.start[current] ?? 0)}`);
    } else if (event.key === "+" || event.key === "=") zoom(ZOOM);
    else if (event.key === "-") zoom(1 / ZOOM);
  }

  function noteAt(event: MouseEvent): { note: number | null; beat: number; y: number } {
    const box = scroller.current?.getBoundingClientRect();
    const [x, y] = [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
    const view = viewNow();
    return { note: hit(table, layout, view, x, y, drums, shown), beat: x < GUTTER ? -1 : beatOf(x, view), y };
  }

  function onClick(event: MouseEvent): void {
    const { note, beat: at, y } = noteAt(event);
    if (at < 0 || at > layout.beats) return;
    setCurrent(note);
    const section = y < TOP.sections ? sectionAt(score, at) : undefined;
    const start = section ? section.start_bar * beatsPerBar(score) : note === null ? at : (table.start[note] ?? at);
    seek(secondsAt(start, score.tempo));
  }

  const told = pointed ?? current;
  const status =
    told !== null
      ? describeNote(score, table, told)
      : position === null
        ? `${plural(table.count, "note")} in ${plural(score.parts.length, "part")}`
        : describePlace(score, Math.min(beatAt(position, score.tempo), layout.beats - 0.01));

  return (
    <div className="look-roll">
      <div className="row spread">
        <div className="row">
          <IconButton label="Zoom out" icon="minus" size="small" onClick={() => zoom(1 / ZOOM)} />
          <IconButton label="Zoom in" icon="add" size="small" onClick={() => zoom(ZOOM)} />
          <Button size="small" onClick={zoomToWhole}>
            Whole song
          </Button>
        </div>
        <Switch label="Follow the song" checked={follows} onChange={followAgain} />
      </div>
      <Legend score={score} hidden={hidden} onChange={setHidden} />
      <div
        ref={scroller}
        className="look-roll-window"
        style={{ height: Math.min(layout.height + 2, ROOM + 12) }}
        role="application"
        aria-label={`Piano roll of ${score.title}`}
        aria-describedby={hint}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={draw}
        onClick={onClick}
        onMouseMove={(event) => setPointed(noteAt(event).note)}
        onMouseLeave={() => setPointed(null)}
      >
        <div ref={sheet} className="look-roll-sheet" style={{ height: layout.height }}>
          <div className="look-roll-glass" aria-hidden="true">
            <canvas ref={notes} />
            <canvas ref={marks} />
          </div>
        </div>
      </div>
      <p className="look-roll-status">{status}</p>
      <p id={hint} className="look-hint">
        Click to go there. With the keyboard: left and right walk along a part, up and down to notes that sound
        together, Page up and Page down by sections, Enter goes there, plus and minus zoom.
      </p>
      <RollInWords score={score} />
    </div>
  );
}
