import { type ReactNode, useId, useRef } from "react";
import { Badge, Banner, Button, Card, Field, Select, Spinner } from "../ui";
import { currentReading, FIELDS, reasonOf, SOURCES, shownValues, understood, usedReading } from "./brief";
import type { Corrected, Draft } from "./draft";
import { FormEditor } from "./FormEditor";
import { focusSoon } from "./focus";
import { GENRES, INSTRUMENTS, METRES, SCALES, sentence, TONICS, tonicName } from "./glossary";
import { MoodPlane } from "./MoodPlane";
import { NamesField } from "./NamesField";
import { MIDDLE } from "./plane";
import { Reasoning } from "./Reasoning";
import type { Form } from "./useForm";
import type { ReadingOut } from "./useReading";

const OPEN = "Left to the song";

/** The brief: what was understood, how sure that is, and every field of it to be corrected. */
export function BriefCard({ form, reading }: { form: Form; reading: ReadingOut }) {
  const { draft, problems, correct } = form;
  const values = shownValues(draft);
  const metres = useId();
  const props = (field: Corrected) => ({ error: problems[field], hint: sureness(draft, field) });
  const answer = usedReading(draft)?.answer;

  /** The genre decides what else is understood, so that the prompt is read again with it. */
  function setGenre(genre: readonly string[]) {
    correct("genre", genre);
    if (draft.reading && draft.prompt.trim()) {
      void reading.read({ ...draft, corrections: { ...draft.corrections, genre } });
    }
  }

  return (
    <Card title="The brief" className="describe-brief" actions={<Verdict form={form} />} aria-busy={reading.busy}>
      <State form={form} reading={reading} />
      {answer && <p className="describe-brief-words">{answer.enhanced}</p>}
      {answer?.contradictions.map((text) => (
        <Banner key={text} tone="warn">
          {sentence(text)}.
        </Banner>
      ))}
      <div className="describe-brief-grid">
        <Correctable form={form} field="key">
          <Select
            label="Key"
            value={values.key ?? ""}
            options={choices(TONICS, values.key, tonicName)}
            onChange={(event) => correct("key", event.target.value)}
            {...props("key")}
          />
        </Correctable>
        <Correctable form={form} field="scale">
          <Select
            label="Scale"
            value={values.scale ?? ""}
            options={choices(SCALES, values.scale, (scale) => scale.replaceAll("_", " "))}
            onChange={(event) => correct("scale", event.target.value)}
            {...props("scale")}
          />
        </Correctable>
        <Correctable form={form} field="tempo">
          <Field
            label="Tempo (bpm)"
            inputMode="decimal"
            placeholder={OPEN}
            value={values.tempo ?? ""}
            onChange={(event) => correct("tempo", event.target.value)}
            {...props("tempo")}
          />
        </Correctable>
        <Correctable form={form} field="metre">
          <Field
            label="Metre"
            list={metres}
            placeholder={OPEN}
            value={values.metre ?? ""}
            onChange={(event) => correct("metre", event.target.value)}
            {...props("metre")}
          />
          <datalist id={metres}>
            {METRES.map((metre) => (
              <option key={metre} value={metre} />
            ))}
          </datalist>
        </Correctable>
        <Correctable form={form} field="length">
          <Field
            label="Length (m:ss)"
            placeholder={OPEN}
            value={values.length ?? ""}
            onChange={(event) => correct("length", event.target.value)}
            {...props("length")}
          />
        </Correctable>
        <Correctable form={form} field="genre" wide>
          <NamesField
            label="Genre"
            one="genre"
            ids={values.genre ?? []}
            entries={GENRES}
            error={problems.genre}
            onChange={setGenre}
          />
          <Sure draft={draft} field="genre" />
        </Correctable>
        <Correctable form={form} field="instruments" wide>
          <NamesField
            label="Instruments"
            one="instrument"
            ids={values.instruments ?? []}
            entries={INSTRUMENTS}
            error={problems.instruments}
            onChange={(ids) => correct("instruments", ids)}
          />
          <Sure draft={draft} field="instruments" />
        </Correctable>
        <Correctable form={form} field="mood" wide>
          <fieldset className="describe-mood-field">
            <legend className="field-label">Mood</legend>
            <MoodPlane mood={values.mood ?? MIDDLE} open={!values.mood} onChange={(mood) => correct("mood", mood)} />
            {problems.mood && (
              <p className="field-error" role="alert">
                {problems.mood}
              </p>
            )}
          </fieldset>
          <Sure draft={draft} field="mood" />
        </Correctable>
        <Correctable form={form} field="form" wide>
          <FormEditor
            rows={values.form ?? []}
            tempo={Number(values.tempo ?? Number.NaN)}
            metre={values.metre ?? "4/4"}
            error={problems.form}
            onChange={(rows) => correct("form", rows)}
          />
          <Sure draft={draft} field="form" />
        </Correctable>
      </div>
      {answer && draft.showReasoning && <Reasoning answer={answer} />}
    </Card>
  );
}

/** A field of the brief with its mark: corrected fields say so, and can be taken back. */
function Correctable(props: { form: Form; field: Corrected; wide?: boolean; children: ReactNode }) {
  const { form, field, wide = false, children } = props;
  const place = useRef<HTMLDivElement>(null);
  const value = form.draft.corrections[field];
  const changed = value !== undefined;
  const emptied = value === "" || (Array.isArray(value) && !value.length);
  const word = emptied ? "left open by you" : currentReading(form.draft) ? "corrected" : "set by you";
  const was = changed ? before(form.draft, field) : undefined;
  return (
    <div
      ref={place}
      className={`describe-brief-field ${wide ? "describe-brief-wide" : ""} ${changed ? "describe-brief-corrected" : ""}`}
    >
      {children}
      {changed && (
        <div className="describe-brief-mark">
          <Badge tone="accent">{word}</Badge>
          {was && <span className="describe-brief-was">was {was}</span>}
          <Button
            look="quiet"
            size="small"
            icon="undo"
            aria-label={`Undo: ${FIELDS[field].name}`}
            onClick={() => {
              form.correct(field, undefined);
              focusSoon(place.current, "select, input, .button");
            }}
          >
            Undo
          </Button>
        </div>
      )}
    </div>
  );
}

/** What was understood before the correction, for fields that are one word. */
function before(draft: Draft, field: Corrected): string | undefined {
  const value = understood(usedReading(draft)?.answer)[field];
  if (typeof value !== "string") return undefined;
  return field === "key" ? tonicName(value) : value.replaceAll("_", " ");
}

/** How sure a field is and whose idea it was, for as long as nobody has corrected it. */
function sureness(draft: Draft, field: Corrected): ReactNode {
  const reason = draft.corrections[field] === undefined && reasonOf(usedReading(draft)?.answer, field);
  if (!reason) return null;
  const percent = Math.round(reason.confidence * 100);
  return (
    <>
      <span className="describe-sure" aria-hidden="true">
        <span className="describe-sure-bar" style={{ transform: `scaleX(${reason.confidence})` }} />
      </span>
      {percent} % sure, {SOURCES[reason.source] ?? reason.source}
    </>
  );
}

function Sure({ draft, field }: { draft: Draft; field: Corrected }) {
  const told = sureness(draft, field);
  return told && <p className="field-hint">{told}</p>;
}

/** What the brief on the page is worth: none yet, being made, stale, or good. */
function State({ form, reading }: { form: Form; reading: ReadingOut }) {
  const { draft } = form;
  const current = currentReading(draft);
  if (reading.busy) {
    return (
      <p className="describe-brief-state">
        <Spinner label="" /> Reading your prompt…
      </p>
    );
  }
  if (draft.reading && !current) {
    const again = (
      <Button size="small" disabled={!draft.prompt.trim()} onClick={() => void reading.read(draft)}>
        Read it again
      </Button>
    );
    return (
      <Banner tone="warn" action={again}>
        The prompt or a setting has changed since it was read. What you have set yourself stays; the rest is open again.
      </Banner>
    );
  }
  if (!current) {
    return (
      <p className="describe-brief-state">
        Everything is open. Set what you know already, or show the brief to see what is understood from your words.
      </p>
    );
  }
  return (
    <p className="describe-brief-state">
      {draft.verdict === "rejected"
        ? "Rejected: the song starts from your own words, and from what you set below."
        : `${Math.round(current.answer.confidence * 100)} % sure on the whole. ${
            draft.verdict === "accepted" ? "Accepted: the song" : "Unless you reject it, the song"
          } starts from exactly this.`}
    </p>
  );
}

/** Accept or reject what was made of the prompt. */
function Verdict({ form }: { form: Form }) {
  const { draft, change } = form;
  if (!currentReading(draft)) return null;
  return (
    <>
      <Button
        size="small"
        icon="check"
        aria-pressed={draft.verdict === "accepted"}
        onClick={() => change({ verdict: draft.verdict === "accepted" ? "open" : "accepted" })}
      >
        Accept
      </Button>
      <Button
        size="small"
        icon="close"
        aria-pressed={draft.verdict === "rejected"}
        onClick={() => change({ verdict: draft.verdict === "rejected" ? "open" : "rejected" })}
      >
        Reject
      </Button>
    </>
  );
}

/** Options of a select with an open one, and the present value where it is an unusual one. */
function choices(
  values: readonly string[],
  now: string | undefined,
  name: (value: string) => string,
): { value: string; label: string }[] {
  const all = !now || values.includes(now) ? values : [now, ...values];
  return [{ value: "", label: OPEN }, ...all.map((value) => ({ value, label: name(value) }))];
}
