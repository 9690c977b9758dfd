/** Two canvases over one another, as sharp as the screen: one for what stands still, one for what moves over it. */

import { type RefObject, useCallback, useEffect, useRef } from "react";

export interface Painter {
  /** The window has another size; called before it is painted anew. */
  resized(): void;
  /** The theme may be another. */
  themed(element: Element): void;
  paint(ctx: CanvasRenderingContext2D): void;
  mark(ctx: CanvasRenderingContext2D): void;
}

export function useCanvases(window_: RefObject<HTMLElement | null>, painter: Painter) {
  const notes = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const latest = useRef(painter);
  latest.current = painter;
  const wanted = useRef({ frame: 0, all: false });

  const ask = useCallback((all: boolean) => {
    const { current } = wanted;
    current.all ||= all;
    current.frame ||= requestAnimationFrame(() => {
      const everything = current.all;
      wanted.current = { frame: 0, all: false };
      const still = everything ? notes.current?.getContext("2d") : null;
      if (still) latest.current.paint(still);
      const moving = marks.current?.getContext("2d");
      if (moving) latest.current.mark(moving);
    });
  }, []);
  const draw = useCallback(() => ask(true), [ask]);
  const drawMarks = useCallback(() => ask(false), [ask]);

  useEffect(() => {
    const box = window_.current;
    if (!box) return;
    const resize = () => {
      for (const canvas of [notes.current, marks.current]) {
        if (canvas) size(canvas, box.clientWidth, box.clientHeight);
      }
      latest.current.resized();
      draw();
    };
    const theme = () => {
      latest.current.themed(box);
      draw();
    };
    theme();
    resize();
    const sizes = new ResizeObserver(resize);
    sizes.observe(box);
    const themes = new MutationObserver(theme);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    // Another screen may have finer pixels.
    addEventListener("resize", resize);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      removeEventListener("resize", resize);
      cancelAnimationFrame(wanted.current.frame);
      wanted.current = { frame: 0, all: false };
    };
  }, [window_, draw]);

  return { notes, marks, draw, drawMarks };
}

function size(canvas: HTMLCanvasElement, width: number, height: number): void {
  const ratio = Math.min(3, devicePixelRatio || 1);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.getContext("2d")?.setTransform(ratio, 0, 0, ratio, 0, 0);
}
