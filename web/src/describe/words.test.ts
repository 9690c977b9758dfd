import { describe, expect, it } from "vitest";
import { beatsInBar, fitted, formSeconds, moved } from "./form";
import { INSTRUMENTS, meant, nameOf, suggestions, tonicName } from "./glossary";
import { priced } from "./tasks";
import { tooLarge } from "./upload";
import { clock, numberOr, plain, secondsOr } from "./values";

describe("typed values", () => {
  it("are numbers where they can be", () => {
    expect([numberOr(" 92 "), numberOr("92,5"), numberOr("-14"), numberOr("1e3"), numberOr("fast")]).toEqual([
      92,
      92.5,
      -14,
      "1e3",
      "fast",
    ]);
    expect([secondsOr("2:30"), secondsOr("90"), secondsOr("2:75"), clock(150.4), plain(92.5)]).toEqual([
      150,
      90,
      "2:75",
      "2:30",
      "92.5",
    ]);
  });
});

describe("a form", () => {
  const rows = [
    { name: "verse", length: "8", unit: "bars" },
    { name: "outro", length: "10", unit: "seconds" },
  ] as const;

  it("counts dotted quarters in 6/8, and quarters elsewhere", () => {
    expect([beatsInBar("6/8"), beatsInBar("3/8"), beatsInBar("7/8"), beatsInBar("3/4"), beatsInBar("?")]).toEqual([
      2, 1.5, 3.5, 3, 4,
    ]);
  });

  it("lasts as long as its sections", () => {
    expect(formSeconds(rows, 120, "4/4")).toBe(26);
    expect(formSeconds(rows, 60, "6/8")).toBe(26);
    expect(formSeconds([{ name: "verse", length: "", unit: "bars" }], 120, "4/4")).toBeNull();
    expect(formSeconds(rows, Number.NaN, "4/4")).toBeNull();
  });

  it("can be made longer, in whole bars", () => {
    expect(fitted(rows, 120, "4/4", 52).map(({ length }) => length)).toEqual(["16", "20"]);
    expect(fitted(rows, 120, "4/4", 1).map(({ length }) => length)).toEqual(["1", "0.4"]);
    expect(fitted(rows, 0, "4/4", 52)).toEqual(rows);
  });

  it("can be put in another order, within its bounds", () => {
    expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
  });
});

describe("names", () => {
  it("are found by what people say", () => {
    expect(meant("Electric Piano", INSTRUMENTS)?.id).toBe("rhodes");
    expect(meant("grand_piano", INSTRUMENTS)?.id).toBe("grand_piano");
    expect(meant("kazoo", INSTRUMENTS)).toBeUndefined();
    expect(meant("  ", INSTRUMENTS)).toBeUndefined();
  });

  it("are offered while they are typed, beginnings first", () => {
    const found = suggestions("vio", INSTRUMENTS).map(({ id }) => id);
    expect(found.slice(0, 2).sort()).toEqual(["viola", "violin"]);
    expect(suggestions("zzz", INSTRUMENTS)).toEqual([]);
  });

  it("are written as musicians write them", () => {
    expect([tonicName("F#"), tonicName("Bb"), tonicName("Ebb"), tonicName("B")]).toEqual(["F♯", "B♭", "E♭♭", "B"]);
    expect([nameOf("lo_fi"), nameOf("glass_harp")]).toEqual(["Lo-fi", "Glass harp"]);
  });
});

describe("a reference", () => {
  it("is refused before it is sent where it is too large", () => {
    expect(tooLarge(50_000_000)).toBeNull();
    expect(tooLarge(61_200_000)).toBe("the file has 61.2 MB: at most 50 MB are taken");
  });
});

describe("a price", () => {
  it("is told where there is one", () => {
    expect(priced({ usd: "0.1", per: "song" })).toBe(", $0.10 a song");
    expect(priced({ usd: "0.0023", per: "call" })).toBe(", $0.0023 a call");
    expect([priced({ usd: "0" }), priced(undefined)]).toEqual(["", ""]);
  });
});
