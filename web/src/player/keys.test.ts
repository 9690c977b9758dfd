// @vitest-environment node
import { describe, expect, it } from "vitest";
import { actionOf } from "./keys";

const press = (key: string, held: Partial<Record<"shiftKey" | "ctrlKey" | "altKey" | "metaKey", boolean>> = {}) =>
  actionOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held });

describe("keys", () => {
  it.each([
    ["ArrowRight", false, 5],
    ["ArrowLeft", false, -5],
    ["ArrowRight", true, 15],
    ["ArrowLeft", true, -15],
    ["PageUp", false, 10],
    ["PageDown", false, -10],
  ])("%s with Shift %s moves by %i s", (key, shiftKey, seconds) => {
    expect(press(key, { shiftKey })).toEqual({ do: "step", seconds });
  });

  it("play, mute, solo, pick and go to both ends", () => {
    expect([" ", "m", "M", "s", "Home", "End"].map((key) => press(key)?.do)).toEqual([
      "toggle",
      "mute",
      "mute",
      "solo",
      "start",
      "end",
    ]);
    expect(press("3")).toEqual({ do: "pick", number: 3 });
  });

  it("leave the browser what is its own", () => {
    expect(press("ArrowLeft", { altKey: true })).toBeNull();
    expect(press("s", { ctrlKey: true })).toBeNull();
    expect(press("m", { metaKey: true })).toBeNull();
    expect(press("Tab")).toBeNull();
    expect(press("constructor")).toBeNull();
  });
});
