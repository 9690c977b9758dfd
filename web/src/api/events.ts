import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "./keys";

/** Keep what is known of a song up to date for as long as the component is there. */
export function useSongEvents(id: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const again = setInterval(() => void client.invalidateQueries({ queryKey: keys.song(id) }), 2000);
    return () => clearInterval(again);
  }, [client, id]);
}
