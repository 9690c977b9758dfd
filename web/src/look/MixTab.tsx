import { useMemo } from "react";
import type { Decision } from "../api";
import { ProblemNote, Spinner } from "../ui";
import { NotYet, Stale } from "./Await";
import { type Group, mixGroups, placesOf, type Said, saidOf } from "./mix";
import { StagePlot } from "./StagePlot";
import { isStale, scoreOf, useScore, useStage } from "./useSongParts";

/** What the mix and the master decided, and why. */
export function MixTab({ songId }: { songId: string }) {
  const mixing = useStage(songId, "mixing");
  const mastering = useStage(songId, "mastering");
  const score = scoreOf(useScore(songId));
  const names = useMemo(() => new Map((score?.parts ?? []).map(({ id, name }) => [id, name])), [score]);
  if (mixing.error) return <ProblemNote problem={mixing.error} />;
  if (!mixing.data) return <Spinner label="Loading the mix" />;
  const made = mixing.data.decisions;
  if (made.length === 0) return <NotYet songId={songId} stage="mixing" title="Not mixed yet" />;
  return (
    <div className="stack">
      {isStale(mixing.data) && <Stale stages={["mixing"]} />}
      <StagePlot places={placesOf(made, names)} />
      <div className="look-mix">
        {mixGroups(made, names).map((group) => (
          <GroupCard key={group.id} group={group} />
        ))}
        <Master decisions={mastering.data?.decisions ?? []} />
      </div>
    </div>
  );
}

function Master({ decisions }: { decisions: readonly Decision[] }) {
  if (decisions.length === 0) return null;
  return <GroupCard group={{ id: "master", name: "The master", said: saidOf(decisions) }} />;
}

function GroupCard({ group: { name, said } }: { group: Group }) {
  return (
    <section className="look-mix-group" aria-label={name}>
      <h3>{name}</h3>
      <dl>
        {said.map((one, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: decisions keep their places
          <Line key={i} said={one} />
        ))}
      </dl>
    </section>
  );
}

function Line({ said: { topic, what, why } }: { said: Said }) {
  return (
    <div className="look-said">
      <dt>{topic}</dt>
      <dd>
        {what}
        {why && <span className="look-why">{why}</span>}
      </dd>
    </div>
  );
}
