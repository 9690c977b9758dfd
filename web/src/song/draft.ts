/** Half-made changes outlive a reload of the tab, and a refusal. */

export interface Keeping {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const place = (kind: string, songId: string): string => `sostenuto.${kind}.${songId}`;

/** What was kept; null where nothing is, or nothing that `fits`. */
export function readDraft<T>(
  kind: string,
  songId: string,
  fits: (value: unknown) => value is T,
  storage: Keeping = sessionStorage,
): T | null {
  try {
    const kept: unknown = JSON.parse(storage.getItem(place(kind, songId)) ?? "null");
    return fits(kept) ? kept : null;
  } catch {
    return null;
  }
}

/** Keep a draft, or forget it with null. A browser that keeps nothing only loses what a reload would lose anyway. */
export function keepDraft(kind: string, songId: string, draft: unknown, storage: Keeping = sessionStorage): void {
  try {
    if (draft === null) storage.removeItem(place(kind, songId));
    else storage.setItem(place(kind, songId), JSON.stringify(draft));
  } catch {
    // The draft lives in the page alone then.
  }
}
