/** A page of the score inside the page: made safe, and in a shadow tree, so that its styles stay its own. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useState } from "react";
import { api, data } from "../api";
import { safeSvg } from "./svg";

const STYLE = `
  :host { display: block; }
  svg { display: block; width: 100%; height: auto; color: #1f1a14; fill: #1f1a14; }
  g.note { cursor: pointer; }
  .sounding, .sounding * { color: #b24a00; fill: #b24a00; stroke: #b24a00; }
  text { stroke: none; }
`;

export interface PageWish {
  songId: string;
  /** Hash of the written score: another one has other pages. */
  written: string;
  page: number;
  title: string;
  /** Told the ids of what is on a page. */
  learn(page: number, ids: ReadonlySet<string>): void;
}

export function usePageSvg(sheet: RefObject<HTMLElement | null>, { songId, written, page, title, learn }: PageWish) {
  const [root, setRoot] = useState<ShadowRoot | null>(null);
  const svg = useQuery({
    queryKey: ["score-page", songId, written, page],
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const params = { path: { id: songId }, query: { page } };
      const text = await data(api.GET("/v1/compositions/{id}/score.svg", { params, parseAs: "text", signal }));
      return { page, text: String(text) };
    },
  });
  useEffect(() => {
    const host = sheet.current;
    if (!host || !svg.data) return;
    const drawing = safeSvg(svg.data.text);
    if (!drawing) return;
    drawing.setAttribute("role", "img");
    drawing.setAttribute("aria-label", `Score of ${title}, page ${svg.data.page}`);
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = STYLE;
    shadow.replaceChildren(style, drawing);
    learn(svg.data.page, new Set([...drawing.querySelectorAll("[id]")].map(({ id }) => id)));
    // A new object, so that whoever marks notes does it again on the new page.
    setRoot(null);
    queueMicrotask(() => setRoot(shadow));
  }, [sheet, svg.data, title, learn]);
  return { problem: svg.error, loading: svg.isFetching, root };
}
