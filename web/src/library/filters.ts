/** The library's filters: what is chosen on the page, as it stands in the address, and as the API is asked. */

import type { SongFilters } from "../api/keys";
import type { SongStatus } from "../api/schema";

export type Shelf = "all" | "own" | "shared" | "public" | "archived";

export interface Filters {
  readonly shelf: Shelf;
  readonly status: SongStatus | "";
  readonly text: string;
  readonly mainOnly: boolean;
}

export const NO_FILTERS: Filters = { shelf: "all", status: "", text: "", mainOnly: false };

export const SHELVES: Readonly<Record<Shelf, string>> = {
  all: "Mine and shared",
  own: "Mine",
  shared: "Shared with me",
  public: "Public",
  archived: "Archive",
};

export const STATUSES: Readonly<Record<SongStatus, string>> = {
  running: "at work",
  waiting: "waiting",
  held: "held",
  blocked: "stuck",
  completed: "finished",
  cancelled: "cancelled",
};

const MOST_TEXT = 200;

/** What the API is asked for; filters that choose nothing are left out, so that equal questions share their answer. */
export function toQuery(filters: Filters): SongFilters {
  const text = filters.text.trim().slice(0, MOST_TEXT);
  return {
    ...(filters.shelf === "archived" ? { archived: true } : filters.shelf === "all" ? {} : { scope: filters.shelf }),
    ...(filters.status && { status: filters.status }),
    ...(text && { text }),
    ...(filters.mainOnly && { main_only: true }),
  };
}

/** As the page's address keeps them, so that a list can be bookmarked and is there again after going back. */
export function toAddress(filters: Filters): string {
  const found = new URLSearchParams();
  if (filters.shelf !== NO_FILTERS.shelf) found.set("show", filters.shelf);
  if (filters.status) found.set("status", filters.status);
  if (filters.text.trim()) found.set("text", filters.text.trim());
  if (filters.mainOnly) found.set("versions", "main");
  return found.toString();
}

/** From the page's address; what is not known there chooses nothing. */
export function fromAddress(search: string): Filters {
  const found = new URLSearchParams(search);
  const [shelf, status] = [found.get("show") ?? "", found.get("status") ?? ""];
  return {
    shelf: shelf in SHELVES ? (shelf as Shelf) : NO_FILTERS.shelf,
    status: status in STATUSES ? (status as SongStatus) : "",
    text: (found.get("text") ?? "").slice(0, MOST_TEXT),
    mainOnly: found.get("versions") === "main",
  };
}

/** Whether anything narrows the list down. */
export const isNarrowed = (filters: Filters): boolean =>
  Boolean(filters.status || filters.text.trim() || filters.mainOnly);

/** What an empty list means, and what can be done about it. */
export function emptyWords(filters: Filters): { readonly title: string; readonly text: string } {
  if (isNarrowed(filters)) return { title: "No song fits", text: "Other words or fewer filters may find one." };
  return EMPTY[filters.shelf];
}

const EMPTY: Readonly<Record<Shelf, { readonly title: string; readonly text: string }>> = {
  all: { title: "No songs yet", text: "Describe one in a sentence; it is there to hear in a moment." },
  own: { title: "No songs of yours yet", text: "Describe one in a sentence; it is there to hear in a moment." },
  shared: { title: "Nothing is shared with you", text: "Somebody who works on a song can send you an invitation." },
  public: { title: "No public songs", text: "Songs that their owners publish are heard here by everybody." },
  archived: { title: "The archive is empty", text: "Songs that you archive rest here until their files are removed." },
};
