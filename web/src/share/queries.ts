/** Who works on a song, and who is invited. */

import { type QueryClient, useQuery } from "@tanstack/react-query";
import { api, data, keys, type Me } from "../api";

export function usePeople(id: string, enabled: boolean) {
  const read = ({ signal }: { signal: AbortSignal }) =>
    data(api.GET("/v1/compositions/{id}/collaborators", { params: { path: { id } }, signal }));
  return useQuery({ queryKey: keys.people(id), queryFn: read, enabled, refetchInterval: 10_000 });
}

export function useInvitations(id: string) {
  const read = ({ signal }: { signal: AbortSignal }) =>
    data(api.GET("/v1/compositions/{id}/invitations", { params: { path: { id } }, signal }));
  return useQuery({ queryKey: keys.invitations(id), queryFn: read, refetchInterval: 10_000 });
}

/** What the song's name, visibility or place in the archive shows in, after it has changed. */
export async function songChanged(client: QueryClient, id: string): Promise<void> {
  void client.invalidateQueries({ queryKey: keys.allSongs });
  await client.invalidateQueries({ queryKey: keys.detail(id) });
}

/** Who one is, or null for somebody unknown: on this page that is no reason to be sent to the sign-in page. */
export async function whoAmI(signal: AbortSignal): Promise<Me | null> {
  const answer = await fetch("/v1/me", { signal });
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error(`The server answered ${answer.status}: try again in a moment.`);
  return (await answer.json()) as Me;
}
