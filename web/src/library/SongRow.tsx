import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, data, keys, Problem, type SongSummary } from "../api";
import { bestOf, player, sourcesOf, usePlayer } from "../player";
import { place } from "../song/words";
import { Badge, Button, Dialog, IconButton, ProblemNote, Progress, Time, toast } from "../ui";
import { glance } from "./glance";

const ROLE_WORDS = { owner: "", editor: "you edit it", viewer: "you listen", public: "public" } as const;

/** One song of the list: how it stands, and its newest sound without leaving the list. */
export function SongRow({ song, archived }: { song: SongSummary; archived: boolean }) {
  const seen = glance(song);
  return (
    <li className="song-row">
      <div className="song-row-play">{!archived && <PlayButton song={song} />}</div>
      <div className="song-row-words">
        <p className="song-row-title">{archived ? song.title : <Link href={`/songs/${song.id}`}>{song.title}</Link>}</p>
        <p className="song-row-prompt">{song.prompt}</p>
      </div>
      <div className="song-row-state">
        <span className="row">
          <Badge tone={seen.tone}>{seen.words}</Badge>
          <Marks song={song} />
        </span>
        {seen.progress !== undefined && <Progress value={seen.progress} label={`Progress of ${song.title}`} />}
        <span className="dim song-row-time">
          changed <Time at={song.updated_at} />
        </span>
      </div>
      {archived && <ArchivedActions song={song} />}
    </li>
  );
}

function Marks({ song }: { song: SongSummary }) {
  const marks = [
    song.version_number > 1 ? `version ${song.version_number}` : "",
    song.is_public && song.role !== "public" ? "public" : "",
    ROLE_WORDS[song.role],
  ].filter(Boolean);
  return marks.map((mark) => <Badge key={mark}>{mark}</Badge>);
}

/** Before its parts are arranged a song has nothing to hear. */
function hasSound(song: SongSummary): boolean {
  return song.is_completed || place(song.current_stage) > place("composition");
}

function PlayButton({ song }: { song: SongSummary }) {
  const client = useQueryClient();
  const here = usePlayer((state) => state.loaded?.songId === song.id);
  const playing = usePlayer((state) => state.playing) && here;
  const listening = useMutation({ mutationFn: () => listen(), gcTime: 0 });
  const listen = async () => {
    const media = await client.fetchQuery({
      queryKey: keys.media(song.id),
      queryFn: ({ signal }) =>
        data(api.GET("/v1/compositions/{id}/media", { params: { path: { id: song.id } }, signal })),
    });
    const source = bestOf(sourcesOf(media.items, song));
    if (!source) throw new Problem({ title: "Nothing to hear yet", detail: "Its first sketch is still being made." });
    await player.listen(source);
  };
  if (!hasSound(song)) return null;
  return (
    <>
      <IconButton
        icon={playing ? "pause" : "play"}
        label={`${playing ? "Pause" : "Play"} ${song.title}`}
        busy={listening.isPending}
        onClick={() => (playing ? player.pause() : listening.mutate())}
      />
      {listening.error && (
        <div className="song-row-problem">
          <ProblemNote problem={listening.error} />
        </div>
      )}
    </>
  );
}

function ArchivedActions({ song }: { song: SongSummary }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const restoring = useMutation({
    mutationFn: () => data(api.POST("/v1/compositions/{id}/restoration", { params: { path: { id: song.id } } })),
    onSuccess: () => {
      toast(`“${song.title}” is back among your songs.`);
      void client.invalidateQueries({ queryKey: keys.allSongs });
      void client.invalidateQueries({ queryKey: keys.song(song.id) });
    },
  });
  const erasing = useMutation({
    mutationFn: () => {
      const where = { path: { id: song.id }, query: { erase: true } };
      return api.DELETE("/v1/compositions/{id}", { params: where });
    },
    onSuccess: () => setAsking(false),
  });
  if (erasing.isSuccess) return <p className="song-row-actions dim">It is being erased, which takes some hours.</p>;
  return (
    <div className="song-row-actions">
      <span className="row">
        <Button
          size="small"
          icon="undo"
          busy={restoring.isPending}
          aria-label={`Restore ${song.title}`}
          onClick={() => restoring.mutate()}
        >
          Restore
        </Button>
        <Button size="small" look="danger" aria-label={`Erase ${song.title} for ever`} onClick={() => setAsking(true)}>
          Erase
        </Button>
      </span>
      <ProblemNote problem={restoring.error} />
      <Dialog
        open={asking}
        title={`Erase “${song.title}” for ever?`}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button look="danger" busy={erasing.isPending} onClick={() => erasing.mutate()}>
              Erase it for ever
            </Button>
          </>
        }
      >
        <p>
          Its history, its files that no other song shares, and everything that was said about it go within some hours.
          Nobody can bring it back.
        </p>
        <ProblemNote problem={erasing.error} />
      </Dialog>
    </div>
  );
}
