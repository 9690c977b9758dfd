import { useId } from "react";
import { player, usePlayer } from "../player";
import { Button, Empty, ProblemNote, Select, Spinner } from "../ui";
import { changesOf } from "./changes";
import { silence, soundOf } from "./listening";
import type { MeasureLine } from "./measures";
import { others, type Sides } from "./pairs";
import { type Pair, useComparison, useMedia } from "./queries";
import type { ChangeLine } from "./rules";
import { nodeWords, type StateNode } from "./tree";

export interface ComparisonProps {
  states: readonly StateNode[];
  /** Titles of the versions by their ids; they are told where there are several. */
  titles: Readonly<Record<string, string>>;
  first: StateNode | undefined;
  second: StateNode | undefined;
  onChoose(sides: Sides): void;
}

/** Any two states side by side: what changed, what it measures, and how it sounds. */
export function Comparison({ states, titles, first, second, onChoose }: ComparisonProps) {
  const several = new Set(states.map((state) => state.songId)).size > 1;
  const option = (state: StateNode) => ({
    value: state.id,
    label: `${several ? `${titles[state.songId] ?? ""}: ` : ""}${nodeWords(state)}`,
  });
  const comparable = states.filter((state) => others(states, state).length > 0);
  const pair = first && second ? { first, second } : undefined;
  if (comparable.length === 0) {
    return (
      <Empty title="Nothing to compare yet">
        As soon as something is made a second time, the two can be held side by side. Unfold another version in the tree
        to compare with it.
      </Empty>
    );
  }
  const swap = () => onChoose({ first: second?.id, second: first?.id });
  return (
    <div className="stack">
      <div className="comparison-sides">
        <Select
          label="From"
          options={withNone(comparable.map(option), first)}
          value={first?.id ?? ""}
          onChange={(event) => onChoose({ first: event.target.value, second: second?.id })}
        />
        <Button size="small" aria-label="Swap the two sides" onClick={swap} disabled={!pair}>
          ⇄
        </Button>
        <Select
          label="To"
          options={withNone(others(states, first).map(option), second)}
          value={second?.id ?? ""}
          onChange={(event) => onChoose({ first: first?.id, second: event.target.value })}
        />
      </div>
      {pair ? (
        <>
          <HearBoth pair={pair} titles={titles} />
          <Differences pair={pair} />
        </>
      ) : (
        <p className="dim">Choose what to compare.</p>
      )}
    </div>
  );
}

type Options = readonly { value: string; label: string }[];

/** While nothing is chosen there is something to say so. */
const withNone = (options: Options, chosen: StateNode | undefined): Options =>
  chosen ? options : [{ value: "", label: "Choose" }, ...options];

function HearBoth({ pair, titles }: { pair: Pair; titles: Readonly<Record<string, string>> }) {
  const ab = usePlayer((state) => state.ab);
  const [one, other] = [useMedia(pair.first.songId), useMedia(pair.second.songId)];
  if (!one.data || !other.data) return null;
  const sound = (side: StateNode, files: typeof one.data) => soundOf(side, files.items, titles[side.songId] ?? "");
  const [a, b] = [sound(pair.first, one.data), sound(pair.second, other.data)];
  if (!a || !b) return <p className="dim">{silence(a ? pair.second.stage : pair.first.stage)}</p>;
  const listen = () => {
    void player.compare(a, b);
    void player.play();
  };
  const under = ab?.a.id === a.id && ab.b.id === b.id ? ab : undefined;
  if (!under) {
    return (
      <div className="row">
        <Button icon="play" onClick={listen}>
          Listen to both
        </Button>
        <span className="dim">at the same loudness, from the same place</span>
      </div>
    );
  }
  return (
    <fieldset className="row sides">
      <legend className="visually-hidden">Which of the two is heard</legend>
      <Button aria-pressed={under.side === "a"} onClick={() => player.pickSide("a")}>
        A: {pair.first.name}
      </Button>
      <Button aria-pressed={under.side === "b"} onClick={() => player.pickSide("b")}>
        B: {pair.second.name}
      </Button>
    </fieldset>
  );
}

function Differences({ pair }: { pair: Pair }) {
  const comparison = useComparison(pair);
  if (comparison.isPending) return <Spinner label="Comparing" />;
  if (comparison.error) return <ProblemNote problem={comparison.error} />;
  const changes = changesOf(comparison.data);
  if (changes.nothing) return <p>The two are alike in everything that is kept of them.</p>;
  const [ear, fine] = [changes.measured.filter((line) => !line.fine), changes.measured.filter((line) => line.fine)];
  return (
    <div className="stack" aria-live="polite">
      {changes.groups.map((group) => (
        <Lines key={group.title} title={group.title} lines={group.lines} />
      ))}
      {ear.length > 0 && <Measured title="Measured" lines={ear} />}
      {fine.length > 0 && (
        <details>
          <summary>Finer measurements ({fine.length})</summary>
          <Measured title="Finer measurements" lines={fine} />
        </details>
      )}
      {changes.files.length > 0 && <Lines title="What sounds or reads differently" lines={changes.files} />}
    </div>
  );
}

const FEW = 4;

function Lines({ title, lines }: { title: string; lines: readonly ChangeLine[] }) {
  const [few, rest] = lines.length > FEW + 1 ? [lines.slice(0, FEW), lines.slice(FEW)] : [lines, []];
  return (
    <section>
      <h4 className="changes-title">{title}</h4>
      <LineList lines={few} />
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} more</summary>
          <LineList lines={rest} />
        </details>
      )}
    </section>
  );
}

function LineList({ lines }: { lines: readonly ChangeLine[] }) {
  return (
    <dl className="changes">
      {lines.map((line) => (
        <div key={line.name}>
          <dt>{line.name}</dt>
          <dd>{line.words ?? <FromTo before={line.before} after={line.after} />}</dd>
        </div>
      ))}
    </dl>
  );
}

function FromTo({ before, after }: { before: string | undefined; after: string | undefined }) {
  return (
    <>
      <span className="was">{before}</span>
      <span aria-hidden="true"> → </span>
      <span className="visually-hidden"> became </span>
      <strong>{after}</strong>
    </>
  );
}

function Measured({ title, lines }: { title: string; lines: readonly MeasureLine[] }) {
  const name = useId();
  return (
    <section>
      <h4 id={name} className="changes-title">
        {title}
      </h4>
      <div className="table-scroll">
        <table className="measured" aria-labelledby={name}>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Difference</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.name}>
                <th scope="row">{line.name}</th>
                <td>{line.before}</td>
                <td>{line.after}</td>
                <td>{line.difference}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
