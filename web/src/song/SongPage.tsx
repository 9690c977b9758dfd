import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link } from "wouter";
import { api, asProblem, data, fetched, keys, type Song, useSong, useSongEvents } from "../api";
import { useTitle } from "../app";
import { SongWaveform, StemsDesk } from "../player";
import { Badge, Button, Empty, Money, ProblemNote, Spinner, Tabs, Time } from "../ui";
import { BranchDialog } from "./BranchDialog";
import { Controls } from "./Controls";
import { mayChange, stateOf } from "./next";
import { useOthers } from "./others";
import { RevisePanel } from "./RevisePanel";
import { OpenStage, StageLine, useWalk } from "./StageLine";
import { Title } from "./Title";
import { WhatNext } from "./WhatNext";

const LookPanel = lazy(() => fetched(() => import("../look")).then(({ LookPanel }) => ({ default: LookPanel })));
const HistoryPanel = lazy(() =>
  fetched(() => import("../history")).then(({ HistoryPanel }) => ({ default: HistoryPanel })),
);
const SharePanel = lazy(() => fetched(() => import("../share")).then(({ SharePanel }) => ({ default: SharePanel })));

/** One song: what it sounds like, how far it is, what it waits for, and everything that can be done with it. */
export function SongPage({ id }: { id: string }) {
  const song = useSong(id);
  // Somebody who was removed from a song still has what it was when they last looked.
  if (song.error && asProblem(song.error).status === 404) return <Missing id={id} />;
  if (song.data) return <Loaded song={song.data} />;
  if (song.isPending) return <Spinner label="Loading the song" />;
  return <ProblemNote problem={song.error} />;
}

function Loaded({ song }: { song: Song }) {
  useSongEvents(song.id);
  useOthers(song.id);
  useTitle(song.title);
  const [branching, setBranching] = useState(false);
  const branch = () => setBranching(true);
  const walk = useWalk(song);
  return (
    <article className="song-page" aria-label={song.title}>
      <header className="song-head">
        <Title song={song} />
        <About song={song} />
      </header>
      <div className="song-stages">
        <StageLine song={song} walk={walk} />
      </div>
      <div className="song-next">
        <WhatNext song={song} onBranch={branch} onChange={toChange} />
        <Controls song={song} onBranch={branch} />
      </div>
      <div className="song-sound">
        <SongWaveform songId={song.id} />
      </div>
      <div className="song-open">
        <OpenStage song={song} walk={walk} />
      </div>
      <aside className="song-change" aria-label="Changing the song">
        <RevisePanel song={song} />
      </aside>
      <div className="song-panels">
        <Panels song={song} />
      </div>
      <BranchDialog song={song} open={branching} onClose={() => setBranching(false)} />
    </article>
  );
}

function toChange(): void {
  const panel = document.getElementById("change");
  panel?.scrollIntoView({ block: "start" });
  panel?.focus();
}

/** What is known of the song at a glance: what it was asked to be, whose it is, what it has cost. */
function About({ song }: { song: Song }) {
  const spent = Number(song.spent_usd ?? 0);
  const reserved = Number(song.reserved_usd ?? 0);
  return (
    <div className="song-about">
      <p className="song-prompt">{song.prompt}</p>
      <p className="song-marks">
        {!mayChange(song.role) && <Badge>{song.role === "public" ? "you are a guest" : "you are a viewer"}</Badge>}
        {song.is_public && <Badge tone="accent">public</Badge>}
        {song.version_number > 1 && <Badge>version {song.version_number}</Badge>}
        {stateOf(song) === "completed" && <Badge tone="good">finished</Badge>}
        <span className="song-quiet">
          begun <Time at={song.created_at} />
        </span>
        {spent > 0 && (
          <span className="song-quiet">
            <Money usd={spent} /> spent
          </span>
        )}
        {reserved > 0 && (
          <span className="song-quiet">
            <Money usd={reserved} /> set aside for orders under way
          </span>
        )}
      </p>
    </div>
  );
}

function Panels({ song }: { song: Song }) {
  const panel = (content: ReactNode) => <Suspense fallback={<Spinner label="Loading" />}>{content}</Suspense>;
  return (
    <Tabs
      label="More about the song"
      items={[
        { id: "look", label: "Look", content: () => panel(<LookPanel songId={song.id} />) },
        { id: "stems", label: "Stems", content: () => panel(<StemsDesk songId={song.id} />) },
        { id: "history", label: "History", content: () => panel(<HistoryPanel songId={song.id} />) },
        { id: "share", label: "Share and download", content: () => panel(<SharePanel songId={song.id} />) },
      ]}
    />
  );
}

/** No such song, or one in the archive: its owner can have it back. */
function Missing({ id }: { id: string }) {
  const client = useQueryClient();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const archived = useQuery({
    queryKey: [...keys.song(id), "archived"],
    queryFn: ({ signal }) => findArchived(id, signal),
    retry: false,
  });

  async function restore() {
    setBusy(true);
    setProblem(null);
    try {
      await data(api.POST("/v1/compositions/{id}/restoration", { params: { path: { id } } }));
      await client.invalidateQueries({ queryKey: keys.song(id) });
      void client.invalidateQueries({ queryKey: keys.allSongs });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  if (archived.isPending) return <Spinner label="Looking for the song" />;
  if (!archived.data) {
    return (
      <Empty page title="There is no such song" action={<Link href="/">To your songs</Link>}>
        It may have been archived or erased, or you are not invited to it.
      </Empty>
    );
  }
  return (
    <section className="song-what-next song-what-next-over" aria-label="What next">
      <div className="song-what-next-words">
        <h1>{archived.data.title}</h1>
        <p className="song-what-next-sentence">
          This song is in the archive: nobody sees it, and nothing happens to it.
        </p>
        <p className="song-what-next-hint">You can have it back until its files are removed.</p>
      </div>
      <div className="song-what-next-deed">
        <Button look="primary" busy={busy} onClick={() => void restore()}>
          Take it out of the archive
        </Button>
        <ProblemNote problem={problem} />
      </div>
    </section>
  );
}

const PAGES = 10;

/** The song among those in the archive, which no other call shows. */
async function findArchived(id: string, signal: AbortSignal) {
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page += 1) {
    const query = { archived: true, limit: 100, ...(cursor ? { cursor } : {}) };
    const found: { items: { id: string; title: string }[]; next_cursor: string | null } = await data(
      api.GET("/v1/compositions", { params: { query }, signal }),
    );
    const song = found.items.find((one) => one.id === id);
    if (song) return song;
    cursor = found.next_cursor;
    if (!cursor) return null;
  }
  return null;
}
