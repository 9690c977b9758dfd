/** What is typed into a field, as the API takes it. */

const NUMBER = /^[+-]?\d+([.,]\d+)?$/;
const CLOCK = /^(\d{1,2}):([0-5]?\d)$/;

/** A number where the text is one; otherwise the text itself, so that the API can say what is wrong with it. */
export function numberOr(text: string): number | string {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed.replace(",", ".")) : trimmed;
}

/** Seconds from "150" or "2:30"; anything else stays what it is. */
export function secondsOr(text: string): number | string {
  const clock = CLOCK.exec(text.trim());
  return clock ? Number(clock[1]) * 60 + Number(clock[2]) : numberOr(text);
}

/** 150 as "2:30". */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A number without needless digits: 132, 92.5. */
export function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}
