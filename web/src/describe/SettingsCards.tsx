import { type ReactNode, useState } from "react";
import { Button, Card, Field, Select, TextArea } from "../ui";
import { FORMATS, type Format } from "./draft";
import { PATIENCE, STAGES, type StageId } from "./stages";
import type { Form } from "./useForm";

/** After which stages the song waits, and for how long. */
export function GatesCard({ form }: { form: Form }) {
  const { draft, problems, change } = form;
  const set = (review: readonly StageId[]) =>
    change({ review: STAGES.map(({ id }) => id).filter((id) => review.includes(id)) });
  return (
    <Card title="Wait for me after" className="describe-gates">
      <div className="describe-gates-all">
        <Button size="small" look="quiet" onClick={() => set(STAGES.map(({ id }) => id))}>
          Every stage
        </Button>
        <Button size="small" look="quiet" onClick={() => set([])}>
          None
        </Button>
      </div>
      <ul>
        {STAGES.map(({ id, name, judge }) => (
          <li key={id}>
            <Check
              label={name}
              hint={judge}
              checked={draft.review.includes(id)}
              onChange={(on) => set(on ? [...draft.review, id] : draft.review.filter((other) => other !== id))}
            />
          </li>
        ))}
      </ul>
      {problems.review && <Wrong>{problems.review}</Wrong>}
      {draft.review.length > 0 && (
        <Select
          label="It waits"
          value={draft.patience}
          options={PATIENCE.map(({ seconds, name }) => ({ value: seconds, label: name }))}
          error={problems.patience}
          onChange={(event) => change({ patience: event.target.value })}
        />
      )}
    </Card>
  );
}

/** Title, seed, loudness and files. */
export function DetailsCard({ form, title }: { form: Form; title: string | undefined }) {
  const { draft, problems, change } = form;
  const set = (format: Format, on: boolean) =>
    change({ formats: FORMATS.filter((other) => (other === format ? on : draft.formats.includes(other))) });
  return (
    <Card title="Details">
      <Field
        label="Title"
        value={draft.title}
        placeholder={title ?? "found with the idea"}
        error={problems.title}
        onChange={(event) => change({ title: event.target.value })}
      />
      <Field
        label="Seed"
        inputMode="numeric"
        value={draft.seed}
        placeholder="drawn"
        hint="The same words, wishes and seed make the same song."
        error={problems.seed}
        onChange={(event) => change({ seed: event.target.value })}
      />
      <Field
        label="Loudness (LUFS)"
        inputMode="text"
        value={draft.loudness}
        placeholder="-14"
        error={problems.loudness}
        onChange={(event) => change({ loudness: event.target.value })}
      />
      <fieldset className="describe-formats">
        <legend className="field-label">Files</legend>
        {FORMATS.map((format) => (
          <Check
            key={format}
            label={format.toUpperCase()}
            checked={draft.formats.includes(format)}
            onChange={(on) => set(format, on)}
          />
        ))}
        {problems.formats && <Wrong>{problems.formats}</Wrong>}
      </fieldset>
    </Card>
  );
}

/** Words to be sung. */
export function LyricsCard({ form }: { form: Form }) {
  const { draft, problems, change } = form;
  return (
    <Folded title="Lyrics" state={draft.lyrics.trim() ? "yours" : "none"} wrong={!!problems.lyrics}>
      <TextArea
        label="Lyrics"
        hideLabel
        rows={8}
        value={draft.lyrics}
        placeholder={"[Verse]\nRain on the window …\n\n[Chorus]\n…"}
        hint="They go with the song. To be sung they need a provider that sings; see below."
        error={problems.lyrics}
        onChange={(event) => change({ lyrics: event.target.value })}
      />
    </Folded>
  );
}

/** A card that is folded away until it is needed, or until something in it is wrong. */
export function Folded(props: { title: string; state: string; wrong: boolean; children: ReactNode }) {
  const { title, state, wrong, children } = props;
  const [open, setOpen] = useState(false);
  return (
    <details
      className="card describe-folded"
      open={open || wrong}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <h2 className="card-title">{title}</h2>
        <span className="describe-folded-state">{state}</span>
      </summary>
      <div className="describe-folded-body">{children}</div>
    </details>
  );
}

export function Check(props: { label: string; hint?: string; checked: boolean; onChange(checked: boolean): void }) {
  const { label, hint, checked, onChange } = props;
  return (
    <label className="describe-check">
      <input
        type="checkbox"
        aria-label={label}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {label}
        {hint && <span className="field-hint">{hint}</span>}
      </span>
    </label>
  );
}

export function Wrong({ children }: { children: ReactNode }) {
  return (
    <p className="field-error" role="alert">
      {children}
    </p>
  );
}
