import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { api, asProblem, data, keys, newKey, type Problem, type Song, type Stage } from "../api";
import { Button, Dialog, Field, Select, TextArea } from "../ui";
import { Foot } from "./Controls";
import { Refusal } from "./Refusal";
import { nameOfStage } from "./words";

interface Props {
  readonly song: Song;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** A new version that begins with what this song had made; the song itself goes on undisturbed. */
export function BranchDialog({ song, open, onClose }: Props) {
  return open ? <Asking song={song} open onClose={onClose} /> : null;
}

function Asking({ song, open, onClose }: Props) {
  const client = useQueryClient();
  const [, go] = useLocation();
  const made = song.stages.filter((one) => one.revision > 0).map((one) => one.stage);
  const [stage, setStage] = useState<Stage>(made.at(-1) ?? "ideation");
  const [revision, setRevision] = useState("");
  const [title, setTitle] = useState(`${song.title}, another way`.slice(0, 255));
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const intention = useRef({ what: "", key: "" });
  const states = useQuery({
    queryKey: keys.revisions(song.id),
    queryFn: () => data(api.GET("/v1/compositions/{id}/revisions", { params: { path: { id: song.id } } })),
  });
  const numbers = (states.data?.items ?? []).filter((one) => one.stage === stage);
  const current = song.stages.find((one) => one.stage === stage)?.revision ?? 1;

  async function branch() {
    const body = {
      stage,
      revision: Number(revision || current),
      title: title.trim() || null,
      changes: {},
      ...(words.trim() ? { instruction: words.trim() } : {}),
    };
    const what = JSON.stringify(body);
    if (intention.current.what !== what) intention.current = { what, key: newKey() };
    setBusy(true);
    setProblem(null);
    try {
      const made = await data(
        api.POST("/v1/compositions/{id}/branches", {
          params: { path: { id: song.id } },
          headers: { "Idempotency-Key": intention.current.key },
          body: body as never,
        }),
      );
      void client.invalidateQueries({ queryKey: keys.versions(song.id) });
      void client.invalidateQueries({ queryKey: keys.allSongs });
      onClose();
      go(`/songs/${made.id}`);
    } catch (error) {
      const found = asProblem(error);
      if (!found.unreachable) intention.current = { what: "", key: "" };
      setProblem(found);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={open}
      title="Branch the song"
      onClose={onClose}
      actions={
        <Foot problem={<Refusal problem={problem} />}>
          <Button look="quiet" onClick={onClose}>
            Not now
          </Button>
          <Button look="primary" busy={busy} disabled={made.length === 0} onClick={() => void branch()}>
            Make the branch
          </Button>
        </Foot>
      }
    >
      <p>A branch is a song of its own that begins with what this one has made. This song goes on undisturbed.</p>
      {made.length === 0 ? (
        <p>There is nothing to branch from yet: the first stage has not ended.</p>
      ) : (
        <>
          <Select
            label="Begin after"
            value={stage}
            options={made.map((one) => ({ value: one, label: nameOfStage(one) }))}
            onChange={(event) => {
              setStage(event.target.value as Stage);
              setRevision("");
            }}
          />
          {numbers.length > 1 && (
            <Select
              label="As it was in"
              value={revision || String(current)}
              options={numbers.map((one) => ({
                value: String(one.revision),
                label: `version ${one.revision}${one.is_current ? ", as it is now" : ""}`,
                disabled: !one.available,
              }))}
              onChange={(event) => setRevision(event.target.value)}
            />
          )}
          <Field
            label="Title of the branch"
            value={title}
            maxLength={255}
            onChange={(event) => setTitle(event.target.value)}
          />
          <TextArea
            label="What is different in it"
            hint="In your words, such as “faster, in D minor”. Without any, the branch waits for you."
            rows={2}
            value={words}
            maxLength={2000}
            onChange={(event) => setWords(event.target.value)}
          />
        </>
      )}
    </Dialog>
  );
}
