/** Roles and invitations in words, and the links by which people come. */

import type { InvitationView, Person, Role } from "../api/schema";

interface RoleWords {
  readonly name: string;
  readonly may: string;
}

export const ROLES: Readonly<Record<Role, RoleWords>> = {
  owner: { name: "owner", may: "decides everything: who works on the song, who may hear it, whether it stays" },
  editor: { name: "editor", may: "may steer the song: advance, change, go back, branch, rename" },
  viewer: { name: "viewer", may: "may look, listen and download" },
  public: { name: "listener", may: "may look and listen" },
};

/** What an owner can give, in the order of the page. */
export const GIVEN: readonly ("editor" | "viewer")[] = ["editor", "viewer"];

/** "an editor", "a viewer". */
export const aRole = (role: Role): string => `${/^[aeiou]/.test(ROLES[role].name) ? "an" : "a"} ${ROLES[role].name}`;

/** How somebody is called on the page: the name they gave themselves, or what is known instead. */
export function calledName(person: Pick<Person, "name" | "role" | "user">, me: string | undefined): string {
  const name = person.name || (person.role === "owner" ? "The owner" : "Somebody without a name");
  return person.user === me ? `${person.name || "You"}${person.name ? " (you)" : ""}` : name;
}

/** Where an invited person goes in the studio. */
export const joinUrl = (origin: string, token: string): string => `${origin}/join/${token}`;

/** Where anybody finds a public song. */
export const songUrl = (origin: string, songId: string): string => `${origin}/songs/${songId}`;

export const INVITATION_STATES: Readonly<Record<InvitationView["state"], string>> = {
  open: "waits to be accepted",
  accepted: "accepted",
  expired: "expired",
};

/** What everybody sees of a public song, and what stays with those who work on it (as `api/publicity.py` has it). */
export const PUBLIC_SEES: readonly string[] = [
  "title, prompt and settings",
  "the sound, stems, score and history",
  "how far it has come, live",
];
export const PUBLIC_HIDES: readonly string[] = [
  "who works on it",
  "what it cost and its budget",
  "why it waits or is stuck",
  "its report",
];
