import { useId } from "react";
import { Button, Field, Progress } from "../ui";
import { focusSoon } from "./focus";
import { Folded, Wrong } from "./SettingsCards";
import { ACCEPTED, heard } from "./upload";
import type { Form } from "./useForm";
import { useReference } from "./useReference";

/** A song whose tone the master comes near: sent from this device, or fetched from an address. */
export function ReferenceCard({ form }: { form: Form }) {
  const { draft, problems, change } = form;
  const upload = useReference(form);
  const file = useId();
  const { sending } = upload;
  const { reference, address: url } = draft;
  const toFile = () => focusSoon(document.body, `#${CSS.escape(file)}`);
  return (
    <Folded title="Reference track" state={reference?.filename ?? "none"} wrong={!!problems.reference || !!sending}>
      <p className="field-hint">
        The master comes near its tone and width. WAV, AIFF, FLAC, MP3, Ogg Vorbis or Opus; at most 50 MB and ten
        minutes.
      </p>
      {sending ? (
        <div className="describe-reference-sending">
          <Progress
            value={sending.share}
            label={sending.share === null ? `Listening to ${sending.name}` : `Sending ${sending.name}`}
          />
          <p>
            {sending.share === null
              ? `Listening to ${sending.name}…`
              : `Sending ${sending.name}: ${Math.round(sending.share * 100)} %`}
          </p>
          <Button
            size="small"
            look="quiet"
            icon="close"
            onClick={() => {
              upload.cancel();
              toFile();
            }}
          >
            Cancel
          </Button>
        </div>
      ) : (
        <>
          <div className="field">
            <label htmlFor={file} className="field-label">
              {reference ? "Another file" : "File"}
            </label>
            <input
              id={file}
              type="file"
              className="input"
              accept={ACCEPTED}
              aria-invalid={problems.reference ? true : undefined}
              aria-describedby={problems.reference ? `${file}-error` : undefined}
              onChange={(event) => {
                const chosen = event.target.files?.[0];
                // The same file can be chosen again after an error.
                event.target.value = "";
                if (chosen) upload.send(chosen);
              }}
            />
          </div>
          <div className="describe-reference-address">
            <Field
              label="Or its address"
              type="url"
              placeholder="https://…"
              value={url}
              onChange={(event) => change({ address: event.target.value })}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || !url.trim()) return;
                event.preventDefault();
                upload.fetch(url.trim());
              }}
            />
            <Button disabled={!url.trim()} onClick={() => upload.fetch(url.trim())}>
              Fetch
            </Button>
          </div>
        </>
      )}
      {problems.reference && (
        <div id={`${file}-error`}>
          <Wrong>{problems.reference}</Wrong>
        </div>
      )}
      {reference && (
        <section className="describe-reference-heard" aria-label={`Heard in ${reference.filename}`}>
          <h3>Heard in {reference.filename}</h3>
          <dl>
            {heard(reference).map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          {reference.notes.map((note) => (
            <p key={note} className="field-hint">
              {note}
            </p>
          ))}
          <Button
            size="small"
            icon="close"
            onClick={() => {
              change({ reference: null, cover: false });
              toFile();
            }}
          >
            Remove the reference
          </Button>
        </section>
      )}
    </Folded>
  );
}
