import { describe, expect, it } from "vitest";
import { fieldOf, sorted } from "./problems";

describe("a problem of the API", () => {
  it("goes to the field that its pointer names", () => {
    const told = sorted({
      code: "invalid_input",
      detail: "title … (and 1 more)",
      errors: [
        { pointer: "#/title", detail: "title cannot be 'x'" },
        { pointer: "#/settings/seed", detail: "settings.seed cannot be 'y'" },
        { pointer: "#/settings/gate_deadlines_s/mixing", detail: "too long" },
      ],
    });
    expect(told.fields).toEqual({
      title: "title cannot be 'x'",
      seed: "settings.seed cannot be 'y'",
      patience: "too long",
    });
    expect(told.general).toBeNull();
  });

  it("goes to the field whose path its words begin with", () => {
    const detail = "musical.tempo cannot be 5000: input should be less than or equal to 400";
    expect(sorted({ code: "invalid_value", detail })).toEqual({ fields: { tempo: detail }, general: null });
    expect(fieldOf(null, "musical.structure.0.duration cannot be 0: …")).toBe("form");
    expect(fieldOf(null, "settings.providers_preferred cannot name 'sunno'")).toBe("providers");
    expect(fieldOf(null, "creative.references names the audio ab…")).toBe("reference");
  });

  it("knows a prompt's problem by its code", () => {
    const detail = "the prompt is empty: say in a sentence what the song should be";
    expect(sorted({ code: "invalid_prompt", detail }).fields).toEqual({ prompt: detail });
  });

  it("stays general where it is about no field", () => {
    const detail = "25 songs are running: wait until one of them ends";
    expect(sorted({ code: "limit_reached", detail })).toEqual({ fields: {}, general: detail });
    expect(fieldOf("#/settings", "a.preferred and forbidden")).toBeUndefined();
    expect(fieldOf("#/unheard~1of", "no such field")).toBeUndefined();
  });

  it("keeps two problems of one field", () => {
    const errors = [
      { pointer: "#/settings/formats/0", detail: "first" },
      { pointer: "#/settings/formats", detail: "second" },
    ];
    expect(sorted({ code: "invalid_input", detail: "", errors }).fields.formats).toBe("first; second");
  });
});
