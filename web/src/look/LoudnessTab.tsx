import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, asProblem, data, keys, type LoudnessCurve, useSong } from "../api";
import { minutes } from "../player";
import { ProblemNote, Spinner } from "../ui";
import { NotYet, Stale } from "./Await";
import { LoudnessChart } from "./LoudnessChart";
import { bySection, level, loudnessInWords } from "./loudness";
import { stretchesOf } from "./score";
import { useSeek } from "./useListening";
import { isStale, scoreOf, useNumber, useScore, useStage } from "./useSongParts";

const POINTS = 1200;

/** How loud the newest sound of the song is over time: the master, or what there is before it. */
export function LoudnessTab({ songId }: { songId: string }) {
  const mastering = useStage(songId, "mastering");
  const mixing = useStage(songId, "mixing");
  const arrangement = useStage(songId, "arrangement");
  const master = mastering.data?.outputs.master?.hash;
  const sound = master ?? mixing.data?.outputs.mix?.hash ?? arrangement.data?.outputs.preview?.hash;
  const known = mastering.data && mixing.data && arrangement.data;
  const curve = useQuery({
    queryKey: [...keys.peaks(songId, sound), "loudness"],
    enabled: sound !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => {
      const query = { points: POINTS, hash: sound as string };
      return data(api.GET("/v1/compositions/{id}/loudness.json", { params: { path: { id: songId }, query }, signal }));
    },
  });
  const problem = mastering.error ?? mixing.error ?? arrangement.error;
  if (problem) return <ProblemNote problem={problem} />;
  const missing = <NotYet songId={songId} stage="arrangement" title="Nothing to hear yet" />;
  if (known && !sound) return missing;
  if (curve.error) return asProblem(curve.error).status === 404 ? missing : <ProblemNote problem={curve.error} />;
  if (!curve.data) {
    return (
      <p className="row dim" role="status">
        <Spinner label="" /> Measuring the loudness; this is done once.
      </p>
    );
  }
  return (
    <>
      {mastering.data && isStale(mastering.data) && master && <Stale stages={["mastering"]} />}
      <Loudness songId={songId} curve={curve.data} isMaster={master !== undefined} />
    </>
  );
}

function Loudness({ songId, curve, isMaster }: { songId: string; curve: LoudnessCurve; isMaster: boolean }) {
  const title = useSong(songId).data?.title ?? "";
  const wish = useNumber(songId, "technical.loudness_target");
  // A sketch or a mix is not meant to have the loudness of the master.
  const target = isMaster ? wish : null;
  const score = scoreOf(useScore(songId));
  const stretches = useMemo(() => (score ? stretchesOf(score) : []), [score]);
  const sections = useMemo(() => bySection(curve, stretches), [curve, stretches]);
  const words = loudnessInWords(curve, target, sections);
  const seek = useSeek(songId);
  return (
    <div className="stack">
      <dl className="look-figures">
        <Figure name="Whole song" value={`${level(curve.integrated_lufs)} LUFS`} />
        {target !== null && <Figure name="Target" value={`${level(target)} LUFS`} />}
        <Figure name="Loudest 3 s" value={`${level(curve.max_short_term_lufs)} LUFS`} />
        <Figure name="Range" value={`${curve.loudness_range_lu.toFixed(1)} LU`} />
        <Figure name="True peak" value={`${level(curve.true_peak_dbtp, 2)} dBTP`} />
      </dl>
      <LoudnessChart songId={songId} curve={curve} target={target} stretches={stretches} title={title} onSeek={seek} />
      <p>{words}</p>
      {!isMaster && wish !== null && (
        <p className="look-hint">This is what there is to hear so far. Mastering brings it to {level(wish)} LUFS.</p>
      )}
      {sections.length > 0 && (
        <details className="look-words">
          <summary>Loudness by section</summary>
          <div className="look-table-box">
            <table className="look-table">
              <thead>
                <tr>
                  <th scope="col">Section</th>
                  <th scope="col">From</th>
                  <th scope="col" className="look-number">
                    On the whole
                  </th>
                  <th scope="col" className="look-number">
                    Loudest 3 s
                  </th>
                </tr>
              </thead>
              <tbody>
                {sections.map(({ name, from, usual, loudest }) => (
                  <tr key={from}>
                    <th scope="row">{name}</th>
                    <td>{minutes(from)}</td>
                    <td className="look-number">{usual === null ? "–" : `${level(usual)} LUFS`}</td>
                    <td className="look-number">{loudest === null ? "–" : `${level(loudest)} LUFS`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </div>
  );
}

export function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="look-figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
