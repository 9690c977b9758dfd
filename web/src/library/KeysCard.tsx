import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, type IssuedKey, type KeyView, keys, type Me, type Scope } from "../api";
import { when } from "../history/when";
import { CopyField } from "../share/CopyField";
import { Badge, Button, Card, Dialog, Field, ProblemNote, Select, Spinner, toast } from "../ui";
import type { Tone } from "../ui/display";
import { endOf, type KeyState, keyState, LASTS } from "./expiry";

const SCOPES: Readonly<Record<Scope, string>> = {
  read: "Look and listen",
  write: "Start and steer songs",
  webhooks: "Have programs told of events",
  keys: "Issue and revoke keys",
};

const TONES: Readonly<Record<KeyState, Tone>> = { "in force": "good", expired: "neutral", revoked: "neutral" };

/** The keys by which programs and browsers work in one's name. */
export function KeysCard({ me }: { me: Me }) {
  const may = me.scopes.includes("keys") && !me.is_guest;
  return (
    <Card title="API keys">
      {may ? (
        <div className="stack">
          <NewKey me={me} />
          <KeyList />
        </div>
      ) : (
        <p className="dim">
          {me.is_guest ? "Guests have no keys." : "What you are signed in with may not issue keys or see them."}
        </p>
      )}
    </Card>
  );
}

function NewKey({ me }: { me: Me }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(me.scopes.filter((scope) => scope !== "keys"));
  const [lasts, setLasts] = useState<string>("90");
  const [day, setDay] = useState("");
  const client = useQueryClient();
  const issuing = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), scopes: [...scopes], expires_at: endOf(lasts, day) };
      return data(api.POST("/v1/api-keys", { body }));
    },
    onSuccess: () => {
      setName("");
      void client.invalidateQueries({ queryKey: keys.apiKeys });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!issuing.isPending) issuing.mutate();
  };
  const toggle = (scope: Scope, wanted: boolean) =>
    setScopes(wanted ? [...scopes, scope] : scopes.filter((one) => one !== scope));
  return (
    <>
      <form className="stack new-key" aria-label="New key" onSubmit={submit}>
        <div className="key-form">
          <Field
            label="Name of the key"
            placeholder="Such as “studio laptop”"
            maxLength={255}
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Select label="It lasts" value={lasts} options={LASTS} onChange={(event) => setLasts(event.target.value)} />
          {lasts === "date" && (
            <Field label="Until" type="date" required value={day} onChange={(event) => setDay(event.target.value)} />
          )}
        </div>
        <fieldset className="scopes">
          <legend className="field-label">It may</legend>
          {(Object.keys(SCOPES) as Scope[]).map((scope) => (
            <label key={scope} className="check">
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                disabled={!me.scopes.includes(scope)}
                onChange={(event) => toggle(scope, event.target.checked)}
              />
              {SCOPES[scope]}
            </label>
          ))}
        </fieldset>
        <ProblemNote problem={issuing.error} />
        <div>
          <Button type="submit" look="primary" icon="key" busy={issuing.isPending} disabled={scopes.length === 0}>
            Issue a key
          </Button>
        </div>
      </form>
      {issuing.data?.key && <Secret issued={issuing.data} secret={issuing.data.key} />}
    </>
  );
}

function Secret({ issued, secret }: { issued: IssuedKey; secret: string }) {
  return (
    <CopyField
      label={`The new key${issued.name ? ` “${issued.name}”` : ""}`}
      text={secret}
      hint="Note it now: it is shown this once, and nobody keeps it."
    />
  );
}

function KeyList() {
  const found = useInfiniteQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ pageParam, signal }) => {
      const query = pageParam ? { cursor: pageParam } : {};
      return data(api.GET("/v1/api-keys", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {found.isPending && <Spinner label="Looking for keys" />}
      <ProblemNote problem={found.error} />
      {found.data && items.length === 0 && <p className="dim">You have issued no keys.</p>}
      {items.length > 0 && (
        <ul className="key-list" aria-label="Your keys">
          {items.map((key) => (
            <KeyRow key={key.id} issued={key} />
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <div>
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show more keys
          </Button>
        </div>
      )}
    </>
  );
}

function KeyRow({ issued }: { issued: KeyView }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const state = keyState(issued);
  const name = issued.name || `${issued.prefix}…`;
  const revoking = useMutation({
    mutationFn: () => api.DELETE("/v1/api-keys/{key_id}", { params: { path: { key_id: issued.id } } }),
    onSuccess: () => {
      setAsking(false);
      toast(`The key “${name}” opens nothing any more.`);
      void client.invalidateQueries({ queryKey: keys.apiKeys });
    },
  });
  return (
    <li>
      <div className="row spread">
        <span>
          <strong>{name}</strong> <Badge tone={TONES[state]}>{state}</Badge>{" "}
          <span className="key-prefix">{issued.prefix}…</span>
        </span>
        {state === "in force" && (
          <Button size="small" look="danger" aria-label={`Revoke ${name}`} onClick={() => setAsking(true)}>
            Revoke
          </Button>
        )}
      </div>
      <p className="dim key-facts">
        {issued.scopes.map((scope) => SCOPES[scope].toLowerCase()).join(", ")}; {times(issued)}
      </p>
      <Dialog
        open={asking}
        title={`Revoke “${name}”?`}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button look="danger" busy={revoking.isPending} onClick={() => revoking.mutate()}>
              Revoke the key
            </Button>
          </>
        }
      >
        <p>Programs that use it are refused at once, and browsers that signed in with it are signed out.</p>
        <ProblemNote problem={revoking.error} />
      </Dialog>
    </li>
  );
}

function times(key: KeyView): string {
  const used = key.last_used_at ? `used ${when(key.last_used_at)}` : "never used";
  const ends = key.expires_at ? `, until ${when(key.expires_at)}` : ", without an end";
  return `issued ${when(key.created_at)}, ${used}${key.revoked_at ? `, revoked ${when(key.revoked_at)}` : ends}`;
}
