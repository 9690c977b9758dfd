import { useMemo } from "react";
import type { Score } from "../score";
import { summaryOf } from "./summary";

/** The same as the picture, to be read. */
export function RollInWords({ score }: { score: Score }) {
  const parts = useMemo(() => summaryOf(score), [score]);
  return (
    <details className="look-words">
      <summary>The parts in words</summary>
      <div className="look-table-box">
        <table className="look-table">
          <caption className="visually-hidden">Parts, how much they play, how high and where</caption>
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col">Notes</th>
              <th scope="col">Range</th>
              <th scope="col">Plays in</th>
            </tr>
          </thead>
          <tbody>
            {parts.map(({ id, name, notes, range, plays }) => (
              <tr key={id}>
                <th scope="row">{name}</th>
                <td className="look-number">{notes}</td>
                <td>{range}</td>
                <td>{plays}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
