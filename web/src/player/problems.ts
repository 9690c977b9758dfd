/** What keeps a song from being heard, in words that say what can be done. */

import { SoundMissing } from "./bytes";
import { Unreadable } from "./reader";

export interface PlayerProblem {
  kind: "forbidden" | "no device" | "missing" | "unreadable" | "unreachable";
  title: string;
  detail: string;
}

export const FORBIDDEN: PlayerProblem = {
  kind: "forbidden",
  title: "The browser does not let this page play sound",
  detail: "Press “Try again”. If it stays silent, allow sound for this site in the browser's settings.",
};

export const NO_DEVICE: PlayerProblem = {
  kind: "no device",
  title: "No loudspeaker takes the sound",
  detail: "Check that a sound device is connected and switched on, then try again.",
};

export function problemOf(error: unknown): PlayerProblem {
  if (error instanceof Unreadable) {
    return { kind: "unreadable", title: "This file cannot be played", detail: sentence(error.message) };
  }
  if (error instanceof SoundMissing) {
    return { kind: "missing", title: "The sound is not there", detail: sentence(error.message) };
  }
  if (error instanceof DOMException && error.name === "NotAllowedError") return FORBIDDEN;
  return {
    kind: "unreachable",
    title: "The sound does not arrive",
    detail: "The connection to the server is interrupted. The song stays where it is: try again in a moment.",
  };
}

/** What keeps the browser from making any sound. */
export function soundProblem(error: unknown): PlayerProblem {
  return error instanceof DOMException && error.name === "NotAllowedError" ? FORBIDDEN : NO_DEVICE;
}

function sentence(text: string): string {
  return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
