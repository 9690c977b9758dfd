import { useEffect, useRef, useState } from "react";
import WaveSurfer from "wavesurfer.js";
import type { Peaks } from "../api";
import { columnsOf } from "./columns";
import { player } from "./player";
import { useFrame } from "./useFrame";
import { usePlayer } from "./usePlayer";

/** The waveform from the server's peaks; wavesurfer draws and does nothing else. */
export function Drawing({ peaks, duration, here }: { peaks: Peaks; duration: number; here: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<WaveSurfer | null>(null);
  const playing = usePlayer((state) => state.playing);
  const position = usePlayer((state) => state.position);
  const theme = useTheme();
  useEffect(() => {
    if (!box.current) return;
    const { high, low } = columnsOf(peaks);
    const wave = WaveSurfer.create({
      container: box.current,
      peaks: [high, low],
      duration,
      height: "auto",
      interact: false,
      hideScrollbar: true,
      cursorWidth: 0,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      waveColor: theme.wave,
      progressColor: theme.played,
    });
    setDrawn(wave);
    return () => {
      wave.destroy();
      setDrawn(null);
    };
  }, [peaks, duration, theme]);
  useFrame(here && playing, () => drawn?.setTime(here ? Math.min(player.now(), duration) : 0));
  useEffect(() => {
    if (!playing) drawn?.setTime(Math.min(position, duration));
  }, [drawn, playing, position, duration]);
  return <div ref={box} className="player-drawing" aria-hidden="true" />;
}

interface Colours {
  wave: string;
  played: string;
}

function useTheme(): Colours {
  const [colours, setColours] = useState(colourNow);
  useEffect(() => {
    const again = (): void =>
      setColours((before) => {
        const now = colourNow();
        return now.wave === before.wave && now.played === before.played ? before : now;
      });
    const observer = new MutationObserver(again);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return colours;
}

function colourNow(): Colours {
  const style = getComputedStyle(document.documentElement);
  return { wave: style.getPropertyValue("--wave").trim(), played: style.getPropertyValue("--wave-played").trim() };
}
