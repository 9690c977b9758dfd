import { lazy } from "react";
import { fetched } from "../api";

// Each page is fetched when it is first seen; the shell and the player are there at once.
const LOADS = {
  library: () => import("../library"),
  describe: () => import("../describe"),
  song: () => import("../song"),
  share: () => import("../share"),
};

export const LibraryPage = lazy(() => fetched(LOADS.library).then((page) => ({ default: page.LibraryPage })));
export const ProvidersPage = lazy(() => fetched(LOADS.library).then((page) => ({ default: page.ProvidersPage })));
export const KeysPage = lazy(() => fetched(LOADS.library).then((page) => ({ default: page.KeysPage })));
export const DescribePage = lazy(() => fetched(LOADS.describe).then((page) => ({ default: page.DescribePage })));
export const SongPage = lazy(() => fetched(LOADS.song).then((page) => ({ default: page.SongPage })));
export const JoinPage = lazy(() => fetched(LOADS.share).then((page) => ({ default: page.JoinPage })));

const QUIET_MS = 3000;

/** Fetch the other pages once nothing else happens: one can then walk around while the server is away. */
export function loadEverything(): () => void {
  const timer = setTimeout(() => {
    for (const load of Object.values(LOADS)) load().catch(() => undefined);
  }, QUIET_MS);
  return () => clearTimeout(timer);
}
