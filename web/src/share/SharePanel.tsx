import { useSong } from "../api";
import { Spinner } from "../ui";
import { ArchiveCard } from "./Archive";
import { Downloads } from "./Downloads";
import { InvitationsCard } from "./Invitations";
import { PeopleCard } from "./People";
import { PublicLink } from "./PublicLink";
import "./share.css";

/** Who may see and steer the song, and everything that can be taken home of it. */
export function SharePanel({ songId }: { songId: string }) {
  const { data: song } = useSong(songId);
  if (!song) return <Spinner label="Loading" />;
  const owner = song.role === "owner";
  const inside = song.role !== "public";
  return (
    <div className="share-room">
      <div className="share">
        <Downloads song={song} />
        <div className="stack">
          {inside && <PeopleCard song={song} />}
          {owner && <InvitationsCard song={song} />}
          <PublicLink song={song} />
          {owner && <ArchiveCard song={song} />}
        </div>
      </div>
    </div>
  );
}
