import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import { asProblem, keys, signedOut, useMe, useStore } from "../api";
import { SignIn, SignInAgain } from "./SignIn";

/** Who has just an invitation has no key; the page of it says what can be done. */
const OPEN_TO_ALL = /^\/(join\/|sign-in)/;
/** A song that is published can be heard by anybody; its page says so where it is not. */
const MAYBE_OPEN = /^\/songs\/([^/]+)/;

/** Shows the page, or asks for a key first. Where somebody was known before, the page stays and a line says so. */
export function Gate({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  // What is known of somebody stays when their session ends, and goes when they sign out.
  const known = useMe().data !== undefined;
  const closed = useClosedSong(MAYBE_OPEN.exec(location)?.[1]);
  const asked = useStore(signedOut) && !OPEN_TO_ALL.test(location);
  const shown = !asked || known || (MAYBE_OPEN.test(location) && !closed);
  return (
    <>
      {asked && known && <SignInAgain />}
      {shown ? children : <SignIn />}
    </>
  );
}

/** Whether the server told that this song is for people it knows. Watches what the song's page asks for anyway. */
function useClosedSong(id: string | undefined): boolean {
  const client = useQueryClient();
  return useSyncExternalStore(
    (changed) => client.getQueryCache().subscribe(changed),
    () => id !== undefined && asProblem(client.getQueryState(keys.detail(id))?.error).status === 401,
  );
}
