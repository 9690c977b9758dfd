import { expect, test } from "vitest";
import { emptyWords, type Filters, fromAddress, isNarrowed, NO_FILTERS, toAddress, toQuery } from "./filters";

const filters = (more: Partial<Filters>): Filters => ({ ...NO_FILTERS, ...more });

test.each([
  [{}, {}],
  [{ shelf: "own" as const }, { scope: "own" }],
  [
    { shelf: "archived" as const, text: "  rain " },
    { archived: true, text: "rain" },
  ],
  [
    { shelf: "public" as const, status: "completed" as const },
    { scope: "public", status: "completed" },
  ],
  [{ mainOnly: true }, { main_only: true }],
  [{ text: "   " }, {}],
])("%j asks for %j", (given, query) => {
  expect(toQuery(filters(given))).toEqual(query);
});

test("the API takes at most 200 letters", () => {
  expect(toQuery(filters({ text: "a".repeat(300) })).text).toHaveLength(200);
});

test.each([
  filters({}),
  filters({ shelf: "shared", status: "blocked", text: "rainy window", mainOnly: true }),
  filters({ shelf: "archived" }),
])("an address brings the same filters back", (given) => {
  expect(fromAddress(`?${toAddress(given)}`)).toEqual(given);
});

test("what an address does not know chooses nothing", () => {
  expect(fromAddress("?show=everything&status=odd&versions=all&utm=1")).toEqual(NO_FILTERS);
});

test("an empty list says why", () => {
  expect(emptyWords(filters({ text: "zzz", shelf: "archived" })).title).toBe("No song fits");
  expect(emptyWords(filters({ shelf: "archived" })).title).toBe("The archive is empty");
  expect(isNarrowed(filters({ shelf: "own" }))).toBe(false);
});
