import { useEffect } from "react";
import { onSongMessage, useMe } from "../api";
import { toast } from "../ui";
import { DONE, told } from "./words";

/** Says what other people do to the song while one looks at it; what one does oneself is seen at the control. */
export function useOthers(songId: string): void {
  const me = useMe().data?.owner;
  useEffect(() => {
    if (!me) return;
    return onSongMessage((id, message) => {
      if (id !== songId || !("type" in message) || message.type !== "command_accepted") return;
      const { actor, kind, message: words } = message.payload as { actor: string; kind: string; message: string };
      if (actor && actor !== `user:${me}`) toast(`Somebody else ${DONE[kind] ?? "steered the song"}. ${told(words)}`);
    });
  }, [me, songId]);
}
