import { describe, expect, it } from "vitest";
import { corrected, EMPTY, forgetDraft, type Keeping, keepDraft, keptDraft, restored } from "./draft";

function drawer(): Keeping & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

const refusing: Keeping = {
  getItem: () => {
    throw new DOMException("no", "SecurityError");
  },
  setItem: () => {
    throw new DOMException("full", "QuotaExceededError");
  },
  removeItem: () => {
    throw new DOMException("no", "SecurityError");
  },
};

describe("a draft", () => {
  it("survives a reload whole", () => {
    const storage = drawer();
    const draft = corrected({ ...EMPTY, prompt: "a waltz", review: ["mixing"], seed: "7" }, "mood", {
      valence: 0.2,
      arousal: 0.9,
    });
    keepDraft(draft, storage);
    expect(keptDraft(storage)).toEqual(draft);
    forgetDraft(storage);
    expect(keptDraft(storage)).toEqual(EMPTY);
  });

  it("leaves out what it does not know, or what has another kind", () => {
    const kept = { prompt: 7, title: "Rain", review: "all", reading: { asked: "x" }, unheard: 1, corrections: [] };
    expect(restored(kept)).toEqual({ ...EMPTY, title: "Rain" });
    expect(restored("nonsense")).toEqual(EMPTY);
  });

  it("begins empty where what was kept cannot be read", () => {
    const storage = drawer();
    storage.setItem("sostenuto.new-song", "{half");
    expect(keptDraft(storage)).toEqual(EMPTY);
  });

  it("works in a browser that keeps nothing", () => {
    expect(() => keepDraft(EMPTY, refusing)).not.toThrow();
    expect(keptDraft(refusing)).toEqual(EMPTY);
    expect(() => forgetDraft(refusing)).not.toThrow();
  });

  it("takes a correction back", () => {
    const draft = corrected(corrected(EMPTY, "key", "G"), "tempo", "90");
    expect(corrected(draft, "key", undefined).corrections).toEqual({ tempo: "90" });
  });
});
