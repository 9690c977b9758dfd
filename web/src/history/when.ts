/** Times as a person says them. */

const DAY_MS = 86_400_000;

const two = (value: number): string => String(value).padStart(2, "0");

const clock = (time: Date): string => `${two(time.getHours())}:${two(time.getMinutes())}`;

const midnight = (time: Date): number => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();

/** "today 10:32", "yesterday 18:02", "12 November 18:02", "12 November 2025 18:02"; in the reader's own time zone. */
export function when(iso: string, now: Date = new Date()): string {
  const time = new Date(iso);
  const days = Math.round((midnight(now) - midnight(time)) / DAY_MS);
  if (days === 0) return `today ${clock(time)}`;
  if (days === 1) return `yesterday ${clock(time)}`;
  const month = time.toLocaleString("en-GB", { month: "long" });
  const year = time.getFullYear() === now.getFullYear() ? "" : ` ${time.getFullYear()}`;
  return `${time.getDate()} ${month}${year} ${clock(time)}`;
}
