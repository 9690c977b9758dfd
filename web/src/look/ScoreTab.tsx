import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, asProblem, data, type Timemap, useSong } from "../api";
import { Banner, IconButton, ProblemNote, Spinner, Switch } from "../ui";
import { NotYet, Stale } from "./Await";
import { momentAt, type PageRange, pageFor, rangeOf, type Sounding, soundingOf } from "./pages";
import { beatAt, beatsOf, type Score, secondsAt } from "./score";
import { useFrames, usePosition, useSeek } from "./useListening";
import { usePageSvg } from "./usePageSvg";
import { isStale, scoreOf, useScore, useStage } from "./useSongParts";

const ZOOMS = [60, 80, 100, 130, 170, 220] as const;
const WHOLE = 2;

/** The engraved score, page by page; a cursor follows the song. */
export function ScoreTab({ songId }: { songId: string }) {
  const final = useStage(songId, "finalization");
  const written = final.data?.outputs.musicxml?.hash;
  const timemap = useQuery({
    queryKey: ["timemap", songId, written],
    enabled: written !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      data(api.GET("/v1/compositions/{id}/score/timemap.json", { params: { path: { id: songId } }, signal })),
  });
  const score = scoreOf(useScore(songId));
  const missing = (
    <NotYet songId={songId} stage="finalization" title="No score yet">
      <p>Until then the piano roll shows every note.</p>
    </NotYet>
  );
  if (final.error) return <ProblemNote problem={final.error} />;
  if (final.data && !written) return missing;
  if (timemap.error) return asProblem(timemap.error).status === 404 ? missing : <ProblemNote problem={timemap.error} />;
  if (!timemap.data || !written || !final.data) return <Spinner label="Engraving the score" />;
  return (
    <>
      {isStale(final.data) && <Stale stages={["finalization"]} />}
      <Pages songId={songId} written={written} timemap={timemap.data} score={score} />
    </>
  );
}

interface PagesProps {
  songId: string;
  written: string;
  timemap: Timemap;
  score: Score | null;
}

function Pages({ songId, written, timemap, score }: PagesProps) {
  const song = useSong(songId);
  const title = song.data?.title ?? score?.title ?? "the song";
  const seek = useSeek(songId);
  const [page, setPage] = useState(1);
  const [zoom, setZoom] = useState(WHOLE);
  const [follows, setFollows] = useState(true);
  const moments = useMemo(() => soundingOf(timemap), [timemap]);
  const known = useRef(new Map<number, PageRange | null>());
  const sheet = useRef<HTMLDivElement>(null);
  const learn = useCallback(
    (number: number, ids: ReadonlySet<string>) => {
      if (!known.current.has(number)) known.current.set(number, rangeOf(number, ids, timemap));
    },
    [timemap],
  );
  const { problem, loading, root } = usePageSvg(sheet, { songId, written, page, title, learn });
  const wanted = useRef(1);
  const marked = useRef<readonly string[]>([]);

  const mark = useCallback(
    (ids: readonly string[]) => {
      if (!root || ids === marked.current) return;
      for (const id of marked.current) root.querySelector(`#${CSS.escape(id)}`)?.classList.remove("sounding");
      for (const id of ids) root.querySelector(`#${CSS.escape(id)}`)?.classList.add("sounding");
      marked.current = ids;
    },
    [root],
  );
  useEffect(() => {
    marked.current = [];
    if (root) root.addEventListener("click", onNote);
    return () => root?.removeEventListener("click", onNote);
    function onNote(event: Event): void {
      const ids = (event.target as Element).closest?.("g.note")?.id;
      const moment = moments.find(({ ids: sounding }) => ids !== undefined && sounding.includes(ids));
      if (moment && score) seek(secondsAt(moment.beat, score.tempo));
    }
  }, [root, moments, score, seek]);

  const onFrame = (seconds: number | null) => {
    if (seconds === null || seconds === 0 || !score) return mark([]);
    const beat = beatAt(seconds, score.tempo);
    const moment: Sounding | undefined = moments[momentAt(moments, beat)];
    mark(moment?.ids ?? []);
    if (!follows || seconds <= 0) return;
    const ranges = [...known.current.values()].filter((range) => range !== null);
    const next = pageFor(beat, ranges, timemap.pages, beatsOf(score));
    // A page without notes cannot say which beats it has: it is not looked for again.
    if (next !== wanted.current && known.current.get(next) !== null) {
      wanted.current = next;
      setPage(next);
    }
  };
  useFrames(songId, onFrame);
  const position = usePosition(songId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page that has come may be the wrong one, and has its notes unmarked
  useEffect(() => onFrame(position), [root, follows]);

  function turn(by: number): void {
    setFollows(false);
    setPage((now) => Math.min(timemap.pages, Math.max(1, now + by)));
  }

  function follow(on: boolean): void {
    wanted.current = 0;
    setFollows(on);
  }

  return (
    <div className="look-score">
      <div className="row spread">
        <div className="row">
          <IconButton label="Previous page" icon="back" size="small" disabled={page === 1} onClick={() => turn(-1)} />
          <span aria-live="polite">
            Page {page} of {timemap.pages}
          </span>
          <IconButton
            label="Next page"
            icon="forward"
            size="small"
            disabled={page === timemap.pages}
            onClick={() => turn(1)}
          />
          <IconButton
            label="Smaller"
            icon="minus"
            size="small"
            disabled={zoom === 0}
            onClick={() => setZoom(zoom - 1)}
          />
          <IconButton
            label="Larger"
            icon="add"
            size="small"
            disabled={zoom === ZOOMS.length - 1}
            onClick={() => setZoom(zoom + 1)}
          />
        </div>
        <Switch label="Turn the pages with the song" checked={follows} onChange={follow} />
      </div>
      <section className="look-page-box" aria-label="Score" tabIndex={0}>
        <div ref={sheet} className="look-page" style={{ width: `${ZOOMS[zoom] ?? 100}%` }} aria-busy={loading} />
      </section>
      {loading && !root && <Spinner label="Loading the page" />}
      <ProblemNote problem={problem} />
      {!score && <Banner>The cursor needs the arrangement, which is not there.</Banner>}
      <p className="row look-links">
        <a href={`/v1/compositions/${songId}/download?format=musicxml`} download>
          Score as MusicXML
        </a>
        <a href={`/v1/compositions/${songId}/download?format=midi`} download>
          Notes as MIDI
        </a>
        <span className="look-hint">Click a note to go there.</span>
      </p>
    </div>
  );
}
