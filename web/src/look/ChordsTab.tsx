import { useEffect, useMemo, useRef } from "react";
import { Button } from "../ui";
import { Await } from "./Await";
import { type ChartBar, chartOf, paletteOf, playingAt } from "./chart";
import { keyName, plural } from "./names";
import { beatAt, countedBeat, type Score } from "./score";
import { isCalm, usePlaying, usePosition, useSeek } from "./useListening";
import { useScore } from "./useSongParts";

export function ChordsTab({ songId }: { songId: string }) {
  return (
    <Await
      found={useScore(songId)}
      songId={songId}
      stage="arrangement"
      title="No chords laid out yet"
      loading="Loading the chords"
      show={(score) => <ChordChart songId={songId} score={score} />}
    />
  );
}

function ChordChart({ songId, score }: { songId: string; score: Score }) {
  const chart = useMemo(() => chartOf(score), [score]);
  const palette = useMemo(() => paletteOf(chart), [chart]);
  const position = usePosition(songId);
  const seek = useSeek(songId);
  const now = position === null || position === 0 ? null : playingAt(chart, beatAt(position, score.tempo));
  const box = useRef<HTMLDivElement>(null);
  useCurrentInSight(box, usePlaying(songId), now?.bar);
  const { numerator, denominator } = score.time_signature;
  const tempo = Math.round((score.tempo[0]?.bpm ?? 0) / countedBeat(score));
  return (
    <div className="look-chart" ref={box}>
      <header className="row spread">
        <div>
          <h3 className="look-chart-title">{score.title}</h3>
          <p className="dim">
            {keyName(score.key, score.scale)}, {numerator}/{denominator}, {tempo} bpm
          </p>
        </div>
        <Button size="small" onClick={printChart}>
          Print the chart
        </Button>
      </header>
      {chart.map(({ name, firstBar, bars, key }) => (
        <section key={firstBar} className="look-chart-section" aria-label={name}>
          <h4>
            {name}
            <span className="dim">
              {" "}
              {plural(bars.length, "bar")}
              {key && `, in ${key}`}
            </span>
          </h4>
          <ol className="look-bars" start={firstBar}>
            {bars.map((bar) => (
              <li key={bar.number} className="look-bar" aria-current={now?.bar === bar.number ? "true" : undefined}>
                <BarButton
                  bar={bar}
                  chord={now?.bar === bar.number ? now.chord : -1}
                  onClick={() => seek(bar.seconds)}
                />
              </li>
            ))}
          </ol>
        </section>
      ))}
      <section className="look-palette" aria-label="The chords of the song">
        <h4>The chords of the song</h4>
        <ul className="look-palette-list">
          {palette.map(({ name, degree, bars }) => (
            <li key={name}>
              <strong>{name}</strong> <span className="look-degree">{degree}</span>{" "}
              <span className="dim">{plural(Number(bars.toFixed(1)), "bar")}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function BarButton({ bar, chord, onClick }: { bar: ChartBar; chord: number; onClick(): void }) {
  return (
    <button type="button" className="look-bar-button" onClick={onClick}>
      <span className="look-bar-number">
        <span className="visually-hidden">Bar </span>
        {bar.number}{" "}
      </span>
      {bar.chords.length === 0 && <span className="look-chord dim">N.C.</span>}
      {bar.chords.map(({ name, degree, start, end }, i) => (
        <span
          key={start}
          className="look-chord"
          data-now={i === chord || undefined}
          data-held={bar.repeats || undefined}
          style={{ flexGrow: end - start }}
        >
          <span className="look-chord-name">{name} </span>
          <span className="look-degree">{degree} </span>
        </span>
      ))}
    </button>
  );
}

/** While the song plays, the bar that sounds is scrolled into the window of the page if it has left it. */
function useCurrentInSight(box: { current: HTMLElement | null }, playing: boolean, bar: number | undefined): void {
  useEffect(() => {
    if (!playing || bar === undefined) return;
    const current = box.current?.querySelector('[aria-current="true"]');
    const place = current?.getBoundingClientRect();
    const whole = box.current?.getBoundingClientRect();
    // Only where the chart is being looked at; nobody is dragged back from another part of the page.
    if (!current || !place || !whole || whole.bottom < 80 || whole.top > innerHeight - 160) return;
    const isOut = place.top < 80 || place.bottom > innerHeight - 160;
    const isNear = place.top > -200 && place.bottom < innerHeight + 200;
    if (isOut && isNear) current.scrollIntoView({ block: "center", behavior: isCalm() ? "auto" : "smooth" });
  }, [box, playing, bar]);
}

/** Prints the chart alone: the rest of the page is hidden by the style sheet meanwhile. */
function printChart(): void {
  const { classList } = document.documentElement;
  classList.add("look-printing");
  addEventListener("afterprint", () => classList.remove("look-printing"), { once: true });
  print();
}
