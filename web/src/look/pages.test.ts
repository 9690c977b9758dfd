// @vitest-environment jsdom

import { describe, expect, it } from "vitest";
import { momentAt, pageFor, rangeOf, soundingOf } from "./pages";
import { safeSvg } from "./svg";

const TIMEMAP = {
  pages: 3,
  events: [
    { tstamp: 0, qstamp: 0, on: ["a", "b"], off: [] },
    { tstamp: 500, qstamp: 1, on: ["c"], off: ["a"] },
    { tstamp: 1000, qstamp: 2, on: [], off: ["b", "c"] },
    { tstamp: 1500, qstamp: 3, on: ["d"], off: [] },
  ],
};

describe("the cursor", () => {
  it("knows the notes of every moment", () => {
    expect(soundingOf(TIMEMAP)).toEqual([
      { beat: 0, ids: ["a", "b"] },
      { beat: 1, ids: ["b", "c"] },
      { beat: 2, ids: [] },
      { beat: 3, ids: ["d"] },
    ]);
    const moments = soundingOf(TIMEMAP);
    expect([-1, 0, 0.5, 1, 2.9, 99].map((beat) => momentAt(moments, beat))).toEqual([-1, 0, 0, 1, 2, 3]);
  });

  it("knows what a page holds", () => {
    expect(rangeOf(1, new Set(["a", "b", "c"]), TIMEMAP)).toEqual({ page: 1, from: 0, to: 1 });
    expect(rangeOf(3, new Set(["x"]), TIMEMAP)).toBeNull();
  });

  it("finds the page of every beat of a long score with few pages read", () => {
    // Pages hold more and more music, as loud sections with many staves do not.
    const edges = Array.from({ length: 41 }, (_, i) => (i / 40) ** 1.7 * 1600);
    const truth = (page: number) => ({ page, from: edges[page - 1] ?? 0, to: (edges[page] ?? 0) - 0.5 });
    const known = new Map<number, ReturnType<typeof truth>>();
    for (const beat of [0, 1599, 800, 3, 1200, 799, 400, 1201]) {
      let page = 0;
      for (let tries = 0; ; tries++) {
        page = pageFor(beat, [...known.values()], 40, 1600);
        if (known.has(page)) break;
        known.set(page, truth(page));
        expect(tries).toBeLessThan(12);
      }
      expect(beat).toBeGreaterThanOrEqual(edges[page - 1] ?? 0);
      expect(beat).toBeLessThan((edges[page] ?? 0) + 0.001);
    }
    expect(known.size).toBeLessThan(32);
  });
});

describe("a served drawing", () => {
  const wrap = (inner: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">${inner}</svg>`;

  it("keeps what a score needs", () => {
    const svg = safeSvg(
      wrap(`<style>g{fill:red}</style><g id="n1" class="note"><use xlink:href="#E0A4" x="3"/><text>Allegro</text></g>`),
    );
    expect(svg?.getAttribute("viewBox")).toBe("0 0 9 9");
    expect(svg?.querySelector("#n1 use")?.getAttribute("href")).toBe("#E0A4");
    expect(svg?.textContent).toContain("Allegro");
    expect(svg?.querySelector("style")?.textContent).toBe("g{fill:red}");
  });

  it("loses everything that could act or fetch", () => {
    const svg = safeSvg(
      wrap(
        `<script>alert(1)</script><g onclick="alert(2)" style="fill:red"><foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>
         <use xlink:href="https://example.org/a.svg#x"/><a href="javascript:alert(3)"><path d="M0 0"/></a>
         <image href="data:image/png;base64,AA"/><rect fill="url(https://example.org/x)"/><set attributeName="onclick" to="alert(4)"/></g>
         <style>@import "https://example.org/x.css";</style>`,
      ),
    );
    expect(svg).not.toBeNull();
    const text = new XMLSerializer().serializeToString(svg as SVGSVGElement);
    expect(text).not.toMatch(/alert|example\.org|foreignObject|image|onclick|<a|import/);
    expect(svg?.querySelector("rect")).not.toBeNull();
  });

  it("is refused where it is none", () => {
    expect(safeSvg("<html><body/></html>")).toBeNull();
    expect(safeSvg("not xml <")).toBeNull();
  });
});
