import { useEffect } from "react";
import { announce } from "../ui";

let first = true;

/** The page's name in the tab, in the history of the browser, and read out when one comes to it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} – Sostenuto` : "Sostenuto";
    // What a browser loads it reads out by itself.
    if (!first && title) announce(title);
    first = false;
  }, [title]);
}
