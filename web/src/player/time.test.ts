// @vitest-environment node
import { expect, it } from "vitest";
import { lengthInWords, minutes, placeInWords } from "./time";

it("times are minutes and seconds", () => {
  expect([0, 5.9, 65, 754.2, -3, Number.NaN].map(minutes)).toEqual(["0:00", "0:05", "1:05", "12:34", "0:00", "0:00"]);
  expect(placeInWords(30, 120)).toBe("0:30 of 2:00");
});

it("lengths name bars where they are known", () => {
  expect(lengthInWords(18.2, 8)).toBe("8 bars, 18 s");
  expect(lengthInWords(2, 1)).toBe("1 bar, 2 s");
  expect(lengthInWords(75)).toBe("1:15");
});
