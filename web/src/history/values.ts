/** Values of any kind as they are read: numbers with their unit, lists, what is not set. */

import { number } from "./measures";

export const blank = (given: unknown): boolean => given === null || given === undefined;
export const list = (given: unknown): readonly unknown[] =>
  Array.isArray(given) ? given : blank(given) ? [] : [given];
export const strings = (given: unknown): readonly string[] => list(given).map(String);
export const words = (given: unknown): string => String(given).replaceAll("_", " ");
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const percent = (share: number): string => `${Math.round(share * 100)}%`;

export function told(given: unknown, unit = "", decimals?: number): string {
  if (blank(given)) return "not set";
  if (typeof given === "boolean") return given ? "yes" : "no";
  if (typeof given === "number")
    return [number(given, decimals ?? (Number.isInteger(given) ? 0 : 2)), unit].filter(Boolean).join(" ");
  if (Array.isArray(given)) return given.length ? given.map((item) => told(item)).join(" ") : "none";
  if (typeof given === "object")
    return Object.entries(given as object)
      .map(([key, item]) => `${words(key)} ${told(item)}`)
      .join(", ");
  return words(given);
}
