import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { api, data, keys, type Me, signedOut } from "../api";
import { Button, Card, Dialog, Field, Money, ProblemNote, toast } from "../ui";

const VIA: Readonly<Record<Me["via"], string>> = {
  local: "You work on this machine itself: no key is needed here.",
  settings: "You are signed in with a key of the installation.",
  key: "You are signed in with a key.",
  session: "This browser is signed in.",
};

/** One's name, one's limits, and the way out. */
export function You({ me }: { me: Me }) {
  return (
    <Card title="You" actions={me.via === "session" && <SignOut guest={me.is_guest} />}>
      <div className="stack">
        <p>
          {VIA[me.via]} {me.is_guest && "You are a guest: you came by an invitation, and have no key of your own."}
        </p>
        <NameForm me={me} />
        <Limits me={me} />
      </div>
    </Card>
  );
}

/** Guests are asked first: without a key they can come back only by another invitation. */
function SignOut({ guest }: { guest: boolean }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const [, go] = useLocation();
  const leaving = useMutation({
    mutationFn: () => api.DELETE("/v1/sessions"),
    onSuccess: () => {
      client.clear();
      signedOut.set(true);
      go("/sign-in");
    },
  });
  return (
    <>
      <Button busy={leaving.isPending} onClick={() => (guest ? setAsking(true) : leaving.mutate())}>
        Sign out
      </Button>
      {!guest && <ProblemNote problem={leaving.error} />}
      <Dialog
        open={asking}
        title="Sign out for good?"
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Stay</Button>
            <Button look="danger" busy={leaving.isPending} onClick={() => leaving.mutate()}>
              Sign out for good
            </Button>
          </>
        }
      >
        <p>You have no key: only another invitation brings you back, and then as somebody new.</p>
        <ProblemNote problem={leaving.error} />
      </Dialog>
    </>
  );
}

function NameForm({ me }: { me: Me }) {
  const [name, setName] = useState(me.name);
  const client = useQueryClient();
  const naming = useMutation({
    mutationFn: () => data(api.PATCH("/v1/me", { body: { name: name.trim() } })),
    onSuccess: (now) => {
      client.setQueryData(keys.me, now);
      toast(now.name ? `Others see you as ${now.name} now.` : "Others see no name of you now.");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!naming.isPending) naming.mutate();
  };
  return (
    <form onSubmit={submit} className="stack">
      <div className="line-form">
        <Field
          label="Your name"
          hint="How those who work on a song with you see you."
          maxLength={255}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" busy={naming.isPending} disabled={name.trim() === me.name}>
          Save the name
        </Button>
      </div>
      <ProblemNote problem={naming.error} />
    </form>
  );
}

function Limits({ me: { limits } }: { me: Me }) {
  const { running_songs: running, spend_today_usd: money } = limits;
  return (
    <dl className="figures">
      <div>
        <dt>Songs at work</dt>
        <dd>
          {running.used}{" "}
          <span className="dim">{running.limit === null ? "without a limit" : `of ${running.limit}`}</span>
        </dd>
      </div>
      <div>
        <dt>Spent today (UTC)</dt>
        <dd>
          <Money usd={money.used} />{" "}
          <span className="dim">
            {money.limit === null ? (
              "without a limit"
            ) : (
              <>
                of <Money usd={money.limit} />
              </>
            )}
          </span>
        </dd>
      </div>
      {limits.requests && (
        <div>
          <dt>Requests</dt>
          <dd>{limits.requests.replace("/", " a ")}</dd>
        </div>
      )}
      {limits.starts && (
        <div>
          <dt>New songs</dt>
          <dd>{limits.starts.replace("/", " a ")}</dd>
        </div>
      )}
    </dl>
  );
}
