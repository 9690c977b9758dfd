import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, asProblem, data, keys, type Role, type Song, useCommand } from "../api";
import { player } from "../player";
import { Refusal } from "../song/Refusal";
import { nameOfStage, seconds } from "../song/words";
import { announce, Button, Card, toast } from "../ui";
import { BranchDialog } from "./BranchDialog";
import { silence, soundOf } from "./listening";
import { MEASURES, valueWords } from "./measures";
import { useMedia } from "./queries";
import type { StateNode, VersionNode } from "./tree";
import { when } from "./when";

const STEERS: readonly Role[] = ["owner", "editor"];

interface ChosenProps<Node> {
  node: Node;
  /** The song whose page is open. */
  song: Song;
  onCompare(): void;
}

/** One state: what it is, and what can be done with it. */
export function ChosenState({ node, song, onCompare }: ChosenProps<StateNode>) {
  const [branching, setBranching] = useState(false);
  const steers = STEERS.includes(song.role);
  const here = node.songId === song.id;
  const available = node.state?.available !== false;
  return (
    <Card title={node.name} level={3} aria-label={`Chosen: ${node.name}`} className="chosen">
      <StateFacts node={node} />
      <div className="row">
        <ListenButton node={node} title={song.title} />
        <Button size="small" onClick={onCompare}>
          Compare
        </Button>
        {steers && available && (
          <Button size="small" icon="branch" onClick={() => setBranching(true)}>
            Branch from here
          </Button>
        )}
      </div>
      {steers && here && available && node.state && <GoBack node={node} song={song} />}
      {!here && (
        <p>
          <Link href={`/songs/${node.songId}`}>Open the version that it belongs to</Link>
        </p>
      )}
      <BranchDialog open={branching} node={node} title={song.title} onClose={() => setBranching(false)} />
    </Card>
  );
}

function StateFacts({ node }: { node: StateNode }) {
  const { state } = node;
  if (!state) return <p className="dim">Its version is not unfolded yet.</p>;
  const told = Object.keys(MEASURES)
    .filter((name) => name in state.measured && !MEASURES[name]?.fine)
    .map((name) => [MEASURES[name]?.name ?? name, valueWords(name, state.measured[name])] as const);
  const steps = state.computed + state.reused;
  const made = state.reused > 0 ? `; ${state.computed} of its ${steps} steps had to be made anew` : "";
  return (
    <>
      <p className="dim">
        Made {when(state.completed_at)} in {seconds(state.seconds)}
        {made}.
      </p>
      {told.length > 0 && (
        <dl className="facts">
          {told.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

function ListenButton({ node, title }: { node: StateNode; title: string }) {
  const media = useMedia(node.songId);
  const sound = media.data && soundOf(node, media.data.items, title);
  if (!sound) {
    return media.isPending ? null : <p className="dim note">{silence(node.stage)}</p>;
  }
  return (
    <Button size="small" icon="play" onClick={() => void player.listen(sound)} aria-label={`Listen to ${node.name}`}>
      Listen
    </Button>
  );
}

/** Back to an earlier result; the song answers at once, and what it says stands beside the button. */
function GoBack({ node, song }: { node: StateNode; song: Song }) {
  const command = useCommand(song.id);
  const stale = node.marks.includes("out of date");
  if (node.state?.is_current && !stale) {
    return <p className="dim">This is what the song has now.</p>;
  }
  const goBack = async () => {
    try {
      const answer = await command.send("revert", { stage: node.stage, revision: node.revision });
      const done = `Back to ${node.name}`;
      announce(answer.verdict === "pending" ? `${done}: it happens as soon as the studio's engine is up` : done);
      toast(`${done}. What follows it is made again as you go on.`);
    } catch {
      // The reason stands in `command.problem`.
    }
  };
  return (
    <div className="stack-small">
      <Button size="small" icon="undo" busy={command.sending === "revert"} onClick={goBack}>
        Go back to this {nameOfStage(node.stage).toLowerCase()}
      </Button>
      <Refusal problem={command.problem} />
    </div>
  );
}

/** One version of the family. */
export function ChosenVersion({ node, song, onCompare }: ChosenProps<VersionNode>) {
  const { version } = node;
  const open = version.id === song.id;
  const parent = version.parent_stage
    ? `It branched from ${nameOfStage(version.parent_stage)} ${version.parent_revision ?? ""}.`
    : "It is where the family begins.";
  return (
    <Card title={node.name} level={3} aria-label={`Chosen: ${node.name}`} className="chosen">
      <p className="dim">
        Version {version.number}, begun {when(version.created_at)}. {version.parent_id === null ? "" : parent}
      </p>
      <div className="row">
        {open ? <span className="dim">This version is open.</span> : <OpenLink id={version.id} />}
        {!open && (
          <Button size="small" onClick={onCompare}>
            Compare with this version
          </Button>
        )}
      </div>
      {song.role === "owner" && <MakeMain node={node} song={song} />}
    </Card>
  );
}

function OpenLink({ id }: { id: string }) {
  return (
    <Link href={`/songs/${id}`} className="button button-normal button-small">
      Open this version
    </Link>
  );
}

function MakeMain({ node, song }: { node: VersionNode; song: Song }) {
  const client = useQueryClient();
  const chosen = node.version.id;
  const making = useMutation({
    mutationFn: () =>
      data(
        api.PUT("/v1/compositions/{id}/versions/main", {
          params: { path: { id: song.id } },
          body: { composition_id: chosen },
        }),
      ),
    onSuccess: (family) => {
      client.setQueryData(keys.versions(song.id), family);
      void client.invalidateQueries({ queryKey: keys.detail(song.id) });
      void client.invalidateQueries({ queryKey: keys.allSongs });
      toast(`${node.name} is the main version now.`);
    },
  });
  if (node.version.is_main) return <p className="dim">It is the main version of this song.</p>;
  return (
    <div className="stack-small">
      <Button size="small" icon="check" busy={making.isPending} onClick={() => making.mutate()}>
        Make this the main version
      </Button>
      <Refusal problem={making.error && asProblem(making.error)} />
    </div>
  );
}
