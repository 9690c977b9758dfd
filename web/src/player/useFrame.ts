import { useEffect, useRef } from "react";

const CALM_MS = 500;

/** Calls `draw` for every picture of the screen while `active`; twice a second for those who want little motion. */
export function useFrame(active: boolean, draw: () => void): void {
  const latest = useRef(draw);
  useEffect(() => {
    latest.current = draw;
  });
  useEffect(() => {
    latest.current();
    if (!active) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let id = 0;
    const next = (): void => {
      latest.current();
      if (!calm) id = requestAnimationFrame(next);
    };
    if (calm) {
      const timer = setInterval(next, CALM_MS);
      return () => clearInterval(timer);
    }
    id = requestAnimationFrame(next);
    return () => cancelAnimationFrame(id);
  }, [active]);
}
