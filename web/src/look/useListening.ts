/** The player, as far as it plays this song. */

import { useCallback, useEffect, useRef } from "react";
import { bestOf, player, usePlayer, useSources } from "../player";

/** Seconds into the song; null while another one is loaded. Moves ten times a second. */
export function usePosition(songId: string): number | null {
  return usePlayer((state) => (state.loaded?.songId === songId ? state.position : null));
}

export function usePlaying(songId: string): boolean {
  return usePlayer((state) => state.playing && state.loaded?.songId === songId);
}

/** Go to a place of the song; where another song is loaded, this one is taken instead. */
export function useSeek(songId: string): (seconds: number) => void {
  const sources = useSources(songId);
  return useCallback(
    (seconds: number) => {
      if (player.snapshot().loaded?.songId === songId) {
        player.seek(seconds);
        return;
      }
      const best = bestOf(sources ?? []);
      if (best) void player.load(best).then(() => player.seek(seconds));
    },
    [songId, sources],
  );
}

/** Call `draw` in every frame while the song plays, and once whenever its place changes otherwise. */
export function useFrames(songId: string, draw: (seconds: number | null) => void): void {
  const latest = useRef(draw);
  latest.current = draw;
  const playing = usePlaying(songId);
  const position = usePosition(songId);
  useEffect(() => {
    if (!playing) latest.current(position);
  }, [playing, position]);
  useEffect(() => {
    if (!playing) return;
    let frame = requestAnimationFrame(function next() {
      latest.current(player.now());
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing]);
}

export function isCalm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
