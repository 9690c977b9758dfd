import { useEffect } from "react";
import { createStore, useStore } from "../api";
import { IconButton } from "./buttons";

const spoken = createStore("");
const shown = createStore<readonly { id: number; text: string }[]>([]);
const STAYS_MS = 6000;
let count = 0;

/** Say something to screen readers: changes of stage, not every percentage. */
export function announce(text: string): void {
  // The same words twice are read only if something differs.
  spoken.set(spoken.get() === text ? `${text}\u00a0` : text);
}

/** Show a short confirmation that goes away by itself. Errors stand beside their control instead. */
export function toast(text: string): void {
  count += 1;
  shown.set([...shown.get(), { id: count, text }]);
}

export function LiveRegion() {
  return (
    <div className="visually-hidden" aria-live="polite">
      {useStore(spoken)}
    </div>
  );
}

export function Toasts() {
  const toasts = useStore(shown);
  const oldest = toasts[0]?.id;
  useEffect(() => {
    if (oldest === undefined) return;
    const timer = setTimeout(() => dismiss(oldest), STAYS_MS);
    return () => clearTimeout(timer);
  }, [oldest]);
  return (
    <div className="toasts" role="status">
      {toasts.map(({ id, text }) => (
        <div key={id} className="toast">
          {text}
          <IconButton label="Dismiss" icon="close" size="small" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}

function dismiss(id: number): void {
  shown.set(shown.get().filter((toast) => toast.id !== id));
}
