import { useId, useRef, useState } from "react";
import { Button, Field, IconButton } from "../ui";
import { focusSoon } from "./focus";
import { type Entry, meant, nameOf, suggestions } from "./glossary";

export interface NamesFieldProps {
  /** What the list is of, in the plural for its heading ("Instruments"). */
  label: string;
  /** One of them, for the field that adds ("instrument"). */
  one: string;
  ids: readonly string[];
  entries: readonly Entry[];
  error?: string | undefined;
  onChange(ids: readonly string[]): void;
}

/** A list of names out of a glossary: each can be taken away, others are added by what people call them. */
export function NamesField({ label, one, ids, entries, error, onChange }: NamesFieldProps) {
  const [typed, setTyped] = useState("");
  const [unknown, setUnknown] = useState("");
  const list = useId();
  const set = useRef<HTMLFieldSetElement>(null);

  function add(text: string) {
    const entry = meant(text, entries);
    if (!entry) return setUnknown(text.trim() ? notFound(one, text, entries) : "");
    setTyped("");
    setUnknown("");
    if (!ids.includes(entry.id)) onChange([...ids, entry.id]);
  }

  return (
    <fieldset ref={set} className="describe-names">
      <legend className="field-label">{label}</legend>
      {ids.length > 0 && (
        <ul className="describe-names-list" aria-label={label}>
          {ids.map((id) => (
            <li key={id} className="describe-name">
              {nameOf(id)}
              <IconButton
                label={`Remove ${nameOf(id)}`}
                icon="close"
                size="small"
                onClick={() => {
                  onChange(ids.filter((other) => other !== id));
                  focusSoon(set.current, "input");
                }}
              />
            </li>
          ))}
        </ul>
      )}
      <div className="describe-names-add">
        <Field
          label={`Add ${/^[aeiou]/.test(one) ? "an" : "a"} ${one}`}
          hideLabel
          placeholder={ids.length ? `another ${one}` : `open: name ${/^[aeiou]/.test(one) ? "an" : "a"} ${one}`}
          list={list}
          value={typed}
          error={unknown || error}
          autoComplete="off"
          onChange={(event) => {
            setTyped(event.target.value);
            setUnknown("");
            // A pick from the list arrives as one replacement, typing as single letters.
            const kind = (event.nativeEvent as InputEvent).inputType;
            if (kind === undefined || kind === "insertReplacementText") add(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            add(typed);
          }}
        />
        <datalist id={list}>
          {entries.map((entry) => (
            <option key={entry.id} value={entry.name} />
          ))}
        </datalist>
        <Button size="small" aria-label={`Add the ${one}`} disabled={!typed.trim()} onClick={() => add(typed)}>
          Add
        </Button>
      </div>
    </fieldset>
  );
}

function notFound(one: string, text: string, entries: readonly Entry[]): string {
  const near = suggestions(text.trim().slice(0, 4), entries, 4).map((entry) => entry.name);
  const say = near.length ? `; near it are ${near.join(", ")}` : "";
  return `No ${one} here is called “${text.trim().slice(0, 40)}”${say}.`;
}
