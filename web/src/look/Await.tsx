import type { ReactNode } from "react";
import { asProblem, type Stage, useSong } from "../api";
import { Empty, ProblemNote, Spinner } from "../ui";
import { listed } from "./names";
import type { Found } from "./useSongParts";

const STAGES: Readonly<Record<Stage, string>> = {
  ideation: "Ideation",
  composition: "Composition",
  arrangement: "Arrangement",
  production: "Production",
  mixing: "Mixing",
  mastering: "Mastering",
  finalization: "Finalization",
};

export interface MissingProps {
  songId: string;
  /** The stage that brings it. */
  stage: Stage;
  title: string;
  children?: ReactNode;
}

/** What is not there yet, which stage brings it, and how far that is. */
export function NotYet({ songId, stage, title, children }: MissingProps) {
  const song = useSong(songId);
  const status = song.data?.stages.find((one) => one.stage === stage)?.status;
  const now = status === "running" ? ", which is under way" : status === "blocked" ? ", which is stuck" : "";
  return (
    <Empty title={title}>
      <p>
        This comes with the stage {STAGES[stage]}
        {now}.
      </p>
      {children}
    </Empty>
  );
}

export interface AwaitProps<T> extends MissingProps {
  found: Found<T>;
  loading: string;
  show: (value: T) => ReactNode;
}

/** Shows what was found, or what is missing and why. */
export function Await<T>({ found, loading, show, ...missing }: AwaitProps<T>) {
  if (found.state === "loading") return <Spinner label={loading} />;
  if (found.state === "missing") return <NotYet {...missing} />;
  if (found.state === "failed") {
    return asProblem(found.error).status === 404 ? <NotYet {...missing} /> : <ProblemNote problem={found.error} />;
  }
  return (
    <>
      {found.stale && <Stale stages={[missing.stage]} />}
      {show(found.value)}
    </>
  );
}

/** Said of what is shown from before a change that is being made. */
export function Stale({ stages }: { stages: readonly Stage[] }) {
  return (
    <p className="look-stale">
      This is from before the last change. {listed(stages.map((stage) => STAGES[stage]))} will bring the new one.
    </p>
  );
}
