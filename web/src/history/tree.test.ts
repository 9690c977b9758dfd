import { expect, test } from "vitest";
import type { RevisionView, StageView, VersionView } from "../api/schema";
import { buildTree, find, manifold, move, nodeWords, openAtFirst, type Row, rows, states, type TreeNode } from "./tree";

const version = (id: string, more: Partial<VersionView> = {}): VersionView => ({
  id,
  number: 1,
  title: id,
  parent_id: null,
  parent_stage: null,
  parent_revision: null,
  is_main: false,
  status: "completed",
  current_stage: "finalization",
  created_at: "2026-11-30T10:00:00Z",
  url: `/v1/compositions/${id}`,
  ...more,
});

const state = (stage: RevisionView["stage"], revision: number, more: Partial<RevisionView> = {}): RevisionView => ({
  stage,
  revision,
  take: 1,
  is_current: false,
  measured: {},
  computed: 1,
  reused: 0,
  seconds: 1,
  completed_at: `2026-11-30T10:0${revision}:00Z`,
  available: true,
  result: `${stage}${revision}`,
  ...more,
});

const stale = [{ stage: "mixing", status: "stale" }] as StageView[];

const family = {
  versions: [
    version("first", { is_main: true }),
    version("faster", { parent_id: "first", parent_stage: "composition", parent_revision: 1 }),
    version("slower", { parent_id: "faster", parent_stage: "mixing", parent_revision: 3 }),
  ],
  inside: {
    first: {
      revisions: [
        state("composition", 2, { is_current: true }),
        state("composition", 1),
        state("ideation", 1, { is_current: true, available: false }),
        state("mixing", 1, { is_current: true }),
      ],
      stages: stale,
    },
  },
  open: "first",
};

const shape = (nodes: readonly TreeNode[]): unknown =>
  nodes.map((node) => [node.name, node.marks, shape(node.children)]);

test("a family is a tree of versions, stages and states, the newest state first", () => {
  expect(shape(buildTree(family))).toEqual([
    [
      "first",
      ["this version", "main version"],
      [
        ["Ideation", [], [["Ideation 1", ["now", "files removed"], []]]],
        [
          "Composition",
          [],
          [
            ["Composition 2", ["now"], []],
            ["Composition 1", [], [["faster", [], [["Mixing", [], [["Mixing 3", [], [["slower", [], []]]]]]]]]],
          ],
        ],
        ["Mixing", [], [["Mixing 1", ["out of date"], []]]],
      ],
    ],
  ]);
});

test("a version whose parent is hidden stands beside the first one", () => {
  const tree = buildTree({ ...family, versions: [version("first"), version("odd", { parent_id: "hidden" })] });
  expect(tree.map((node) => node.name)).toEqual(["first", "odd"]);
});

test("a branch of which nobody says where it began hangs on its parent", () => {
  const orphan = version("odd", { parent_id: "first" });
  const [first] = buildTree({ ...family, versions: [version("first"), orphan], inside: {} });
  expect(first?.children.map((node) => node.name)).toEqual(["odd"]);
});

test("of several takes of one state the newest is shown, with its number", () => {
  const revisions = [
    state("composition", 1, { take: 1, completed_at: "2026-11-30T10:01:00Z" }),
    state("composition", 1, { take: 3, completed_at: "2026-11-30T10:05:00Z" }),
  ];
  const tree = buildTree({ versions: [version("first")], inside: { first: { revisions } }, open: "first" });
  expect(states(tree).map((node) => node.name)).toEqual(["Composition 1, take 3"]);
});

test("a node is read out with its marks and its time", () => {
  const node = find(buildTree(family), "state first composition 2");
  const now = new Date("2026-11-30T12:00:00Z");
  expect(node && nodeWords(node, now)).toMatch(/^Composition 2, now, (today|yesterday) \d\d:\d\d$/);
});

test("the way to the open version is unfolded", () => {
  const open = openAtFirst({ ...family, open: "slower" });
  const shown = rows(buildTree({ ...family, open: "slower" }), open);
  expect(shown.map((row) => `${row.level} ${row.node.name}`)).toEqual([
    "1 first",
    "2 Ideation",
    "2 Composition",
    "3 Composition 2",
    "3 Composition 1",
    "4 faster",
    "5 Mixing",
    "6 Mixing 3",
    "7 slower",
    "2 Mixing",
  ]);
});

test("stages in which something was made again are unfolded, and the way to branches", () => {
  expect(manifold(buildTree(family), "first")).toEqual(["stage first composition", "state first composition 1"]);
});

const shown: readonly Row[] = rows(buildTree(family), new Set(["version first", "stage first composition"]));
const at = (name: string): string => shown.find((row) => row.node.name === name)?.node.id ?? "";

test.each([
  ["ArrowDown", "first", { focus: at("Ideation") }],
  ["ArrowUp", "first", undefined],
  ["ArrowUp", "Ideation", { focus: at("first") }],
  ["End", "first", { focus: at("Mixing") }],
  ["Home", "Mixing", { focus: at("first") }],
  ["ArrowRight", "Ideation", { fold: at("Ideation"), to: true }],
  ["ArrowRight", "Composition", { focus: at("Composition 2") }],
  ["ArrowRight", "Composition 2", undefined],
  ["ArrowLeft", "Composition", { fold: at("Composition"), to: false }],
  ["ArrowLeft", "Composition 2", { focus: at("Composition") }],
  ["m", "first", { focus: at("Mixing") }],
  ["x", "first", undefined],
  [" ", "first", undefined],
])("%s on %s", (key, name, moved) => {
  expect(move(shown, at(name), key)).toEqual(moved);
});

test("a focus that is gone begins anew", () => {
  expect(move(shown, "gone", "ArrowDown")).toEqual({ focus: at("first") });
});

test("what can be compared is told newest first, with what is really known", () => {
  expect(states(buildTree(family)).map((node) => node.name)).toEqual([
    "Composition 2",
    "Ideation 1",
    "Composition 1",
    "Mixing 1",
  ]);
});
