import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import { asProblem, keys, type Me, signedOut, useMe, useStore } from "../api";
import { SignIn, SignInAgain } from "./SignIn";

/** Who has just an invitation has no key; the page of it says what can be done. */
const OPEN_TO_ALL = /^\/(join\/|sign-in)/;
/** A song that is published can be heard by anybody; its page says so where it is not. */
const MAYBE_OPEN = /^\/songs\/([^/]+)/;

/** Shows the page, or asks for a key first. Where somebody was known before, the page stays and a line says so. */
export function Gate({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const out = useStore(signedOut);
  const me = useMe().data;
  const before = useBefore(me);
  const closed = useClosedSong(MAYBE_OPEN.exec(location)?.[1]);

  if (!out || OPEN_TO_ALL.test(location)) return children;
  if (before) {
    return (
      <>
        <SignInAgain />
        {children}
      </>
    );
  }
  return MAYBE_OPEN.test(location) && !closed ? children : <SignIn />;
}

/** Whether somebody has been known since the page was opened. */
function useBefore(me: Me | undefined): boolean {
  const [before, setBefore] = useState(false);
  useEffect(() => setBefore((known) => known || me !== undefined), [me]);
  return before;
}

/** Whether the server told that this song is for people it knows. Watches what the song's page asks for anyway. */
function useClosedSong(id: string | undefined): boolean {
  const client = useQueryClient();
  return useSyncExternalStore(
    (changed) => client.getQueryCache().subscribe(changed),
    () => id !== undefined && asProblem(client.getQueryState(keys.detail(id))?.error).status === 401,
  );
}
