// @vitest-environment node
import { expect, it } from "vitest";
import { columnsOf } from "./columns";

it("columns span all channels, ±1, and cross the middle", () => {
  const peaks = { bits: 16, channels: 2, length: 2, data: [-16384, 8192, -8192, 16384, 100, 3277, 0, 0] };
  const { high, low } = columnsOf(peaks);
  expect(high).toEqual([0.5, 3277 / 32768]);
  expect(low).toEqual([-0.5, 0]);
});
