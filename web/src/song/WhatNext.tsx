import { useEffect, useRef } from "react";
import type { Song } from "../api";
import { player } from "../player";
import { announce, Button, Icon } from "../ui";
import { useDeed } from "./deed";
import { culprit, mayChange, type Deed as NextDeed, stateOf, whatNext } from "./next";
import { Refusal } from "./Refusal";
import { nameOfStage, STANDING, standing } from "./words";

interface Props {
  readonly song: Song;
  readonly onBranch: () => void;
  readonly onChange: () => void;
}

/** One sentence and one thing to press, for every state the song can be in. */
export function WhatNext({ song, onBranch, onChange }: Props) {
  const next = whatNext(song);
  useStageAnnouncements(song);
  return (
    <section className={`song-what-next song-what-next-${next.tone}`} aria-label="What next">
      <div className="song-what-next-words">
        <p className="song-what-next-sentence">{next.sentence}</p>
        {next.hint && <p className="song-what-next-hint">{next.hint}</p>}
      </div>
      {mayChange(song.role) && <TakeBack song={song} />}
      {next.deed && <Primary song={song} deed={next.deed} onBranch={onBranch} onChange={onChange} />}
    </section>
  );
}

/** Takes back the setting that the song cannot go on with. */
function TakeBack({ song }: { song: Song }) {
  const { run, busy, problem } = useDeed(song.id);
  const path = culprit(song);
  if (!path) return null;
  return (
    <div className="song-what-next-deed">
      <Button busy={busy} onClick={() => void run("revise", { changes: { [path]: null } })}>
        Take this setting back
      </Button>
      <Refusal problem={problem} />
    </div>
  );
}

function Primary({ song, deed, onBranch, onChange }: Props & { readonly deed: NextDeed }) {
  const { run, busy, problem } = useDeed(song.id);
  if (deed.kind === "download") {
    return (
      <a className="button button-primary button-normal" href={`/v1/compositions/${song.id}/download?format=release`}>
        <Icon name="download" /> {deed.label}
      </a>
    );
  }
  if (deed.kind === "command") {
    const { command } = deed;
    return (
      <div className="song-what-next-deed">
        <Button look="primary" busy={busy} onClick={() => void run(command)}>
          {deed.label}
        </Button>
        <Refusal problem={problem} />
      </div>
    );
  }
  const acts = { branch: onBranch, change: onChange, listen: () => player.toggle() } as const;
  const act = acts[deed.kind];
  return (
    <Button look="primary" onClick={() => void act()}>
      {deed.label}
    </Button>
  );
}

/** Tells screen readers when a stage begins, ends, waits or is stuck; never the percentages in between. */
function useStageAnnouncements(song: Song): void {
  const here = song.stages.find((one) => one.stage === song.current_stage);
  const state = here ? standing(here, song) : "pending";
  const words =
    song.status === "completed" || song.status === "cancelled"
      ? whatNext(song).sentence
      : `${nameOfStage(song.current_stage)}: ${STANDING[state].name}`;
  const last = useRef(`${stateOf(song)} ${words}`);
  useEffect(() => {
    const now = `${stateOf(song)} ${words}`;
    if (last.current !== now) announce(words);
    last.current = now;
  }, [song, words]);
}
