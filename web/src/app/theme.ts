import { createStore, useStore } from "../api";

export type Theme = "dark" | "light" | "system";
const KEY = "sostenuto.theme";
const prefersLight = matchMedia("(prefers-color-scheme: light)");

const theme = createStore<Theme>(stored());
theme.subscribe(apply);
prefersLight.addEventListener("change", apply);
// Another tab of the studio may have chosen.
addEventListener("storage", (event) => event.key === KEY && theme.set(stored()));

export function useTheme(): [Theme, (theme: Theme) => void] {
  return [useStore(theme), choose];
}

function choose(next: Theme): void {
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  theme.set(next);
}

function stored(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "dark" || kept === "light" ? kept : "system";
  } catch {
    return "system";
  }
}

function apply(): void {
  const now = theme.get();
  const light = now === "light" || (now === "system" && prefersLight.matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
}
