"""Who works on a song together, and the invitations by which they come."""

import uuid

from domain.access import Role
from domain.errors import Conflict
from sostenuto import resource_answers as answers
from sostenuto.resources.asking import Asking, given, song_path


class People(Asking):
    """Calls about the people of a song."""

    def collaborators(self, song_id: str) -> tuple[answers.Person, ...]:
        """Who works on a song, its owner first."""
        return self._get(answers.People, f"{song_path(song_id)}/collaborators").items

    def change_role(self, song_id: str, user: str, role: Role) -> answers.Person:
        """Make a collaborator an editor or a viewer. Raises NotFound for somebody who does not work on the song."""
        return self._patch(answers.Person, f"{song_path(song_id)}/collaborators/{user}", {"role": role})

    def remove_collaborator(self, song_id: str, user: str) -> None:
        """End somebody's work on a song, or one's own. Raises Conflict for its owner."""
        self._call("DELETE", f"{song_path(song_id)}/collaborators/{user}")

    def invite(self, song_id: str, *, role: Role = Role.VIEWER, email: str | None = None) -> answers.Invitation:
        """Invite somebody, within seven days; the answer's `token` is shown this once. `email` is a note of yours.

        Where the answer was lost and the call is repeated, `token` is None: take the invitation back and invite anew.
        """
        body = given(role=role, email=email)
        return self._post(answers.Invitation, f"{song_path(song_id)}/collaborators", body)

    def invitations(self, song_id: str) -> tuple[answers.Invitation, ...]:
        """The newest 200 invitations to a song, those too that are over."""
        return self._get(answers.Invitations, f"{song_path(song_id)}/invitations").items

    def invitation(self, song_id: str, invitation_id: str) -> answers.Invitation:
        """One invitation to a song. Raises NotFound."""
        return self._get(answers.Invitation, f"{song_path(song_id)}/invitations/{invitation_id}")

    def take_back_invitation(self, song_id: str, invitation_id: str) -> None:
        """Let nobody accept an invitation any more; who has accepted it already stays."""
        self._call("DELETE", f"{song_path(song_id)}/invitations/{invitation_id}")

    def look_at_invitation(self, token: str) -> answers.Offer:
        """What an invitation offers. Raises NotFound, also for one that is used or has expired."""
        return self._get(answers.Offer, f"/v1/invitations/{token}")

    def accept_invitation(self, token: str, *, name: str | None = None) -> answers.Joined:
        """Join a song. Raises Conflict for one's own song, NotFound for an invitation that is over.

        Who has no key gives a `name` and is a guest from then on, as long as this client is open. Where the answer that
        says so was lost, the invitation is used up by a guest whom nobody can be: Conflict.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        response = self._call("POST", f"/v1/invitations/{token}/acceptance", json=given(name=name), headers=headers)
        joined = self._parse(answers.Joined, response)
        # Only the first answer has the cookie, which a repetition gets from nobody.
        unknown = not {"authorization", "cookie"} & set(response.request.headers)
        if joined.user.startswith("guest-") and unknown and "idempotency-replayed" in response.headers:
            raise Conflict(
                "you were accepted, but the answer by which you are known was lost: ask for a new invitation"
            )
        return joined
