/** Zoom by Ctrl and the wheel (a pinch on a trackpad is that, too) and by two fingers; other scrolling is told, not changed. */

import { type RefObject, useEffect } from "react";

const WHEEL = 0.0035;

export function useZoomGestures(
  window_: RefObject<HTMLElement | null>,
  zoom: (factor: number, x: number) => void,
  scrolled: () => void,
): void {
  useEffect(() => {
    const box = window_.current;
    if (!box) return;
    let apart = 0;
    const inside = (x: number) => x - box.getBoundingClientRect().left;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return scrolled();
      event.preventDefault();
      zoom(
        Math.exp(-event.deltaY * WHEEL * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1)),
        inside(event.clientX),
      );
    };
    const onTouch = (event: TouchEvent) => {
      const [one, other] = event.touches;
      if (!one || !other) {
        apart = 0;
        if (event.type === "touchmove") scrolled();
        return;
      }
      event.preventDefault();
      const now = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      if (apart > 0 && now > 0) zoom(now / apart, inside((one.clientX + other.clientX) / 2));
      apart = now;
    };
    const active = { passive: false } as const;
    box.addEventListener("wheel", onWheel, active);
    box.addEventListener("touchstart", onTouch, active);
    box.addEventListener("touchmove", onTouch, active);
    box.addEventListener("touchend", onTouch);
    return () => {
      box.removeEventListener("wheel", onWheel);
      box.removeEventListener("touchstart", onTouch);
      box.removeEventListener("touchmove", onTouch);
      box.removeEventListener("touchend", onTouch);
    };
  }, [window_, zoom, scrolled]);
}
