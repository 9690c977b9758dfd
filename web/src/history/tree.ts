/**
 * A song's family as a tree: its versions, in each the stages, in each stage what was made of it, newest first, and
 * under that the versions that branched from there. Pure, so that it can be tested without a page.
 */

import type { RevisionView, Stage, StageView, VersionView } from "../api/schema";
import { nameOfStage, place } from "../song/words";
import { when } from "./when";

export type Mark = "this version" | "main version" | "now" | "out of date" | "files removed";

interface Common {
  readonly id: string;
  readonly songId: string;
  readonly name: string;
  readonly marks: readonly Mark[];
  /** When it was made, as the API tells it; a stage has no time of its own. */
  readonly at?: string;
  readonly children: readonly TreeNode[];
}

export interface VersionNode extends Common {
  readonly kind: "version";
  readonly version: VersionView;
}

export interface StageNode extends Common {
  readonly kind: "stage";
  readonly stage: Stage;
}

export interface StateNode extends Common {
  readonly kind: "state";
  readonly stage: Stage;
  readonly revision: number;
  /** Unknown until the revisions of its version are read. */
  readonly state?: RevisionView;
}

export type TreeNode = VersionNode | StageNode | StateNode;

/** What is known of one version's inside: nothing until somebody opens it. */
export interface Inside {
  readonly revisions: readonly RevisionView[];
  readonly stages?: readonly StageView[];
}

export interface Family {
  readonly versions: readonly VersionView[];
  readonly inside: Readonly<Record<string, Inside | undefined>>;
  /** The version whose page is open. */
  readonly open: string;
  /** Moments of this age and more are told by their date. */
  readonly now?: Date;
}

export const versionId = (song: string): string => `version ${song}`;
export const stageId = (song: string, stage: Stage): string => `stage ${song} ${stage}`;
export const stateId = (song: string, stage: Stage, revision: number): string => `state ${song} ${stage} ${revision}`;

/** The family from its roots: versions whose parent is hidden or erased stand beside the first one. */
export function buildTree(family: Family): readonly TreeNode[] {
  const known = new Set(family.versions.map((version) => version.id));
  const isRoot = (version: VersionView) => version.parent_id === null || !known.has(version.parent_id);
  return family.versions.filter(isRoot).map((version) => versionNode(family, version));
}

function versionNode(family: Family, version: VersionView): VersionNode {
  const marks: Mark[] = [];
  if (version.id === family.open) marks.push("this version");
  if (version.is_main && family.versions.length > 1) marks.push("main version");
  return {
    kind: "version",
    id: versionId(version.id),
    songId: version.id,
    name: version.title,
    version,
    marks,
    at: version.created_at,
    children: stageNodes(family, version),
  };
}

function stageNodes(family: Family, version: VersionView): readonly TreeNode[] {
  const branches = family.versions.filter((other) => other.parent_id === version.id);
  const revisions = family.inside[version.id]?.revisions ?? [];
  const stages = [
    ...new Set([...revisions.map((one) => one.stage), ...branches.flatMap((one) => one.parent_stage ?? [])]),
  ].sort((one, other) => place(one) - place(other));
  const homeless = branches.filter((branch) => branch.parent_stage === null);
  return [
    ...stages.map((stage): StageNode => {
      const children = stateNodes(family, version, stage, revisions, branches);
      const name = nameOfStage(stage);
      return { kind: "stage", id: stageId(version.id, stage), songId: version.id, name, stage, marks: [], children };
    }),
    ...homeless.map((branch) => versionNode(family, branch)),
  ];
}

function stateNodes(
  family: Family,
  version: VersionView,
  stage: Stage,
  revisions: readonly RevisionView[],
  branches: readonly VersionView[],
): readonly StateNode[] {
  const own = branches.filter((branch) => branch.parent_stage === stage);
  const states = newestOfEach(revisions.filter((one) => one.stage === stage));
  const numbers = [...new Set([...states.keys(), ...own.map((branch) => branch.parent_revision ?? 0)])];
  const several = states.size > 0 && [...states.values()].some((state) => state.take > 1);
  return numbers
    .sort((one, other) => other - one)
    .map((revision): StateNode => {
      const state = states.get(revision);
      const take = several && state ? `, take ${state.take}` : "";
      return {
        kind: "state",
        id: stateId(version.id, stage, revision),
        songId: version.id,
        name: `${nameOfStage(stage)} ${revision}${take}`,
        stage,
        revision,
        marks: stateMarks(state, family.inside[version.id]?.stages),
        ...(state ? { state, at: state.completed_at } : {}),
        children: own
          .filter((branch) => (branch.parent_revision ?? 0) === revision)
          .map((branch) => versionNode(family, branch)),
      };
    });
}

/** The states by their number; of a state that is told for several takes, the newest. */
function newestOfEach(states: readonly RevisionView[]): ReadonlyMap<number, RevisionView> {
  const found = new Map<number, RevisionView>();
  for (const state of states) {
    const other = found.get(state.revision);
    if (!other || other.completed_at < state.completed_at) found.set(state.revision, state);
  }
  return found;
}

function stateMarks(state: RevisionView | undefined, stages: readonly StageView[] | undefined): readonly Mark[] {
  if (!state) return [];
  const marks: Mark[] = [];
  const stale = stages?.find((view) => view.stage === state.stage)?.status === "stale";
  if (state.is_current) marks.push(stale ? "out of date" : "now");
  if (!state.available) marks.push("files removed");
  return marks;
}

/** A node with its marks and its time, as it is read out. */
export function nodeWords(node: TreeNode, now?: Date): string {
  return [node.name, ...node.marks, ...(node.at ? [when(node.at, now)] : [])].join(", ");
}

/** A node as it stands on the screen: how deep, which of how many, and whether it is open. */
export interface Row {
  readonly node: TreeNode;
  readonly level: number;
  readonly parent: string | undefined;
  readonly position: number;
  readonly of: number;
  /** Undefined for a node with nothing below it. */
  readonly open: boolean | undefined;
}

/** The rows that are seen while `open` names the nodes that are unfolded. */
export function rows(tree: readonly TreeNode[], open: ReadonlySet<string>): readonly Row[] {
  const walk = (nodes: readonly TreeNode[], level: number, parent: string | undefined): readonly Row[] =>
    nodes.flatMap((node, index) => {
      // A version can always be opened: what is inside is read then.
      const folds = node.children.length > 0 || node.kind === "version";
      const unfolded = folds ? open.has(node.id) : undefined;
      const row: Row = { node, level, parent, position: index + 1, of: nodes.length, open: unfolded };
      return [row, ...(unfolded ? walk(node.children, level + 1, node.id) : [])];
    });
  return walk(tree, 1, undefined);
}

/** What is unfolded when the page opens: the way to the version that is looked at, and its stages. */
export function openAtFirst(family: Pick<Family, "versions" | "open">): ReadonlySet<string> {
  const byId = new Map(family.versions.map((version) => [version.id, version]));
  const open = new Set<string>();
  let version = byId.get(family.open);
  while (version && !open.has(versionId(version.id))) {
    open.add(versionId(version.id));
    const parent = version.parent_id === null ? undefined : byId.get(version.parent_id);
    if (parent && version.parent_stage !== null) {
      open.add(stageId(parent.id, version.parent_stage));
      open.add(stateId(parent.id, version.parent_stage, version.parent_revision ?? 0));
    }
    version = parent;
  }
  return open;
}

/** What is unfolded besides: the stages of a version in which something was made more than once, and ways to branches. */
export function manifold(tree: readonly TreeNode[], songId: string): readonly string[] {
  return tree.flatMap((node) => {
    const branches = (state: TreeNode) => state.kind === "state" && state.children.length > 0;
    const unfolds = node.kind === "stage" ? node.children.length > 1 || node.children.some(branches) : branches(node);
    return [...(unfolds && node.songId === songId ? [node.id] : []), ...manifold(node.children, songId)];
  });
}

export type Move = { readonly focus: string } | { readonly fold: string; readonly to: boolean } | undefined;

/** What a key does in the tree, after the pattern of the ARIA Authoring Practices for trees. */
export function move(shown: readonly Row[], focused: string, key: string): Move {
  const at = shown.findIndex((row) => row.node.id === focused);
  const row = shown[at];
  if (!row) return shown[0] ? { focus: shown[0].node.id } : undefined;
  const to = (other: Row | undefined): Move => (other ? { focus: other.node.id } : undefined);
  switch (key) {
    case "ArrowDown":
      return to(shown[at + 1]);
    case "ArrowUp":
      return to(shown[at - 1]);
    case "Home":
      return to(shown[0]);
    case "End":
      return to(shown.at(-1));
    case "ArrowRight":
      if (row.open === false) return { fold: row.node.id, to: true };
      return row.open && row.node.children.length > 0 ? to(shown[at + 1]) : undefined;
    case "ArrowLeft":
      if (row.open) return { fold: row.node.id, to: false };
      return row.parent ? { focus: row.parent } : undefined;
    default:
      return letter(shown, at, key);
  }
}

/** A letter goes on to the next row that begins with it. */
function letter(shown: readonly Row[], at: number, key: string): Move {
  if (key.length !== 1 || key === " ") return undefined;
  const wanted = key.toLowerCase();
  const round = [...shown.slice(at + 1), ...shown.slice(0, at)];
  const found = round.find((row) => row.node.name.toLowerCase().startsWith(wanted));
  return found ? { focus: found.node.id } : undefined;
}

/** The node of that name anywhere in the tree. */
export function find(tree: readonly TreeNode[], id: string | undefined): TreeNode | undefined {
  for (const node of tree) {
    const found = node.id === id ? node : find(node.children, id);
    if (found) return found;
  }
  return undefined;
}

/** Every state that is known, newest first: what can be compared. */
export function states(tree: readonly TreeNode[]): readonly StateNode[] {
  const all = tree.flatMap((node): readonly StateNode[] => [
    ...(node.kind === "state" && node.state ? [node] : []),
    ...states(node.children),
  ]);
  return [...all].sort((one, other) => (other.at ?? "").localeCompare(one.at ?? ""));
}
