import { describe, expect, it } from "vitest";
import { keepDraft, readDraft } from "./draft";

const isText = (value: unknown): value is string => typeof value === "string";

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe("drafts in a tab", () => {
  it("come back for their song alone, until they are forgotten", () => {
    const storage = memory();
    keepDraft("title", "one", "A better name", storage);
    expect(readDraft("title", "one", isText, storage)).toBe("A better name");
    expect(readDraft("title", "two", isText, storage)).toBeNull();
    keepDraft("title", "one", null, storage);
    expect(readDraft("title", "one", isText, storage)).toBeNull();
  });
  it("are not taken in another shape", () => {
    const storage = memory();
    storage.setItem("sostenuto.title.one", "{broken");
    expect(readDraft("title", "one", isText, storage)).toBeNull();
    keepDraft("title", "one", { not: "text" }, storage);
    expect(readDraft("title", "one", isText, storage)).toBeNull();
  });
  it("are no trouble where the browser keeps nothing", () => {
    const refusing = {
      ...memory(),
      setItem: () => {
        throw new Error("no room");
      },
    };
    expect(() => keepDraft("title", "one", "text", refusing)).not.toThrow();
  });
});
