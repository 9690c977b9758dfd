import type { Problem } from "../api";
import { Icon } from "../ui";
import { told } from "./words";

/** Why something was refused, at the control that asked for it. */
export function Refusal({ problem }: { problem: Problem | null }) {
  if (!problem) return null;
  return (
    <p className="song-refusal" role="alert">
      <Icon name="warning" size={16} /> <span>{told(problem.detail)}</span>
    </p>
  );
}
