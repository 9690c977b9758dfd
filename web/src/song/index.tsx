import { useSong, useSongEvents } from "../api";
import { HistoryPanel } from "../history";
import { LookPanel } from "../look";
import { SongWaveform, StemsDesk } from "../player";
import { SharePanel } from "../share";
import { ProblemNote, Spinner } from "../ui";

export function SongPage({ id }: { id: string }) {
  useSongEvents(id);
  const song = useSong(id);
  if (song.isPending) return <Spinner label="Loading the song" />;
  if (song.isError) return <ProblemNote problem={song.error} />;
  return (
    <>
      <h1>{song.data.title}</h1>
      <SongWaveform songId={id} />
      <StemsDesk songId={id} />
      <LookPanel songId={id} />
      <HistoryPanel songId={id} />
      <SharePanel songId={id} />
    </>
  );
}
