import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type CommandAnswer, keys, type Problem, type Song } from "../api";
import { SCALES, TONICS, tonicName } from "../describe/glossary";
import { Button, Select, TextArea, toast } from "../ui";
import { type Deed, useDeed } from "./deed";
import { keepDraft, readDraft } from "./draft";
import { NumberInput, ShareInput } from "./NumberInput";
import { mayChange } from "./next";
import { Refusal } from "./Refusal";
import { briefly, useReading } from "./reading";
import {
  asked,
  at,
  type Base,
  baseOf,
  changedMeanwhile,
  consequence,
  EMPTY,
  formProblem,
  isDraft,
  isEmpty,
  type ReviseForm,
  type RevisionDraft,
  request,
} from "./revise";
import { PlayerWishes, SectionWishes } from "./Wishes";
import { told } from "./words";

const EXAMPLES = [
  "a bit slower",
  "louder chorus",
  "drums only from the first chorus",
  "transpose up a whole step",
  "happier",
] as const;

/** What has been edited can be taken back. */
const examples = (song: Song): readonly string[] =>
  (at(song.context, "musical.edits") as unknown[] | undefined)?.length ? [...EXAMPLES, "undo"] : EXAMPLES;

/** Change the song by plain choices or in words. What is half made outlives a reload, and a refusal. */
export function RevisePanel({ song }: { song: Song }) {
  if (!mayChange(song.role)) return null;
  return (
    <section className="song-revise" aria-label="Change the song" id="change" tabIndex={-1}>
      <h2>Change</h2>
      {song.status === "cancelled" ? (
        <p className="song-quiet">A cancelled song takes no changes. A branch of it does.</p>
      ) : (
        <ReviseFormPanel song={song} />
      )}
    </section>
  );
}

function ReviseFormPanel({ song }: { song: Song }) {
  const revision = useRevision(song);
  const { form, set, deed, theirs, answer } = revision;
  const wrong = formProblem(form);
  const reading = useReading(form.words);
  const lines = asked(form, reading.lines);
  const blockedBy = song.allowed_commands.includes("revise") ? "" : whyNot(song);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!wrong && !blockedBy) void revision.send();
  }

  return (
    <form className="song-revise-form" onSubmit={submit}>
      {revision.reason && <Kept reason={revision.reason} onDiscard={revision.discard} />}
      {theirs.length > 0 && (
        <div className="song-revise-theirs" role="status">
          <p>Meanwhile somebody changed {theirs.join("; ")}. Your draft is kept; applying it changes that again.</p>
          <Button size="small" onClick={revision.accept}>
            I have seen it
          </Button>
          <Button size="small" look="quiet" onClick={revision.discard}>
            Drop my draft
          </Button>
        </div>
      )}
      <TextArea
        label="Say it in your words"
        rows={2}
        maxLength={2000}
        placeholder={EXAMPLES.slice(0, 3).join(", ")}
        value={form.words}
        hint={reading.problem?.code === "invalid_command" ? <NotUnderstood problem={reading.problem} /> : undefined}
        onChange={(event) => set({ words: event.target.value })}
      />
      <p className="song-chips">
        {examples(song).map((example) => (
          <button
            key={example}
            type="button"
            className="song-chip"
            onClick={() => set({ words: joined(form.words, example) })}
          >
            {example}
          </button>
        ))}
      </p>
      <fieldset className="song-revise-group">
        <legend>Tempo, key and loudness</legend>
        <div className="song-revise-row">
          <NumberInput name="tempo" form={form} set={set} now={at(song.context, "musical.tempo")} />
          <NumberInput name="loudness" form={form} set={set} now={at(song.context, "technical.loudness_target")} />
        </div>
        <KeyInput song={song} form={form} set={set} />
      </fieldset>
      <SectionWishes song={song} form={form} set={set} />
      <PlayerWishes song={song} form={form} set={set} />
      <details className="song-revise-group" open={mixTouched(form) || undefined}>
        <summary>Mix and tone</summary>
        <ShareInput name="reverb" form={form} set={set} now={at(song.context, "creative.preferences.mix.reverb")} />
        <ShareInput name="width" form={form} set={set} now={at(song.context, "creative.preferences.mix.width")} />
        <ShareInput
          name="compression"
          form={form}
          set={set}
          now={at(song.context, "creative.preferences.mix.compression")}
        />
        <ShareInput name="tone" form={form} set={set} now={at(song.context, "creative.preferences.master.tone")} />
      </details>
      <Lyrics song={song} form={form} set={set} />
      <div className={`song-revise-send ${isEmpty(form) ? "" : "song-revise-send-live"}`}>
        {lines.length > 0 && (
          <div className="song-revise-asked">
            <p>You ask for:</p>
            <ul>
              {lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <p className="song-quiet">
              {consequence(form, song.current_stage, song.stages, reading.lines.length ? reading.stage : undefined)}
            </p>
          </div>
        )}
        {!isEmpty(form) && wrong && <p className="field-error">{wrong}</p>}
        {blockedBy && <p className="song-quiet">{blockedBy}</p>}
        <div className="song-revise-buttons">
          <Button type="submit" look="primary" busy={deed.busy} disabled={Boolean(wrong) || Boolean(blockedBy)}>
            Apply the change
          </Button>
          {!isEmpty(form) && (
            <Button look="quiet" onClick={revision.discard}>
              Start over
            </Button>
          )}
        </div>
        <Refusal problem={deed.problem} />
        {answer && <p className="song-revise-answer">{told(answer.message)}</p>}
      </div>
    </form>
  );
}

const mixTouched = (form: ReviseForm): boolean =>
  [form.reverb, form.width, form.compression, form.tone].some((typed) => typed !== "");

const joined = (words: string, more: string): string =>
  words.trim() ? `${words.trim().replace(/[.,]$/, "")}, ${more}` : more;

function NotUnderstood({ problem }: { problem: Problem }) {
  return (
    <>
      {told(briefly(problem.detail))} Say it as in the examples. Where a language model is set up, it is asked when you
      apply the change.
    </>
  );
}

function whyNot(song: Song): string {
  if (song.held) return "The song is held. Your draft is kept; resume the song to apply it.";
  return "The song takes no changes at this moment. Your draft is kept.";
}

function Kept({ reason, onDiscard }: { reason: string; onDiscard: () => void }) {
  return (
    <div className="song-revise-kept" role="status">
      <p>
        <strong>Your change was not applied and is kept here as a draft.</strong> {told(reason)}
      </p>
      <Button size="small" look="quiet" onClick={onDiscard}>
        Drop the draft
      </Button>
    </div>
  );
}

interface Revision {
  readonly form: ReviseForm;
  readonly set: (change: Partial<ReviseForm>) => void;
  /** Why the draft was not applied, where it was sent and refused. */
  readonly reason: string;
  /** What others have changed since the draft was begun, of that which it changes. */
  readonly theirs: readonly string[];
  readonly deed: Deed;
  readonly answer: CommandAnswer | null;
  readonly send: () => Promise<void>;
  readonly accept: () => void;
  readonly discard: () => void;
}

const AT_REST = new Set(["waiting", "blocked", "completed"]);

const OUTDATED =
  "The song had changed before your change reached it. It is shown as it is now: apply again, or drop it.";

/** A draft of a change: kept in the tab, sent once, compared with what others do meanwhile. */
function useRevision(song: Song): Revision {
  const client = useQueryClient();
  const deed = useDeed(song.id);
  const now = baseOf(song.context);
  const [draft, setDraft] = useState<RevisionDraft>(
    () => readDraft("change", song.id, isDraft) ?? { form: EMPTY, base: now, reason: "" },
  );
  const [answer, setAnswer] = useState<CommandAnswer | null>(null);
  const { form, base, reason } = draft;
  const latest = useRef(song);
  latest.current = song;

  useEffect(() => keepDraft("change", song.id, isEmpty(draft.form) ? null : draft), [draft, song.id]);

  // What a form that nobody has touched was begun from is the song as it is.
  const from: Base = isEmpty(form) ? now : base;
  const theirs = changedMeanwhile(form, from, now);

  function set(change: Partial<ReviseForm>) {
    setAnswer(null);
    setDraft((known) => ({
      ...known,
      base: isEmpty(known.form) ? baseOf(latest.current.context) : known.base,
      form: { ...known.form, ...change },
    }));
  }

  async function send() {
    const sent = form;
    // What others have changed may have appeared under the pointer: the first press shows it, the second one means it.
    if (theirs.length && !reason) {
      setDraft((known) => ({ ...known, reason: OUTDATED }));
      return;
    }
    // A song at work moves on by itself, so its tag says nothing about other people; at rest only people move it.
    const seen = AT_REST.has(song.status) ? song.etag : undefined;
    const given = await deed.run("revise", request(sent), seen);
    if (given) {
      setAnswer(given);
      setDraft({ form: EMPTY, base: baseOf(latest.current.context), reason: "" });
      toast(told(given.message));
    }
    await client.invalidateQueries({ queryKey: keys.detail(song.id) });
  }

  const outdated = deed.problem?.outdated === true;
  useEffect(() => {
    if (outdated) setDraft((known) => ({ ...known, reason: OUTDATED }));
  }, [outdated]);

  return {
    form,
    set,
    reason,
    theirs,
    answer,
    deed: outdated ? { ...deed, problem: null } : deed,
    send,
    accept: () => setDraft((known) => ({ ...known, base: baseOf(latest.current.context), reason: "" })),
    discard: () => {
      deed.clear();
      setDraft({ form: EMPTY, base: baseOf(latest.current.context), reason: "" });
    },
  };
}

interface InputProps {
  readonly song: Song;
  readonly form: ReviseForm;
  readonly set: (change: Partial<ReviseForm>) => void;
}

function KeyInput({ song, form, set }: InputProps) {
  const tonic = at(song.context, "musical.key");
  const scale = at(song.context, "musical.scale");
  const now =
    typeof tonic === "string" ? `${tonicName(tonic)} ${String(scale ?? "major").replaceAll("_", " ")}` : "its own";
  const named = SCALES.map((one) => ({ value: one, label: one.replaceAll("_", " ") }));
  return (
    <div className="song-revise-row">
      <Select
        label={`Key (now ${now})`}
        value={form.tonic}
        options={[{ value: "", label: "As it is" }, ...TONICS.map((one) => ({ value: one, label: tonicName(one) }))]}
        onChange={(event) => {
          const chosen = event.target.value;
          set({ tonic: chosen, scale: chosen ? form.scale || (typeof scale === "string" ? scale : "major") : "" });
        }}
      />
      <Select
        label="Scale"
        value={form.tonic ? form.scale : ""}
        disabled={!form.tonic}
        options={form.tonic ? named : [{ value: "", label: "As it is" }]}
        onChange={(event) => set({ scale: event.target.value })}
      />
    </div>
  );
}

/** Words to sing, where the song has or wants any. */
function Lyrics({ song, form, set }: InputProps) {
  const now = at(song.context, "creative.lyrics");
  const written = typeof now === "string" ? now : "";
  if (!written && !song.settings.vocals) return null;
  return (
    <details className="song-revise-group" open={form.lyrics !== null || undefined}>
      <summary>Words to sing</summary>
      <TextArea
        label="Words to sing"
        hideLabel
        rows={8}
        maxLength={8000}
        value={form.lyrics ?? written}
        onChange={(event) => set({ lyrics: event.target.value === written ? null : event.target.value })}
      />
    </details>
  );
}
