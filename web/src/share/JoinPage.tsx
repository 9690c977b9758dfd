import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { api, asProblem, data, type Me, type Offer, signedOut } from "../api";
import { useTitle } from "../app/title";
import { when } from "../history/when";
import { told } from "../song/words";
import { Button, Card, Empty, Field, ProblemNote, Spinner, toast } from "../ui";
import { aRole, ROLES } from "./people";
import { whoAmI } from "./queries";
import "./share.css";

/** Where an invitation leads: what it offers, and the ways to accept it. */
export function JoinPage({ token }: { token: string }) {
  useTitle("An invitation");
  const offer = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => data(api.GET("/v1/invitations/{token}", { params: { path: { token } }, signal })),
    retry: false,
  });
  const who = useQuery({ queryKey: ["invitation", token, "me"], queryFn: ({ signal }) => whoAmI(signal) });
  if (offer.isPending || who.isPending) return <Spinner label="Opening the invitation" />;
  if (offer.error) {
    return (
      <Empty page title="This invitation opens nothing" action={<Link href="/">To the songs</Link>}>
        {told(asProblem(offer.error).detail)}
      </Empty>
    );
  }
  return (
    <div className="join">
      <Card>
        <Invitation offer={offer.data} />
        <ProblemNote problem={who.error} />
        {who.data !== undefined && <Accept token={token} offer={offer.data} me={who.data} />}
      </Card>
    </div>
  );
}

function Invitation({ offer }: { offer: Offer }) {
  return (
    <div className="stack">
      <p className="dim">{offer.invited_by || "Somebody"} invites you to</p>
      <h1>{offer.title}</h1>
      <p>
        You come as {aRole(offer.role)}, who {ROLES[offer.role].may}.
      </p>
      <p className="dim">The invitation can be accepted once, until {when(offer.expires_at)}.</p>
    </div>
  );
}

interface AcceptProps {
  token: string;
  offer: Offer;
  /** Null for somebody who is not known here. */
  me: Me | null;
}

/** As whom one comes: by one's key, or by a name where there is none. */
function Accept({ token, offer, me }: AcceptProps) {
  const [name, setName] = useState("");
  const client = useQueryClient();
  const [, go] = useLocation();
  // On this very machine everybody is one local user, until they say that they are somebody else.
  const unknown = me === null || me.via === "local";
  const joining = useMutation({
    mutationFn: () =>
      data(
        api.POST("/v1/invitations/{token}/acceptance", {
          params: { path: { token } },
          body: unknown ? { name: name.trim() } : {},
        }),
      ),
    onSuccess: (joined) => {
      // Who one is may have changed with it: nothing that was read before holds.
      signedOut.set(false);
      client.clear();
      toast(`You work on “${offer.title}” now.`);
      go(`/songs/${joined.composition_id}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!joining.isPending) joining.mutate();
  };
  return (
    <form className="stack join-form" onSubmit={submit}>
      {unknown ? (
        <Field
          label="Your name"
          hint="How the others see you. You come as a guest of this song, and need no key."
          required
          maxLength={255}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      ) : (
        <p>
          {me.name ? "You accept as " : "You accept with the key that you are signed in with."}
          {me.name && <strong>{me.name}</strong>}
        </p>
      )}
      <ProblemNote problem={joining.error} />
      <div className="row">
        <Button type="submit" look="primary" busy={joining.isPending} disabled={unknown && !name.trim()}>
          Accept the invitation
        </Button>
        {me === null && (
          <Link href={`/sign-in?next=${encodeURIComponent(`/join/${token}`)}`}>Sign in with a key instead</Link>
        )}
      </div>
    </form>
  );
}
