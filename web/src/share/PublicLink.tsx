import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type Song } from "../api";
import { Card, ProblemNote, Switch, toast } from "../ui";
import { CopyField } from "./CopyField";
import { PUBLIC_HIDES, PUBLIC_SEES, songUrl } from "./people";
import { songChanged } from "./queries";

/** Whether anybody may hear the song, what they then see, and the link for them. */
export function PublicLink({ song }: { song: Song }) {
  const client = useQueryClient();
  const publishing = useMutation({
    mutationFn: (isPublic: boolean) =>
      data(
        api.PATCH("/v1/compositions/{id}", {
          params: { path: { id: song.id } },
          body: { is_public: isPublic },
        }),
      ),
    onSuccess: (changed) => toast(changed.is_public ? "Everybody can hear it now." : "It is private again."),
    onSettled: async () => {
      await songChanged(client, song.id);
      setWanted(null);
    },
  });
  // What was clicked, until the server has said what is so.
  const [wanted, setWanted] = useState<boolean | null>(null);
  const isPublic = wanted ?? song.is_public;
  const mine = song.role === "owner";
  return (
    <Card title="Public link" level={3}>
      <div className="stack">
        {mine && (
          <Switch
            label="Anybody with the link may listen"
            checked={isPublic}
            onChange={(checked) => {
              setWanted(checked);
              publishing.mutate(checked);
            }}
          />
        )}
        {!mine && <p>{isPublic ? "Anybody with the link may listen." : "It is private: its owner can publish it."}</p>}
        <ProblemNote problem={publishing.error} />
        <div className="public-sees">
          <p>
            <strong>Others see:</strong> {PUBLIC_SEES.join("; ")}.
          </p>
          <p>
            <strong>They never see:</strong> {PUBLIC_HIDES.join("; ")}.
          </p>
        </div>
        {song.is_public && <CopyField label="Link for everybody" text={songUrl(location.origin, song.id)} />}
      </div>
    </Card>
  );
}
