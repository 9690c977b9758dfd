import { Button, Card, Empty, Spinner } from "../ui";
import { Desk } from "./Desk";
import { player } from "./player";
import { stemsOf } from "./sources";
import { usePlayer } from "./usePlayer";
import { useSources } from "./useSources";

/** The parts of a song, each with its own mute, solo and level. */
export function StemsDesk({ songId }: { songId: string }) {
  const sources = useSources(songId);
  const loaded = usePlayer((state) => state.loaded);
  const tracks = usePlayer((state) => state.tracks);
  const loading = usePlayer((state) => state.loading);
  const stems = sources ? stemsOf(sources) : undefined;
  const here = loaded?.songId === songId && (loaded.kind === "stems" || loaded.kind === "parts");
  if (sources === null) return <Spinner label="Loading the stems" />;
  return (
    <Card title="Stems" actions={here && tracks.length > 0 && <Reset />}>
      {!stems && (
        <Empty title="No stems yet">
          Each part can be heard alone once the band has played; in the mix, once the song is mixed.
        </Empty>
      )}
      {stems && here && tracks.length > 0 && <Desk label="Channels" />}
      {stems && !(here && tracks.length > 0) && (
        <div className="player-invite">
          <p>
            {stems.tracks.length} {stems.tracks.length === 1 ? "part" : "parts"}:{" "}
            {stems.tracks.map(({ name }) => name.toLowerCase()).join(", ")}. Mute some, or hear one alone; the song goes
            on where it is.
          </p>
          <Button icon="volume" busy={here && loading} onClick={() => void player.load(stems)}>
            Open the stems
          </Button>
        </div>
      )}
    </Card>
  );
}

function Reset() {
  const changed = usePlayer((state) => state.tracks.some(({ muted, soloed, gain }) => muted || soloed || gain !== 0));
  return (
    <Button look="quiet" size="small" disabled={!changed} onClick={() => player.resetTracks()}>
      As mixed
    </Button>
  );
}
