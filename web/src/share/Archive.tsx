import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, type Song } from "../api";
import { Button, Card, Dialog, ProblemNote, toast } from "../ui";
import { songChanged } from "./queries";

const ENDED: readonly Song["status"][] = ["completed", "cancelled"];

/** Put the song away, with a question before it. */
export function ArchiveCard({ song }: { song: Song }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const [, go] = useLocation();
  const archiving = useMutation({
    mutationFn: () => api.DELETE("/v1/compositions/{id}", { params: { path: { id: song.id } } }),
    onSuccess: () => {
      setAsking(false);
      void songChanged(client, song.id);
      toast(`“${song.title}” is in the archive now.`);
      go("/?show=archived");
    },
  });
  return (
    <Card title="Archive" level={3}>
      <div className="stack">
        <p className="dim">
          An archived song is hidden from everybody. You can have it back, from the archive in your list of songs, until
          its files are removed.
        </p>
        <div>
          <Button look="danger" icon="archive" onClick={() => setAsking(true)}>
            Archive this song
          </Button>
        </div>
      </div>
      <Dialog
        open={asking}
        title={`Archive “${song.title}”?`}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Not now</Button>
            <Button look="danger" icon="archive" busy={archiving.isPending} onClick={() => archiving.mutate()}>
              Archive
            </Button>
          </>
        }
      >
        <div className="stack">
          <p>Everybody who works on it, and everybody who has its link, will not find it any more.</p>
          {!ENDED.includes(song.status) && (
            <p>
              <strong>It is still on its way: it is cancelled,</strong> and stays cancelled when you have it back.
            </p>
          )}
          <ProblemNote problem={archiving.error} />
        </div>
      </Dialog>
    </Card>
  );
}
