import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { api, data, keys, type Song, type StageDetail, type StageView } from "../api";
import { Button, IconButton, ProblemNote, Select, Spinner } from "../ui";
import { useDeed } from "./deed";
import { EnhancementCard } from "./EnhancementCard";
import { made, makers, reasons, work } from "./made";
import { mayChange } from "./next";
import { Refusal } from "./Refusal";
import { Takes } from "./Takes";
import { nameOfStage, place, STAGE_WORDS, STANDING, sentence, standing } from "./words";

interface Props {
  readonly song: Song;
  readonly view: StageView;
  readonly onClose: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

export const PANEL = "song-stage";

/** What one stage has made, why, and what can be done with it. */
export function StagePanel({ song, view, onClose, onKeyDown }: Props) {
  const { stage } = view;
  const name = nameOfStage(stage);
  const detail = useQuery({
    queryKey: [...keys.stage(song.id, stage), view.revision, view.take],
    queryFn: ({ signal }) =>
      data(api.GET("/v1/compositions/{id}/stages/{stage}", { params: { path: { id: song.id, stage } }, signal })),
    enabled: view.revision > 0,
    placeholderData: (before) => before,
  });
  const state = standing(view, song);
  return (
    <section
      id={PANEL}
      className="song-stage-panel"
      onKeyDown={onKeyDown}
      aria-label={`What ${name.toLowerCase()} made`}
    >
      <header className="song-stage-panel-head">
        <h2>
          {name} <span className="song-quiet">{STAGE_WORDS[stage].does}</span>
        </h2>
        <IconButton label={`Close ${name.toLowerCase()}`} icon="close" size="small" onClick={onClose} />
      </header>
      {view.revision === 0 && <p className="song-quiet">{sentence(STANDING[state].means)}</p>}
      {view.revision > 0 && state === "stale" && <p className="song-stage-note">{STANDING.stale.means}</p>}
      {detail.isLoading && <Spinner label={`Loading what ${name.toLowerCase()} made`} />}
      <ProblemNote problem={detail.error} />
      {detail.data && view.revision > 0 && <Made detail={detail.data} song={song} />}
      {stage === "ideation" && view.revision > 0 && <EnhancementCard song={song} />}
      {view.revision > 0 && <Takes song={song} view={view} />}
      {view.revision > 0 && mayChange(song.role) && <GoBack song={song} view={view} />}
    </section>
  );
}

function Made({ detail, song }: { detail: StageDetail; song: Song }) {
  const facts = made(detail, song.context);
  const why = [...reasons(detail), ...makers(detail)];
  return (
    <>
      <dl className="song-facts">
        {facts.map((fact) => (
          <div
            key={`${fact.name} ${fact.value}`}
            className={fact.kind === "long" ? "song-fact song-fact-long" : "song-fact"}
          >
            <dt>{fact.name}</dt>
            <dd className={fact.kind === "chords" ? "song-fact-chords" : undefined}>{fact.value}</dd>
          </div>
        ))}
      </dl>
      {why.length > 0 && (
        <details className="song-why">
          <summary>Why it is so</summary>
          <ul>
            {why.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </details>
      )}
      <p className="song-quiet">{work(detail)}</p>
    </>
  );
}

/** Back to an earlier version of this stage, or to this stage at all. */
function GoBack({ song, view }: { song: Song; view: StageView }) {
  const deed = useDeed(song.id);
  const [chosen, setChosen] = useState("");
  const states = useQuery({
    queryKey: keys.revisions(song.id),
    queryFn: ({ signal }) =>
      data(api.GET("/v1/compositions/{id}/revisions", { params: { path: { id: song.id } }, signal })),
  });
  const here = place(view.stage) <= place(song.current_stage);
  if (!here || !song.allowed_commands.includes("revert")) return null;
  const all = (states.data?.items ?? []).filter((one) => one.stage === view.stage);
  const numbers = [...new Set(all.map((one) => one.revision))];
  const isHere = view.stage === song.current_stage && view.status !== "stale";
  const others = numbers.filter((one) => !isHere || one !== view.revision);
  if (!others.length) return null;
  const revision = Number(chosen || others[0]);
  const label =
    numbers.length > 1 ? `Go back to version ${revision}` : `Go back to ${nameOfStage(view.stage).toLowerCase()}`;
  return (
    <div className="song-go-back">
      {others.length > 1 && (
        <Select
          label="Version"
          hideLabel
          value={String(revision)}
          options={others.map((one) => ({
            value: String(one),
            label: `Version ${one}${one === view.revision ? ", as it is now" : ""}`,
          }))}
          onChange={(event) => setChosen(event.target.value)}
        />
      )}
      <Button
        size="small"
        icon="undo"
        busy={deed.busy}
        onClick={() => void deed.run("revert", { stage: view.stage, revision })}
      >
        {label}
      </Button>
      <Refusal problem={deed.problem} />
    </div>
  );
}
