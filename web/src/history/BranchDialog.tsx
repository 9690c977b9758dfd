import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { api, asProblem, data, keys, newKey } from "../api";
import { Refusal } from "../song/Refusal";
import { nameOfStage } from "../song/words";
import { Button, Dialog, Field, TextArea, toast } from "../ui";
import type { StateNode } from "./tree";

export interface BranchDialogProps {
  open: boolean;
  node: StateNode;
  /** What the version is called that it branches from. */
  title: string;
  onClose(): void;
}

const MOST_TITLE = 255;
const MOST_WORDS = 2000;

/** A new version that begins with a state: its name, and what should be different, in words. */
export function BranchDialog({ open, node, title, onClose }: BranchDialogProps) {
  return (
    <Dialog open={open} title={`Branch from ${node.name}`} onClose={onClose}>
      <BranchForm node={node} title={title} onClose={onClose} />
    </Dialog>
  );
}

function BranchForm({ node, title, onClose }: Omit<BranchDialogProps, "open">) {
  const [name, setName] = useState(`${title}, another way`.slice(0, MOST_TITLE));
  const [wish, setWish] = useState("");
  const intention = useRef({ what: "", key: "" });
  const [, go] = useLocation();
  const client = useQueryClient();
  const form = useId();
  const branching = useMutation({
    mutationFn: () => {
      const words = wish.trim();
      const body = { stage: node.stage, revision: node.revision, title: name.trim(), changes: {}, settings: {} };
      const asked = words ? { ...body, instruction: words } : body;
      // The same key for the same wish: a second click, or a try after a lost answer, makes no second version.
      const what = JSON.stringify(asked);
      if (intention.current.what !== what) intention.current = { what, key: newKey() };
      const headers = { "Idempotency-Key": intention.current.key };
      const path = { id: node.songId };
      return data(api.POST("/v1/compositions/{id}/branches", { params: { path }, headers, body: asked }));
    },
    onSuccess: (version) => {
      void client.invalidateQueries({ queryKey: keys.versions(node.songId) });
      void client.invalidateQueries({ queryKey: keys.allSongs });
      toast(`“${version.title}” is a version of its own now.`);
      onClose();
      go(`/songs/${version.id}`);
    },
    onError: (error) => {
      if (!asProblem(error).unreachable) intention.current = { what: "", key: "" };
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!branching.isPending) branching.mutate();
  };
  return (
    <form id={form} className="stack" onSubmit={submit}>
      <p>
        Everything up to {nameOfStage(node.stage).toLowerCase()} is taken over as it was; this version stays as it is.
      </p>
      <Field
        label="Name of the new version"
        required
        maxLength={MOST_TITLE}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextArea
        label="What should be different? (optional)"
        hint="Such as “faster, with a rhodes”. Without words it waits for you where it branches."
        rows={3}
        maxLength={MOST_WORDS}
        value={wish}
        onChange={(event) => setWish(event.target.value)}
      />
      <Refusal problem={branching.error && asProblem(branching.error)} />
      <div className="row history-form-actions">
        <Button onClick={onClose}>Not now</Button>
        <Button type="submit" look="primary" icon="branch" busy={branching.isPending} disabled={!name.trim()}>
          Branch
        </Button>
      </div>
    </form>
  );
}
