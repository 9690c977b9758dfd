/** The volume is the listener's and not the song's: it stays for their next visit. */

const VOLUME_KEY = "sostenuto.volume";

/** The volume of the last visit, 0 to 1; full where none is known. */
export function remembered(): number {
  try {
    const kept = localStorage.getItem(VOLUME_KEY);
    const volume = kept === null ? 1 : Number(kept);
    return volume >= 0 && volume <= 1 ? volume : 1;
  } catch {
    return 1;
  }
}

export function remember(volume: number): void {
  try {
    localStorage.setItem(VOLUME_KEY, String(volume));
  } catch {
    // Storage may be forbidden; the volume is then as it was at the next visit.
  }
}
