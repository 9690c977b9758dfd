/** How long a new API key lasts, as one chooses it and as the API takes it. */

export const LASTS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "As long as this key" },
  { value: "date", label: "Until a day that I choose" },
] as const;

const DAY_MS = 86_400_000;

/** The end of a key; null leaves it out. A chosen day counts to its end, where the person is. */
export function endOf(lasts: string, day: string, now: number = Date.now()): string | null {
  if (lasts === "date") {
    const [year, month, date] = day.split("-").map(Number);
    if (!year || !month || !date) return null;
    return new Date(year, month - 1, date, 23, 59, 59).toISOString();
  }
  const days = Number(lasts);
  return days > 0 ? new Date(now + days * DAY_MS).toISOString() : null;
}

export type KeyState = "in force" | "expired" | "revoked";

/** How a key stands. */
export function keyState(
  key: { expires_at: string | null; revoked_at: string | null },
  now: number = Date.now(),
): KeyState {
  if (key.revoked_at !== null) return "revoked";
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? "expired" : "in force";
}
