/** How a provider stands, in words. */

import type { PauseView, Price, ProviderView } from "../api/schema";
import type { Tone } from "../ui/display";

export interface Standing {
  readonly tone: Tone;
  readonly name: string;
  /** Why, and what can be done. */
  readonly why: string;
}

type Seen = Pick<ProviderView, "configured" | "missing" | "healthy" | "note" | "pauses">;

export function standingOf(provider: Seen): Standing {
  if (!provider.configured) return { tone: "neutral", name: "not set up", why: provider.missing };
  const all = provider.pauses.find((pause) => pause.operation === "");
  if (all) return { tone: "warn", name: "paused", why: pauseWords(all) };
  if (provider.healthy === false) return { tone: "bad", name: "in trouble", why: provider.note };
  if (provider.healthy === null) return { tone: "neutral", name: "not looked at yet", why: provider.note };
  return { tone: "good", name: "ready", why: provider.note };
}

/** "left alone for 2 min: it had too much to do". */
export function pauseWords(pause: PauseView): string {
  const what = pause.operation ? `${pause.operation.replaceAll("_", " ")} is left alone` : "left alone";
  const long = pause.seconds < 90 ? `${Math.ceil(pause.seconds)} s` : `${Math.ceil(pause.seconds / 60)} min`;
  return `${what} for ${long}: ${pause.reason}`;
}

/** "$0.06 for a song", "free". */
export function priceWords(price: Price): string {
  const one = Number(price.usd);
  const out = Number(price.usd_out);
  if (one === 0 && out === 0) return "free";
  if (out > 0) return `$${plain(one)} in and $${plain(out)} out for a ${price.per}`;
  return `$${plain(one)} for a ${price.per}`;
}

const plain = (amount: number): string => (amount < 0.1 && amount > 0 ? String(amount) : amount.toFixed(2));

const SOLD: Readonly<Record<string, string>> = {
  yes: "may be sold",
  no: "may not be sold",
  plan: "may be sold where the account's plan allows it",
  unknown: "nobody has said whether it may be sold",
};

/** What may be done with its results. */
export const soldWords = (commercial: string): string => SOLD[commercial] ?? commercial;

/** "20 s to 15 min"; empty where it makes no sound. */
export function lengths(shortest: number, longest: number): string {
  if (longest <= 0) return "";
  return shortest > 0 ? `${length(shortest)} to ${length(longest)}` : `up to ${length(longest)}`;
}

const length = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.round((seconds / 60) * 10) / 10} min`;

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** "en" as "English"; what is no language's code stays as it is. */
export function languageName(code: string): string {
  try {
    return LANGUAGES.of(code) ?? code;
  } catch {
    return code;
  }
}
