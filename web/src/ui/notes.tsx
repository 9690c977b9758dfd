import type { ReactNode } from "react";
import { asProblem } from "../api";
import { Icon } from "./icons";

/** A line across the page or a panel. `urgent` is read out at once. */
export function Banner(props: {
  tone?: "info" | "warn" | "bad";
  urgent?: boolean;
  children: ReactNode;
  action?: ReactNode;
}) {
  const { tone = "info", urgent = false, children, action } = props;
  return (
    <div className={`banner banner-${tone}`} role={urgent ? "alert" : "status"}>
      {tone !== "info" && <Icon name="warning" />}
      <div className="banner-text">{children}</div>
      {action}
    </div>
  );
}

/** What went wrong, in the server's words, beside the control that it concerns. Shows nothing for null. */
export function ProblemNote({ problem, action }: { problem: unknown; action?: ReactNode }) {
  if (problem === null || problem === undefined) return null;
  const { title, detail, errors } = asProblem(problem);
  return (
    <div className="problem" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{title}.</strong> {detail !== title && detail}
        {errors.length > 1 && (
          <ul>
            {errors.map((error) => (
              <li key={`${error.pointer ?? error.parameter ?? ""}${error.detail}`}>{error.detail}</li>
            ))}
          </ul>
        )}
        {action}
      </div>
    </div>
  );
}

export interface EmptyProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** Whether it is all that the page shows: its title is the page's then. */
  page?: boolean;
}

/** Where there is nothing yet: what will be here, and how to get it. */
export function Empty({ title, children, action, page = false }: EmptyProps) {
  const Title = page ? "h1" : "p";
  return (
    <div className="empty">
      <Title className="empty-title">{title}</Title>
      {children && <div className="empty-text">{children}</div>}
      {action}
    </div>
  );
}
