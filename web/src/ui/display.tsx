import type { HTMLAttributes, ReactNode } from "react";

export type Tone = "neutral" | "good" | "busy" | "warn" | "bad" | "accent";

export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

export interface CardProps extends Omit<HTMLAttributes<HTMLElement>, "title"> {
  /** With a title the card is a region of that name. */
  title?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  level?: 2 | 3;
}

export function Card({ title, actions, level = 2, children, className = "", ...rest }: CardProps) {
  const Heading = level === 2 ? "h2" : "h3";
  const name = typeof title === "string" ? title : undefined;
  return (
    <section {...rest} aria-label={rest["aria-label"] ?? name} className={`card ${className}`}>
      {(title || actions) && (
        <header className="card-head">
          {title && <Heading className="card-title">{title}</Heading>}
          {actions && <div className="card-actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** `value` 0 to 1; null where nobody knows how far it is. */
export function Progress({ value, label }: { value: number | null; label: string }) {
  const now = value === null ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      className={`progress ${now === undefined ? "progress-unknown" : ""}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={now}
    >
      <div className="progress-bar" style={now === undefined ? undefined : { transform: `scaleX(${now / 100})` }} />
    </div>
  );
}

/** `label` is read out; empty where words stand beside it. */
export function Spinner({ label = "Loading" }: { label?: string }) {
  return label ? (
    <span className="spinner" role="status">
      <span className="visually-hidden">{label}</span>
    </span>
  ) : (
    <span className="spinner" aria-hidden="true" />
  );
}

/** The language of the pages: words in it stand beside figures. */
const LANGUAGE = "en";

const STEPS: readonly [number, Intl.RelativeTimeFormatUnit][] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [30, "day"],
  [12, "month"],
  [Number.POSITIVE_INFINITY, "year"],
];

/** How long ago, with the exact time as tooltip; `exact` writes the exact time. */
export function Time({ at, exact = false }: { at: string; exact?: boolean }) {
  const date = new Date(at);
  const full = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return (
    <time dateTime={at} title={full}>
      {exact ? full : ago(date)}
    </time>
  );
}

export function ago(date: Date, now: number = Date.now()): string {
  let amount = (date.getTime() - now) / 1000;
  if (Math.abs(amount) < 45) return "just now";
  const format = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
  for (const [size, unit] of STEPS) {
    if (Math.abs(amount) < size) return format.format(Math.round(amount), unit);
    amount /= size;
  }
  return format.format(Math.round(amount), "year");
}

/** US dollars as the server writes them: a decimal number in a string. */
export function Money({ usd }: { usd: string | number }) {
  const amount = Number(usd);
  const digits = amount !== 0 && Math.abs(amount) < 0.1 ? 4 : 2;
  const text = amount.toLocaleString(LANGUAGE, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  });
  return <span className="money">{text}</span>;
}
