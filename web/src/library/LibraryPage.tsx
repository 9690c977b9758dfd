import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useSongs } from "../api";
import { useTitle } from "../app/title";
import { Button, Empty, Field, ProblemNote, Select, Spinner, Switch } from "../ui";
import { emptyWords, type Filters, fromAddress, SHELVES, STATUSES, toAddress, toQuery } from "./filters";
import { SongRow } from "./SongRow";
import "./library.css";

const PAUSE_MS = 300;

/** All songs: what each is doing, the newest change first. */
export function LibraryPage() {
  useTitle("Songs");
  const [filters, setFilters] = useFilters();
  return (
    <div className="stack">
      <header className="row spread">
        <h1>Songs</h1>
        <Link href="/new" className="button button-primary button-normal">
          New song
        </Link>
      </header>
      <FilterBar filters={filters} onChange={setFilters} />
      <SongList filters={filters} />
    </div>
  );
}

/** The filters live in the page's address: a list can be bookmarked, and is the same after going back. */
function useFilters(): [Filters, (filters: Filters) => void] {
  const search = useSearch();
  const [, go] = useLocation();
  const set = (filters: Filters) => {
    const address = toAddress(filters);
    go(address ? `/?${address}` : "/", { replace: true });
  };
  return [fromAddress(search), set];
}

interface FilterBarProps {
  filters: Filters;
  onChange(filters: Filters): void;
}

function FilterBar({ filters, onChange }: FilterBarProps) {
  const [text, setText] = useTyped(filters.text, (typed) => onChange({ ...filters, text: typed }));
  return (
    <search className="library-filters">
      <Field
        label="Search"
        type="search"
        placeholder="Words of the title or the prompt"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Select
        label="Show"
        value={filters.shelf}
        options={Object.entries(SHELVES).map(([value, label]) => ({ value, label }))}
        onChange={(event) => onChange({ ...filters, text, shelf: event.target.value as Filters["shelf"] })}
      />
      <Select
        label="Status"
        value={filters.status}
        options={[{ value: "", label: "any" }, ...Object.entries(STATUSES).map(([value, label]) => ({ value, label }))]}
        onChange={(event) => onChange({ ...filters, text, status: event.target.value as Filters["status"] })}
      />
      <Switch
        label="Main versions only"
        checked={filters.mainOnly}
        onChange={(mainOnly) => onChange({ ...filters, text, mainOnly })}
      />
    </search>
  );
}

/** What is being typed: asked for when the typing rests, and taken over when it changes elsewhere. */
function useTyped(asked: string, ask: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(asked);
  const told = useRef(asked);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (asked === told.current) return;
    told.current = asked;
    setText(asked);
  }, [asked]);
  useEffect(() => {
    if (text.trim() === told.current) return;
    const timer = setTimeout(() => {
      told.current = text.trim();
      latest.current(text.trim());
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}

function SongList({ filters }: { filters: Filters }) {
  const songs = useSongs(toQuery(filters));
  const items = songs.data?.pages.flatMap((page) => page.items) ?? [];
  if (songs.isPending) return <Spinner label="Looking for songs" />;
  if (songs.error && items.length === 0) return <ProblemNote problem={songs.error} />;
  if (items.length === 0) return <NoSongs filters={filters} />;
  return (
    <>
      <ul className="song-list" aria-label={SHELVES[filters.shelf]}>
        {items.map((song) => (
          <SongRow key={song.id} song={song} archived={filters.shelf === "archived"} />
        ))}
      </ul>
      {songs.hasNextPage && (
        <More loading={songs.isFetchingNextPage} onMore={() => void songs.fetchNextPage({ cancelRefetch: false })} />
      )}
      <ProblemNote problem={songs.error} />
    </>
  );
}

function NoSongs({ filters }: { filters: Filters }) {
  const { title, text } = emptyWords(filters);
  const begins = filters.shelf === "all" || filters.shelf === "own";
  const begin = (
    <Link href="/new" className="button button-primary button-normal">
      Describe a song
    </Link>
  );
  return (
    <Empty title={title} action={begins && begin}>
      {text}
    </Empty>
  );
}

/** The next page comes by itself as one nears the end of the list, and by a button for whoever does not scroll. */
function More({ loading, onMore }: { loading: boolean; onMore(): void }) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    const near = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting && !loading) latest.current();
      },
      { rootMargin: "400px" },
    );
    if (place.current) near.observe(place.current);
    return () => near.disconnect();
  }, [loading]);
  return (
    <div ref={place} className="library-more">
      <Button busy={loading} onClick={onMore}>
        Show more songs
      </Button>
    </div>
  );
}
