import type { Score } from "../score";
import { coloursOf } from "./paint";

interface Props {
  score: Score;
  hidden: ReadonlySet<string>;
  onChange(hidden: ReadonlySet<string>): void;
}

/** The parts with their colours; each can be taken out of the picture and put back. */
export function Legend({ score, hidden, onChange }: Props) {
  const colours = coloursOf(score);

  function toggle(id: string): void {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  }
  return (
    <fieldset className="look-legend">
      <legend className="visually-hidden">Parts in the picture</legend>
      {score.parts.map(({ id, name }, index) => (
        <button key={id} type="button" className="look-part" aria-pressed={!hidden.has(id)} onClick={() => toggle(id)}>
          <span className="look-swatch" style={{ background: `var(--part-${colours[index] ?? 1})` }} />
          {name}
        </button>
      ))}
    </fieldset>
  );
}
