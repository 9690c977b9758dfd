import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, type InvitationView, type IssuedInvitation, keys, type Song } from "../api";
import { when } from "../history/when";
import { sentence } from "../song/words";
import { Button, Card, Field, ProblemNote, Select, toast } from "../ui";
import { CopyField } from "./CopyField";
import { aRole, GIVEN, INVITATION_STATES, joinUrl, ROLES } from "./people";
import { useInvitations } from "./queries";

/** Invite somebody, and what became of earlier invitations; for the owner alone. */
export function InvitationsCard({ song }: { song: Song }) {
  const invitations = useInvitations(song.id);
  const items = invitations.data?.items ?? [];
  return (
    <Card title="Invite somebody" level={3}>
      <div className="stack">
        <InviteForm song={song} />
        <ProblemNote problem={invitations.error} />
        {items.length > 0 && (
          <ul className="share-list" aria-label="Invitations">
            {items.map((invitation) => (
              <InvitationRow key={invitation.id} invitation={invitation} song={song} />
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function InviteForm({ song }: { song: Song }) {
  const [role, setRole] = useState<"editor" | "viewer">("editor");
  const [note, setNote] = useState("");
  const client = useQueryClient();
  const inviting = useMutation({
    mutationFn: () =>
      data(
        api.POST("/v1/compositions/{id}/collaborators", {
          params: { path: { id: song.id } },
          body: { role, email: note.trim() || null },
        }),
      ),
    onSuccess: () => {
      setNote("");
      void client.invalidateQueries({ queryKey: keys.invitations(song.id) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!inviting.isPending) inviting.mutate();
  };
  return (
    <>
      <form className="invite" onSubmit={submit}>
        <Select
          label="As"
          value={role}
          options={GIVEN.map((one) => ({ value: one, label: ROLES[one].name }))}
          hint={`An invited ${ROLES[role].name} ${ROLES[role].may}.`}
          onChange={(event) => setRole(event.target.value as "editor" | "viewer")}
        />
        <Field
          label="For whom (optional)"
          type="email"
          autoComplete="off"
          placeholder="ada@example.org"
          hint="A note for yourself: nothing is sent."
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <Button type="submit" look="primary" icon="link" busy={inviting.isPending}>
          Make an invitation
        </Button>
      </form>
      <ProblemNote problem={inviting.error} />
      {inviting.data?.token && <NewLink invitation={inviting.data} token={inviting.data.token} />}
    </>
  );
}

function NewLink({ invitation, token }: { invitation: IssuedInvitation; token: string }) {
  return (
    <CopyField
      label={`Invitation for ${aRole(invitation.role)}`}
      text={joinUrl(location.origin, token)}
      hint={`Send it to one person: it can be accepted once, until ${when(invitation.expires_at)}. It is shown only now.`}
    />
  );
}

function InvitationRow({ invitation, song }: { invitation: InvitationView; song: Song }) {
  const client = useQueryClient();
  const withdrawing = useMutation({
    mutationFn: () =>
      api.DELETE("/v1/compositions/{id}/invitations/{invitation}", {
        params: { path: { id: song.id, invitation: invitation.id } },
      }),
    onSuccess: () => {
      toast("The invitation is taken back: its link opens nothing any more.");
      void client.invalidateQueries({ queryKey: keys.invitations(song.id) });
    },
  });
  const who = invitation.email ?? "somebody";
  return (
    <li>
      <div className="row spread">
        <span>
          {sentence(aRole(invitation.role))} for {who}: {INVITATION_STATES[invitation.state]}{" "}
          <span className="dim">
            {invitation.state === "open"
              ? `until ${when(invitation.expires_at)}`
              : `made ${when(invitation.created_at)}`}
          </span>
        </span>
        {invitation.state === "open" && (
          <Button
            size="small"
            busy={withdrawing.isPending}
            aria-label={`Withdraw the invitation of ${aRole(invitation.role)} for ${who}`}
            onClick={() => withdrawing.mutate()}
          >
            Withdraw
          </Button>
        )}
      </div>
      <ProblemNote problem={withdrawing.error} />
    </li>
  );
}
