import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Badge, Icon, type IconName } from "../ui";
import type { Tone } from "../ui/display";
import { type Mark, move, type Row, rows, type TreeNode } from "./tree";
import { when } from "./when";

const TONES: Readonly<Record<Mark, Tone>> = {
  "this version": "accent",
  "main version": "good",
  now: "accent",
  "out of date": "warn",
  "files removed": "neutral",
};

const ICONS: Partial<Readonly<Record<TreeNode["kind"], IconName>>> = { version: "branch" };

export interface HistoryTreeProps {
  tree: readonly TreeNode[];
  open: ReadonlySet<string>;
  chosen: string | undefined;
  onFold(id: string, open: boolean): void;
  onChoose(node: TreeNode): void;
}

/** The tree after the ARIA pattern: one stop for Tab, arrows walk and fold, Enter and Space choose. */
export function HistoryTree({ tree, open, chosen, onFold, onChoose }: HistoryTreeProps) {
  const shown = rows(tree, open);
  const [walked, setWalked] = useState<string | undefined>();
  const stop = [walked, chosen].find((id) => shown.some((row) => row.node.id === id)) ?? shown[0]?.node.id;
  const root = useRef<HTMLDivElement>(null);
  const moving = useRef(false);

  useEffect(() => {
    if (!moving.current) return;
    moving.current = false;
    root.current?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus();
  });

  function onKeyDown(event: KeyboardEvent) {
    if (stop === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      const row = shown.find(({ node }) => node.id === stop);
      event.preventDefault();
      if (row) choose(row);
      return;
    }
    const moved = move(shown, stop, event.key);
    if (!moved) return;
    event.preventDefault();
    if ("fold" in moved) onFold(moved.fold, moved.to);
    else {
      moving.current = true;
      setWalked(moved.focus);
    }
  }

  /** A stage is only a shelf: choosing it opens or closes it. */
  function choose({ node, open: unfolded }: Row) {
    setWalked(node.id);
    if (node.kind === "stage") onFold(node.id, !unfolded);
    else onChoose(node);
  }

  return (
    <div ref={root} role="tree" aria-label="Versions and what was made in them" className="tree" onKeyDown={onKeyDown}>
      {shown.map((row) => (
        <TreeRow
          key={row.node.id}
          row={row}
          chosen={row.node.id === chosen}
          stop={row.node.id === stop}
          onFold={onFold}
          onFocus={() => setWalked(row.node.id)}
          onClick={() => choose(row)}
        />
      ))}
    </div>
  );
}

interface TreeRowProps {
  row: Row;
  chosen: boolean;
  stop: boolean;
  onFold(id: string, open: boolean): void;
  onFocus(): void;
  onClick(): void;
}

function TreeRow({ row, chosen, stop, onFold, onFocus, onClick }: TreeRowProps) {
  const { node, open } = row;
  const icon = ICONS[node.kind];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree itself takes the keys, for all of its rows
    <div
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.of}
      aria-expanded={open}
      aria-selected={node.kind === "stage" ? undefined : chosen}
      tabIndex={stop ? 0 : -1}
      className={`tree-row tree-${node.kind}`}
      style={{ "--level": row.level } as React.CSSProperties}
      onFocus={onFocus}
      onClick={onClick}
    >
      <span
        className="tree-fold"
        aria-hidden="true"
        onClick={(event) => {
          if (open === undefined) return;
          event.stopPropagation();
          onFold(node.id, !open);
        }}
      >
        {open !== undefined && <Icon name={open ? "down" : "forward"} size={14} />}
      </span>
      {icon && <Icon name={icon} size={16} />}
      <span className="tree-name">{node.name}</span>
      {node.marks.map((mark) => (
        <Badge key={mark} tone={TONES[mark]}>
          {mark}
        </Badge>
      ))}
      {node.at && <span className="tree-time">{when(node.at)}</span>}
    </div>
  );
}
