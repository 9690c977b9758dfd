import { useSong } from "../api";
import { Icon } from "../ui";
import { Await } from "./Await";
import { Figure } from "./LoudnessTab";
import {
  type Check,
  checkTitle,
  figuresOf,
  heldInWords,
  isVerification,
  sorted,
  told,
  type Verification,
} from "./report";
import { useDocument } from "./useSongParts";

/** What was asked, what was measured, and whether it holds. */
export function ReportTab({ songId }: { songId: string }) {
  return (
    <Await
      found={useDocument(songId, "finalization", "verification", isVerification)}
      songId={songId}
      stage="finalization"
      title="No report yet"
      loading="Loading the report"
      show={(verification) => <Report songId={songId} verification={verification} />}
    />
  );
}

function Report({ songId, verification }: { songId: string; verification: Verification }) {
  const role = useSong(songId).data?.role;
  const { asked, others } = sorted(verification.checks);
  const figures = figuresOf(verification.measured);
  const holds = verification.checks.every(({ ok }) => ok);
  return (
    <div className="stack">
      <p className={holds ? "look-holds look-sum" : "look-misses look-sum"}>
        <Icon name={holds ? "check" : "warning"} /> {heldInWords(verification.checks)}
      </p>
      <Checks title="Asked and measured" checks={asked} />
      <Checks title="Other checks" checks={others} />
      {verification.unchecked.length > 0 && (
        <section aria-label="Not judged">
          <h3 className="look-sub">Not judged</h3>
          <ul>
            {verification.unchecked.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
      {figures.length > 0 && (
        <section aria-label="Measured">
          <h3 className="look-sub">Measured</h3>
          <dl className="look-figures look-figures-many">
            {figures.map(({ name, value }) => (
              <Figure key={name} name={name} value={value} />
            ))}
          </dl>
        </section>
      )}
      {role !== "public" && (
        <p>
          <a href={`/v1/compositions/${songId}/download?format=report`} download>
            The whole report as a page
          </a>
        </p>
      )}
    </div>
  );
}

function Checks({ title, checks }: { title: string; checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="look-sub">{title}</h3>
      <table className="look-table look-checks">
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Asked</th>
            <th scope="col">Measured</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ name, asked, measured, ok }) => (
            <tr key={name}>
              <th scope="row">{checkTitle(name)}</th>
              <td data-label="Asked">{told(asked)}</td>
              <td data-label="Measured">{told(measured, name)}</td>
              <td data-label="Verdict">
                <span className={ok ? "look-holds" : "look-misses"}>
                  <Icon name={ok ? "check" : "close"} size={16} /> {ok ? "holds" : "does not hold"}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
