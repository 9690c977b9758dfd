import { useEffect, useRef } from "react";
import { Button } from "../ui";
import { shownValues } from "./brief";
import type { Draft } from "./draft";
import { nameOf, tonicName } from "./glossary";
import { STAGES } from "./stages";
import type { Form } from "./useForm";
import type { Starting } from "./useStart";

/** The foot of the page: what will be started, what is in the way, and the button. */
export function StartBar({ form, starting, onStart }: { form: Form; starting: Starting; onStart(): void }) {
  const { draft, problems } = form;
  const wrong = Object.keys(problems).length;
  const bar = useRef<HTMLElement>(null);
  const wasBusy = useRef(false);
  useEffect(() => {
    // A refused start leads to the first field that is wrong, wherever it is on the page.
    if (wasBusy.current && !starting.busy && wrong) firstWrong(bar.current)?.focus();
    wasBusy.current = starting.busy;
  }, [starting.busy, wrong]);

  return (
    <section ref={bar} className="describe-start" aria-label="Start">
      <div className="describe-start-words">
        <p>{draft.prompt.trim() ? inShort(draft) : "Say first what the song should be."}</p>
        {starting.problem && (
          <p className="field-error" role="alert">
            {starting.problem}
          </p>
        )}
        {wrong > 0 && (
          <p className="field-error">{wrong === 1 ? "One field needs a look." : `${wrong} fields need a look.`}</p>
        )}
      </div>
      <Button look="primary" icon="note" busy={starting.busy} disabled={!draft.prompt.trim()} onClick={onStart}>
        {starting.busy ? "Starting…" : "Generate"}
      </Button>
    </section>
  );
}

function firstWrong(bar: HTMLElement | null): HTMLElement | null {
  const page = bar?.parentElement;
  const field = page?.querySelector<HTMLElement>("[aria-invalid='true']");
  return (
    field ?? page?.querySelector<HTMLElement>(".field-error")?.parentElement?.querySelector("input, select") ?? null
  );
}

/** "Waltz, D minor, 120 bpm, 3/4, 2:20, 5 players; waits after Ideation". */
function inShort(draft: Draft): string {
  const { key, scale, tempo, metre, length, genre, instruments } = shownValues(draft);
  const parts = [
    genre?.map(nameOf).join(" and "),
    key && `${tonicName(key)} ${(scale ?? "").replaceAll("_", " ")}`.trim(),
    tempo && `${tempo} bpm`,
    metre,
    length,
    instruments?.length && (instruments.length === 1 ? "one player" : `${instruments.length} players`),
  ].filter(Boolean);
  const gates = STAGES.filter(({ id }) => draft.review.includes(id)).map(({ name }) => name);
  const waits =
    gates.length === 0
      ? "made in one go"
      : gates.length === STAGES.length
        ? "waits after every stage"
        : `waits after ${gates.join(", ")}`;
  return `${parts.length ? parts.join(" · ") : "From your words alone"} · ${waits}`;
}
