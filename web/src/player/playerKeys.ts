import type { KeyboardEvent } from "react";
import { actionOf } from "./keys";
import { player } from "./player";
import type { PlayerSource, SourceKind } from "./sources";

/** What the number keys play where nothing is compared. */
const NUMBERED: readonly (readonly SourceKind[])[] = [["sketch"], ["mix"], ["master"], ["stems", "parts"]];

/** The keys of the player, for whatever part of it has the focus. */
export function onPlayerKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const action = actionOf(event);
  if (event.defaultPrevented || action === null || belongsToControl(target, event.key)) return;
  event.preventDefault();
  const { duration, selected, silent } = player.snapshot();
  if (action.do === "toggle") player.toggle();
  if (action.do === "step") player.step(action.seconds);
  if (action.do === "start") player.seek(0);
  if (action.do === "end") player.seek(duration);
  if (action.do === "mute") selected ? player.mute(selected) : player.silence(!silent);
  if (action.do === "solo" && selected) player.solo(selected);
  if (action.do === "pick") pick(action.number);
}

/** Whether a key means something to the control that has the focus: a button's Space, a slider's arrows. */
function belongsToControl(target: HTMLElement, key: string): boolean {
  if (target instanceof HTMLInputElement)
    return target.type !== "range" || (!("scrub" in target.dataset) && key.length > 1);
  if (target.matches("select, textarea, [role=menu] *")) return true;
  return key === " " && target.matches("button, a, summary");
}

function pick(number: number): void {
  const { ab, sources } = player.snapshot();
  if (ab) {
    if (number <= 2) player.pickSide(number === 1 ? "a" : "b");
    return;
  }
  const kinds = NUMBERED[number - 1] ?? [];
  const found: PlayerSource | undefined = kinds
    .map((kind) => sources.find((source) => source.kind === kind))
    .find(Boolean);
  if (found) void player.load(found);
}
