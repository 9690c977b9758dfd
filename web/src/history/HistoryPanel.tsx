import { useMemo, useState } from "react";
import { useSong } from "../api";
import { Card, ProblemNote, Spinner } from "../ui";
import { ChosenState, ChosenVersion } from "./Chosen";
import { Comparison } from "./Comparison";
import { HistoryTree } from "./HistoryTree";
import { pairOf, type Sides } from "./pairs";
import { useRevisionsOf, useVersions } from "./queries";
import { Takes } from "./Takes";
import { buildTree, find, manifold, openAtFirst, states, type TreeNode, versionId } from "./tree";
import "./history.css";

/** Everything that was ever made of a song: its versions and states, what changed between them, and the way back. */
export function HistoryPanel({ songId }: { songId: string }) {
  const { data: song } = useSong(songId);
  const versions = useVersions(songId);
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [chosenId, setChosen] = useState<string | undefined>();
  const [sides, setSides] = useState<Sides>({});

  const family = versions.data?.items ?? [];
  const atFirst = useMemo(() => openAtFirst({ versions: family, open: songId }), [family, songId]);
  const isOpen = (id: string) => folds.get(id) ?? atFirst.has(id);
  const unfolded = family.filter((version) => isOpen(versionId(version.id))).map((version) => version.id);
  const revisions = useRevisionsOf(unfolded);
  const inside = Object.fromEntries(
    unfolded.map((id) => {
      const items = revisions.byId[id];
      return [id, items && { revisions: items, ...(id === songId && song && { stages: song.stages }) }];
    }),
  );
  const tree = buildTree({ versions: family, inside, open: songId });
  const open = new Set([...atFirst, ...manifold(tree, songId)].filter((id) => folds.get(id) ?? true));
  for (const [id, unfold] of folds) if (unfold) open.add(id);

  const known = states(tree);
  const chosen = find(tree, chosenId);
  const { first, second } = pairOf(known, songId, sides);

  if (versions.isPending || !song) return <Spinner label="Reading the history" />;
  if (versions.error) return <ProblemNote problem={versions.error} />;

  const compare = (node: TreeNode) => {
    // A version that is still folded has to be read first; its newest state is found as soon as it is there.
    if (node.kind === "version") setFolds(new Map(folds).set(node.id, true));
    setSides({ first: node.id });
    document.getElementById("comparison")?.scrollIntoView({ block: "nearest" });
  };

  return (
    <div className="history-room">
      <div className="history">
        <Card title="History" className="history-tree">
          <HistoryTree
            tree={tree}
            open={open}
            chosen={chosenId}
            onFold={(id, unfold) => setFolds(new Map(folds).set(id, unfold))}
            onChoose={(node) => setChosen(node.id)}
          />
          <ProblemNote problem={revisions.problem} />
          {revisions.loading && <Spinner label="Reading what was made" />}
        </Card>
        <div className="stack history-side">
          {chosen?.kind === "state" && (
            <ChosenState key={chosen.id} node={chosen} song={song} onCompare={() => compare(chosen)} />
          )}
          {chosen?.kind === "version" && (
            <ChosenVersion key={chosen.id} node={chosen} song={song} onCompare={() => compare(chosen)} />
          )}
          {!chosen && (
            <p className="dim">Choose something in the tree to listen to it, to go back to it or to branch.</p>
          )}
          <Takes song={song} />
          <Card title="What changed" level={3} id="comparison">
            <Comparison
              states={known}
              titles={Object.fromEntries(family.map((version) => [version.id, version.title]))}
              first={first}
              second={second}
              onChoose={setSides}
            />
          </Card>
        </div>
      </div>
    </div>
  );
}
