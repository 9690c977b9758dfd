import { useEffect, useState } from "react";
import { useConnection } from "../api";
import { Banner } from "../ui";

/** A stream that breaks is usually open again before anybody could read about it. */
const WORTH_TELLING_MS = 4000;

/** Across the top while the server cannot be reached, or nothing new comes in. */
export function ConnectionBanner() {
  const state = useConnection();
  const long = useLasting(state === "reconnecting", WORTH_TELLING_MS);
  if (state === "gone") {
    return (
      <Banner tone="warn" urgent>
        The studio cannot reach the server. It keeps trying, and your changes are kept.
      </Banner>
    );
  }
  return long ? (
    <Banner>News of this song comes every few seconds; the live connection is being taken up again.</Banner>
  ) : null;
}

function useLasting(now: boolean, milliseconds: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!now) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), milliseconds);
    return () => clearTimeout(timer);
  }, [now, milliseconds]);
  return now && lasting;
}
