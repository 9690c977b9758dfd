import { useRef } from "react";
import { Button, Field, IconButton, Select } from "../ui";
import { focusSoon } from "./focus";
import { type FormRow, formSeconds, moved, UNITS, type Unit } from "./form";
import { SECTIONS, sentence } from "./glossary";
import { clock } from "./values";

export interface FormEditorProps {
  rows: readonly FormRow[];
  tempo: number;
  metre: string;
  error?: string | undefined;
  onChange(rows: readonly FormRow[]): void;
}

const USUAL: readonly FormRow[] = [
  ["intro", "4"],
  ["verse", "8"],
  ["chorus", "8"],
  ["verse", "8"],
  ["chorus", "8"],
  ["outro", "4"],
].map(([name = "", length = ""]) => ({ name, length, unit: "bars" }));

/** The sections of the song in their order: added, taken away, moved, made longer or shorter. */
export function FormEditor({ rows, tempo, metre, error, onChange }: FormEditorProps) {
  const put = (at: number, change: Partial<FormRow>) =>
    onChange(rows.map((row, place) => (place === at ? { ...row, ...change } : row)));
  const set = useRef<HTMLFieldSetElement>(null);
  const row = (place: number) => `.describe-form-row:nth-child(${place + 1})`;
  /** The row and the focus go together; at either end the other button takes it. */
  const move = (from: number, to: number) => {
    onChange(moved(rows, from, to));
    const end = to === 0 ? 2 : to === rows.length - 1 ? 1 : to < from ? 1 : 2;
    focusSoon(set.current, `${row(to)} .button:nth-of-type(${end})`);
  };
  const remove = (at: number) => {
    onChange(rows.filter((_, place) => place !== at));
    focusSoon(set.current, rows.length > 1 ? `${row(Math.min(at, rows.length - 2))} select` : ".button");
  };
  const seconds = formSeconds(rows, tempo, metre);
  return (
    <fieldset ref={set} className="describe-form-editor">
      <legend className="field-label">Form</legend>
      {rows.length === 0 ? (
        <div className="describe-form-open">
          <p className="field-hint">Open: the sections are chosen with the music, to fit the length.</p>
          <Button size="small" icon="add" onClick={() => onChange(USUAL)}>
            Set the form
          </Button>
        </div>
      ) : (
        <>
          <ol className="describe-form-rows">
            {rows.map((row, at) => (
              // The place is what a row is known by: two verses may be alike.
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
              <li key={at} className="describe-form-row">
                <Select
                  label={`Section ${at + 1}`}
                  hideLabel
                  value={row.name}
                  options={options(row.name)}
                  onChange={(event) => put(at, { name: event.target.value })}
                />
                <Field
                  label={`Length of section ${at + 1}`}
                  hideLabel
                  inputMode="decimal"
                  value={row.length}
                  onChange={(event) => put(at, { length: event.target.value })}
                />
                <Select
                  label={`Unit of section ${at + 1}`}
                  hideLabel
                  value={row.unit}
                  options={UNITS.map((unit) => ({ value: unit, label: unit }))}
                  onChange={(event) => put(at, { unit: event.target.value as Unit })}
                />
                <span className="describe-form-moves">
                  <IconButton
                    label={`Move section ${at + 1} up`}
                    icon="up"
                    size="small"
                    disabled={at === 0}
                    onClick={() => move(at, at - 1)}
                  />
                  <IconButton
                    label={`Move section ${at + 1} down`}
                    icon="down"
                    size="small"
                    disabled={at === rows.length - 1}
                    onClick={() => move(at, at + 1)}
                  />
                  <IconButton label={`Remove section ${at + 1}`} icon="close" size="small" onClick={() => remove(at)} />
                </span>
              </li>
            ))}
          </ol>
          <div className="describe-form-foot">
            <Button
              size="small"
              icon="add"
              onClick={() => onChange([...rows, { name: "chorus", length: "8", unit: "bars" }])}
            >
              Add a section
            </Button>
            <span className="field-hint">{seconds === null ? "" : `lasts about ${clock(seconds)}`}</span>
          </div>
        </>
      )}
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** The usual sections, and the one that the row has where it is called otherwise. */
function options(name: string): { value: string; label: string }[] {
  const names = SECTIONS.includes(name) ? SECTIONS : [name, ...SECTIONS];
  return names.map((value) => ({ value, label: sentence(value) }));
}
