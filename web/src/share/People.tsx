import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, keys, type Person, type Song, useMe } from "../api";
import { Badge, Button, Card, Dialog, ProblemNote, Select, Spinner, Time, toast } from "../ui";
import { calledName, GIVEN, ROLES } from "./people";
import { usePeople } from "./queries";

/** Everybody who works on the song: the owner gives roles and takes them away, others can leave. */
export function PeopleCard({ song }: { song: Song }) {
  const people = usePeople(song.id, song.role !== "public");
  const me = useMe();
  return (
    <Card title="Who works on it" level={3}>
      {people.isPending && <Spinner label="Looking who works on it" />}
      <ProblemNote problem={people.error} />
      <ul className="share-list" aria-label="Who works on it">
        {people.data?.items.map((person) => (
          <PersonRow key={person.user} person={person} song={song} me={me.data?.owner} />
        ))}
      </ul>
    </Card>
  );
}

function PersonRow({ person, song, me }: { person: Person; song: Song; me: string | undefined }) {
  const client = useQueryClient();
  const where = { params: { path: { id: song.id, user: person.user } } };
  const refresh = () => client.invalidateQueries({ queryKey: keys.people(song.id) });
  const giving = useMutation({
    mutationFn: (role: "editor" | "viewer") =>
      api.PATCH("/v1/compositions/{id}/collaborators/{user}", { ...where, body: { role } }),
    onSuccess: refresh,
  });
  const name = calledName(person, me);
  const mayGive = song.role === "owner" && person.role !== "owner";
  const isMe = person.user === me && person.role !== "owner";
  return (
    <li>
      <div className="row spread">
        <span>
          <strong>{name}</strong> <Badge>{ROLES[person.role].name}</Badge>{" "}
          <span className="dim">
            since <Time at={person.since} />
          </span>
        </span>
        <span className="row">
          {mayGive && (
            <Select
              label={`Role of ${name}`}
              hideLabel
              value={giving.variables && giving.isPending ? giving.variables : person.role}
              options={GIVEN.map((role) => ({ value: role, label: ROLES[role].name }))}
              onChange={(event) => giving.mutate(event.target.value as "editor" | "viewer")}
            />
          )}
          {(mayGive || isMe) && <Remove song={song} person={person} name={name} leaving={isMe} />}
        </span>
      </div>
      <ProblemNote problem={giving.error} />
    </li>
  );
}

interface RemoveProps {
  song: Song;
  person: Person;
  name: string;
  /** The reader goes away, rather than somebody else. */
  leaving: boolean;
}

function Remove({ song, person, name, leaving }: RemoveProps) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const [, go] = useLocation();
  const removing = useMutation({
    mutationFn: () =>
      api.DELETE("/v1/compositions/{id}/collaborators/{user}", {
        params: { path: { id: song.id, user: person.user } },
      }),
    onSuccess: () => {
      setAsking(false);
      toast(leaving ? `You have left “${song.title}”.` : `${name} does not work on this song any more.`);
      void client.invalidateQueries({ queryKey: leaving ? keys.allSongs : keys.people(song.id) });
      if (leaving) go("/");
    },
  });
  const doing = leaving ? "Leave the song" : `Remove ${name}`;
  return (
    <>
      <Button size="small" look="danger" onClick={() => setAsking(true)} aria-label={doing}>
        {leaving ? "Leave" : "Remove"}
      </Button>
      <Dialog
        open={asking}
        title={`${doing}?`}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Not now</Button>
            <Button look="danger" busy={removing.isPending} onClick={() => removing.mutate()}>
              {doing}
            </Button>
          </>
        }
      >
        <p>
          {leaving
            ? "You will not see it any more, unless it is public or you are invited again."
            : `${name} will not see the song any more, unless it is public. A new invitation brings them back.`}
        </p>
        <ProblemNote problem={removing.error} />
      </Dialog>
    </>
  );
}
