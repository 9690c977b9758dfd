"""Where the caller's events are sent: endpoints, their secrets, trials, and the log of what became of each event."""

from collections.abc import Sequence

from domain.webhooks import DeliveryStatus
from sostenuto import resource_answers as answers
from sostenuto.resources.asking import Asking, given

_PATH = "/v1/webhook-endpoints"


class Webhooks(Asking):
    """Calls about webhooks; a key needs the scope `webhooks`.

    A trial, a rotation, a replay happens once, however often it has to be sent: each has an idempotency key of its own.
    """

    def webhook_endpoints(self) -> tuple[answers.WebhookEndpoint, ...]:
        """Where the caller's events are sent, oldest first."""
        return self._get(answers.WebhookEndpoints, _PATH).items

    def webhook_endpoint(self, endpoint_id: str) -> answers.WebhookEndpoint:
        """One endpoint. Raises NotFound."""
        return self._get(answers.WebhookEndpoint, f"{_PATH}/{endpoint_id}")

    def add_webhook_endpoint(
        self, url: str, *, event_types: Sequence[str] = (), description: str = "", is_active: bool = True
    ) -> answers.WebhookEndpoint:
        """Send events to a URL, all types where none is named; `secret` in the answer is shown this once.

        Where the answer was lost and the call is repeated, `secret` is None: remove the endpoint and add it anew.
        Raises InvalidValue for an address that is not public.
        """
        body = {"url": url, "event_types": list(event_types), "description": description, "is_active": is_active}
        return self._post(answers.WebhookEndpoint, _PATH, body)

    def change_webhook_endpoint(
        self,
        endpoint_id: str,
        *,
        url: str | None = None,
        event_types: Sequence[str] | None = None,
        description: str | None = None,
        is_active: bool | None = None,
    ) -> answers.WebhookEndpoint:
        """Change what is given; an empty `event_types` means all. Switched on again, it starts with a clean record."""
        types = list(event_types) if event_types is not None else None
        body = given(url=url, event_types=types, description=description, is_active=is_active)
        return self._patch(answers.WebhookEndpoint, f"{_PATH}/{endpoint_id}", body)

    def remove_webhook_endpoint(self, endpoint_id: str) -> None:
        """Send nothing there any more; the log goes as well."""
        self._call("DELETE", f"{_PATH}/{endpoint_id}")

    def rotate_webhook_secret(self, endpoint_id: str) -> answers.WebhookEndpoint:
        """A new `secret`, shown this once; the one before signs as well for 24 hours.

        Where the answer was lost and the call is repeated, `secret` is None, and nobody knows the new one. The one
        before goes on signing for its 24 hours, but no longer than until the next rotation.
        """
        return self._post(answers.WebhookEndpoint, f"{_PATH}/{endpoint_id}/secret-rotations")

    def try_webhook_endpoint(self, endpoint_id: str) -> answers.Delivery:
        """Send a `ping`; `webhook_delivery` tells what becomes of it."""
        return self._post(answers.Delivery, f"{_PATH}/{endpoint_id}/tests")

    def webhook_deliveries(
        self,
        endpoint_id: str,
        *,
        status: DeliveryStatus | str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> answers.DeliveryPage:
        """A page of an endpoint's log of 30 days, newest first; `limit` from 1 to 200."""
        path = f"{_PATH}/{endpoint_id}/deliveries"
        return self._get(answers.DeliveryPage, path, status=status, limit=limit, cursor=cursor)

    def webhook_delivery(self, endpoint_id: str, delivery_id: str) -> answers.DeliveryDetail:
        """A delivery, what it says, and every try. Raises NotFound."""
        return self._get(answers.DeliveryDetail, f"{_PATH}/{endpoint_id}/deliveries/{delivery_id}")

    def replay_delivery(self, endpoint_id: str, delivery_id: str) -> answers.Delivery:
        """Send a delivery that is over once more. Raises Conflict for one that is still on its way."""
        return self._post(answers.Delivery, f"{_PATH}/{endpoint_id}/deliveries/{delivery_id}/replays")
