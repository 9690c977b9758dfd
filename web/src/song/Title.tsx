import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { api, asProblem, data, keys, type Problem, type Song } from "../api";
import { Button, IconButton } from "../ui";
import { keepDraft, readDraft } from "./draft";
import { mayChange } from "./next";
import { Refusal } from "./Refusal";

const isText = (value: unknown): value is string => typeof value === "string";
const LONGEST = 255;

/**
 * The song's name. It is shown as typed at once; where somebody else was faster, both names stand side by side and the
 * loser decides.
 */
export function Title({ song }: { song: Song }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const [lost, setLost] = useState<string | null>(() => readDraft("title", song.id, isText));
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  const began = useRef({ title: song.title, etag: song.etag });
  const editing = typed !== null;

  useEffect(() => {
    if (editing) input.current?.select();
  }, [editing]);

  function begin() {
    began.current = { title: song.title, etag: song.etag };
    setProblem(null);
    setTyped(song.title);
  }

  function end() {
    setTyped(null);
    requestAnimationFrame(() => pencil.current?.focus());
  }

  function lose(title: string | null) {
    setLost(title);
    keepDraft("title", song.id, title);
  }

  async function save(title: string, seen: { title: string; etag: string }) {
    setSaving(true);
    const before = client.getQueryData<Song>(keys.detail(song.id));
    client.setQueryData<Song>(keys.detail(song.id), (known) => known && { ...known, title });
    try {
      await rename(song.id, title, seen);
      lose(null);
    } catch (error) {
      const found = asProblem(error);
      client.setQueryData<Song>(
        keys.detail(song.id),
        (known) => known && { ...known, title: before?.title ?? seen.title },
      );
      if (found.outdated) lose(title);
      else setProblem(found);
    } finally {
      setSaving(false);
      await client.invalidateQueries({ queryKey: keys.detail(song.id) });
      void client.invalidateQueries({ queryKey: keys.allSongs });
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const title = typed?.trim() ?? "";
    if (title && title !== began.current.title) void save(title, began.current);
    end();
  }

  if (editing) {
    return (
      <form className="song-title-form" onSubmit={submit}>
        <input
          ref={input}
          className="input song-title-input"
          aria-label="Title"
          value={typed}
          maxLength={LONGEST}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event: KeyboardEvent) => event.key === "Escape" && end()}
        />
        <Button type="submit" look="primary" size="small">
          Save title
        </Button>
        <Button look="quiet" size="small" onClick={end}>
          Keep the old one
        </Button>
      </form>
    );
  }
  return (
    <div className="song-title">
      <h1>
        {song.title}
        {mayChange(song.role) && (
          <IconButton ref={pencil} label="Rename the song" icon="edit" size="small" busy={saving} onClick={begin} />
        )}
      </h1>
      <Refusal problem={problem} />
      {lost !== null && lost !== song.title && (
        <fieldset className="song-title-conflict" aria-label="Two titles">
          <p>
            Somebody renamed the song to <strong>{song.title}</strong> while you wrote <strong>{lost}</strong>.
          </p>
          <Button size="small" busy={saving} onClick={() => void save(lost, { title: song.title, etag: song.etag })}>
            Use mine
          </Button>
          <Button size="small" look="quiet" onClick={() => lose(null)}>
            Keep theirs
          </Button>
        </fieldset>
      )}
    </div>
  );
}

const TRIES = 4;

/**
 * Rename the song that was seen. A song at work moves on by itself, and its tag with it: as long as its name is still
 * the one that was seen, nobody was overruled, and the newer tag is as good.
 */
async function rename(id: string, title: string, seen: { title: string; etag: string }): Promise<void> {
  let etag = seen.etag;
  for (let tries = 1; ; tries += 1) {
    try {
      await data(
        api.PATCH("/v1/compositions/{id}", {
          params: { path: { id } },
          headers: { "If-Match": etag },
          body: { title },
        }),
      );
      return;
    } catch (error) {
      const found = asProblem(error);
      if (!found.outdated || !found.etag || tries >= TRIES) throw found;
      const now = await data(api.GET("/v1/compositions/{id}", { params: { path: { id } } }));
      if (now.title !== seen.title) throw found;
      etag = found.etag;
    }
  }
}
