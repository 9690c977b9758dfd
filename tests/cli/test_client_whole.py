"""The client is whole: each operation of docs/openapi.json is really reached by a call, each field of an answer known.

A new operation fails here until `CALLS` has a call that reaches it, or `LEFT_OUT` the reason why a program needs none;
a new field until the answer's model has it, or `FIELDS_LEFT_OUT` the reason.
"""

import io
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import httpx
import pytest

from domain.access import Role
from domain.commands import CommandKind
from domain.stages import SongStatus, Stage
from sostenuto import answers, picture_answers
from sostenuto import resource_answers as around
from sostenuto.client import Client
from tests.audio.foreign import tune, written
from tests.cli.conftest import Studio
from tests.cli.test_client import PROMPT, until
from tests.fixtures.receiver import Receiver

DOCS = Path(__file__).resolve().parents[2] / "docs"
DOCUMENT = json.loads((DOCS / "openapi.json").read_text())
OPERATIONS: Mapping[str, tuple[str, str]] = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if isinstance(operation, dict) and "operationId" in operation
}
BROWSER = "a session is for browsers: a program sends its key with each call"
LEFT_OUT: Mapping[str, str] = {
    "access-sign_in": BROWSER,
    "access-sign_out": BROWSER,
    "access-get_session": BROWSER,
    "providers-take_callback": "only a provider knows the token of its call",
    "operations-metrics": "text for Prometheus, which asks by itself",
    "operations-readyz": "for whoever starts and stops the parts of an installation; a call says itself what is away",
    "operations-problem_kind": "a page for people; the client raises each problem as an error with its words",
}


@dataclass
class Recording(httpx.BaseTransport):
    """The way to the API, which writes down the operations that have done what a request asked for."""

    reached: set[str]
    _way: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._way.handle_request(request)
        if response.status_code < 400:
            self.reached |= {operation_of(request.method, request.url.path)}
        return response

    def close(self) -> None:
        self._way.close()


def operation_of(method: str, path: str) -> str:
    """The operation that a request is; of several templates that fit, the one with the fewest gaps."""
    fitting = [
        (template.count("{"), name)
        for name, (its_method, template) in OPERATIONS.items()
        if its_method == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
    ]
    assert fitting, f"the document has no {method} {path}"
    return min(fitting)[1]


@dataclass
class Things:
    """What calls are about, made when it is first needed."""

    studio: Studio
    drawn: str
    receiver: Receiver
    reached: set[str] = field(default_factory=set)
    clients: list[Client] = field(default_factory=list)
    uploaded: answers.Reference | None = None

    def client(self) -> Client:
        """A new client, whose calls are written down."""
        self.clients.append(Client(self.studio.url, transport=Recording(self.reached)))
        return self.clients[-1]

    @cached_property
    def own(self) -> Client:
        return self.client()

    def waiting(self) -> str:
        """A new song that waits after ideation."""
        song = self.own.start(PROMPT, settings={"review": "all"}).id
        until(self.own, song, SongStatus.WAITING, Stage.IDEATION)
        return song

    @cached_property
    def done(self) -> str:
        song = self.own.start(PROMPT).id
        until(self.own, song, SongStatus.COMPLETED)
        return song

    def archived(self) -> str:
        song = self.own.start(PROMPT, settings={"review": ["ideation"]}).id
        self.own.archive(song)
        return song

    def invitation(self) -> around.Invitation:
        return self.own.invite(self.done, role=Role.EDITOR)

    def token(self) -> str:
        token = self.invitation().token
        assert token
        return token

    def guest(self) -> tuple[Client, str]:
        """Somebody else who works on the finished song, and who that is."""
        guest = self.client()
        return guest, guest.accept_invitation(self.token(), name="Ada").user

    def key(self) -> str:
        return self.own.issue_api_key("walk", expires_at=datetime.now(UTC) + timedelta(days=1)).id

    def upload(self) -> answers.Reference:
        file = self.studio.settings.data_dir / "tune.wav"
        file.write_bytes(written(tune(seconds=6.0)))
        self.uploaded = self.own.upload_reference(file)
        return self.uploaded

    def endpoint(self) -> str:
        return self.own.add_webhook_endpoint(self.receiver.url, event_types=["song_cancelled"]).id

    @cached_property
    def delivery(self) -> tuple[str, str]:
        """An endpoint, and a trial that has arrived there."""
        endpoint = self.endpoint()
        return endpoint, delivered(self.own, endpoint, self.own.try_webhook_endpoint(endpoint).id)


def delivered(client: Client, endpoint: str, delivery: str) -> str:
    """The delivery once it has arrived."""
    for _ in range(400):
        if (found := client.webhook_delivery(endpoint, delivery)).status == "delivered":
            return delivery
        time.sleep(0.03)
    raise AssertionError(found)


@pytest.fixture(scope="module")
def things(studio: Studio, drawn: str, receiver: Receiver) -> Iterator[Things]:
    made = Things(studio, drawn, receiver)
    yield made
    for endpoint in made.own.webhook_endpoints():
        made.own.remove_webhook_endpoint(endpoint.id)
    for client in made.clients:
        client.close()


def held(client: Client, things: Things) -> str:
    """A song that is held."""
    song = things.waiting()
    client.command(song, CommandKind.HOLD)
    return song


def blocked(client: Client, things: Things) -> str:
    """A song whose mix cannot be made."""
    song = client.start(PROMPT, context={"creative.preferences.mix": "impossible"}).id
    until(client, song, SongStatus.BLOCKED)
    return song


def commanded(kind: CommandKind, **arguments: object) -> "Call":
    """The call that sends a command to a song that waits after ideation."""
    return lambda client, things: client.command(things.waiting(), kind, **arguments)


def erased_guest(client: Client, things: Things) -> object:
    guest, user = things.guest()
    return guest.erase_me(confirm=user)


def with_guest(act: Callable[[Client, str, str], object]) -> "Call":
    """A call about the finished song and somebody else who works on it."""
    return lambda client, things: act(client, things.done, things.guest()[1])


Call = Callable[[Client, Things], object]
CALLS: Mapping[str, Call] = {
    "operations-livez": lambda c, t: c.is_live(),
    # songs
    "songs-start_song": lambda c, t: c.start(PROMPT, settings={"review": ["ideation"]}),
    "songs-list_songs": lambda c, t: c.list(scope="own", archived=False, main_only=True),
    "songs-get_song": lambda c, t: c.get(t.done, consistent=True),
    "songs-get_status": lambda c, t: c.status(t.done),
    "songs-get_history": lambda c, t: c.history(t.done, limit=2),
    "songs-get_stage": lambda c, t: c.stage(t.done, Stage.MIXING),
    "songs-get_media": lambda c, t: c.media(t.done, type="audio_wav"),
    "songs-get_enhancements": lambda c, t: c.enhancements(t.done),
    "songs-get_provider_tasks": lambda c, t: c.provider_tasks(t.done),
    "songs-get_events": lambda c, t: next(c.events(t.done)),
    "editing-edit_song": lambda c, t: c.edit(t.done, title="Evening"),
    "editing-archive_song": lambda c, t: c.archive(c.start(PROMPT, settings={"review": ["ideation"]}).id),
    "editing-restore_song": lambda c, t: c.restore(t.archived()),
    "signals-get_signals": lambda c, t: c.signals(t.done),
    # commands
    "commands-advance": commanded(CommandKind.ADVANCE),
    "commands-revise": commanded(CommandKind.REVISE, instruction="a bit slower"),
    "commands-hold": commanded(CommandKind.HOLD),
    "commands-resume": lambda c, t: c.command(held(c, t), CommandKind.RESUME),
    "commands-retry": lambda c, t: c.command(blocked(c, t), CommandKind.RETRY),
    "commands-cancel": commanded(CommandKind.CANCEL),
    "commands-revert": commanded(CommandKind.REVERT, stage="ideation", revision=1),
    "commands-set_review": commanded(CommandKind.SET_REVIEW, review=["mixing"]),
    "commands-choose_take": commanded(CommandKind.CHOOSE_TAKE, take=1),
    "commands-accept_enhancement": commanded(CommandKind.ACCEPT_ENHANCEMENT),
    "commands-reject_enhancement": commanded(CommandKind.REJECT_ENHANCEMENT),
    # versions
    "versions-branch": lambda c, t: c.branch(t.done, stage=Stage.IDEATION),
    "versions-get_versions": lambda c, t: c.versions(t.done),
    "versions-set_main": lambda c, t: c.set_main(t.done),
    "versions-get_revisions": lambda c, t: c.revisions(t.done),
    "versions-get_takes": lambda c, t: c.takes(t.done),
    "versions-get_comparison": lambda c, t: c.compare(t.done),
    # people
    "collaborators-list_collaborators": lambda c, t: c.collaborators(t.done),
    "collaborators-invite_collaborator": lambda c, t: c.invite(t.done),
    "collaborators-list_invitations": lambda c, t: c.invitations(t.done),
    "collaborators-get_invitation": lambda c, t: c.invitation(t.done, t.invitation().id),
    "collaborators-take_back_invitation": lambda c, t: c.take_back_invitation(t.done, t.invitation().id),
    "collaborators-look_at_invitation": lambda c, t: c.look_at_invitation(t.token()),
    "collaborators-accept_invitation": lambda c, t: t.client().accept_invitation(t.token(), name="Grace"),
    "collaborators-change_role": with_guest(lambda c, song, user: c.change_role(song, user, Role.VIEWER)),
    "collaborators-remove_collaborator": with_guest(lambda c, song, user: c.remove_collaborator(song, user)),
    # access
    "access-get_me": lambda c, t: c.me(),
    "access-change_me": lambda c, t: t.guest()[0].rename_me("Grace"),
    "access-list_api_keys": lambda c, t: c.api_keys(),
    "access-issue_key": lambda c, t: c.issue_api_key("walk"),
    "access-get_api_key": lambda c, t: c.api_key(t.key()),
    "access-revoke_api_key": lambda c, t: c.revoke_api_key(t.key()),
    "me-export": lambda c, t: t.guest()[0].export(io.BytesIO()),
    "me-erase_me": erased_guest,
    "me-get_erasure": lambda c, t: c.erasure(),
    # sound and pictures
    "downloads-download": lambda c, t: c.download(t.done, io.BytesIO()),
    "downloads-get_sketch": lambda c, t: c.sketch(t.done, io.BytesIO()),
    "media-get_content": lambda c, t: c.fetch(c.media(t.done)[0].hash, io.BytesIO()),
    "pictures-get_score": lambda c, t: c.score(t.drawn, io.BytesIO()),
    "pictures-get_timemap": lambda c, t: c.timemap(t.drawn),
    "pictures-get_peaks": lambda c, t: c.peaks(t.drawn),
    "pictures-get_loudness": lambda c, t: c.loudness(t.drawn),
    "pictures-get_waveform": lambda c, t: c.waveform(t.drawn, io.BytesIO()),
    "pictures-get_spectrogram": lambda c, t: c.spectrogram(t.drawn, io.BytesIO()),
    # what stands beside songs
    "prompts-enhance_prompt": lambda c, t: c.enhance_prompt(PROMPT),
    "prompts-read_instruction": lambda c, t: c.read_instruction("a bit slower"),
    "providers-list_providers": lambda c, t: c.providers(),
    "references-upload_reference": lambda c, t: t.upload(),
    "references-get_reference_track": lambda c, t: c.reference((t.uploaded or t.upload()).hash),
    # webhooks
    "webhooks-list_webhook_endpoints": lambda c, t: c.webhook_endpoints(),
    "webhooks-create_webhook_endpoint": lambda c, t: c.add_webhook_endpoint(t.receiver.url, is_active=False),
    "webhooks-get_webhook_endpoint": lambda c, t: c.webhook_endpoint(t.endpoint()),
    "webhooks-change_webhook_endpoint": lambda c, t: c.change_webhook_endpoint(t.endpoint(), description="ours"),
    "webhooks-delete_webhook_endpoint": lambda c, t: c.remove_webhook_endpoint(t.endpoint()),
    "webhooks-rotate_webhook_secret": lambda c, t: c.rotate_webhook_secret(t.endpoint()),
    "webhooks-try_webhook_endpoint": lambda c, t: c.try_webhook_endpoint(t.endpoint()),
    "webhooks-list_webhook_deliveries": lambda c, t: c.webhook_deliveries(t.delivery[0], limit=1),
    "webhooks-get_webhook_delivery": lambda c, t: c.webhook_delivery(*t.delivery),
    "webhooks-replay_webhook_delivery": lambda c, t: c.replay_delivery(*t.delivery),
}


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name not in LEFT_OUT])
def test_a_call_reaches_the_operation(operation: str, things: Things) -> None:
    call = CALLS.get(operation)
    method, path = OPERATIONS[operation]
    assert call, (
        f"no call of the client is known to reach {method} {path}: write one, or say in LEFT_OUT why there is none"
    )
    things.reached.clear()
    call(things.own, things)
    assert operation in things.reached, f"the call does not reach {method} {path}, but {sorted(things.reached)}"


def test_what_the_tables_name_is_in_the_document() -> None:
    assert not {*CALLS, *LEFT_OUT} - set(OPERATIONS)
    assert not set(CALLS) & set(LEFT_OUT)


def test_the_page_tells_every_call() -> None:
    page = (DOCS / "client.md").read_text()
    rows = re.findall(r"^\| [^|]+ \|(.*)\|$", page, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    calls = {name for name in dir(Client) if not name.startswith("_") and name != "close"}
    assert told == calls


# The schemas of the document that each model of the client reads.
MODELS: Mapping[type[answers._Answer], tuple[str, ...]] = {
    answers.CommandAnswer: ("CommandAnswer",),
    answers.MediaFile: ("MediaView",),
    answers.MediaList: ("MediaList",),
    answers.Pause: ("PauseView",),
    answers.Progress: ("Progress",),
    answers.Provider: ("ProviderView",),
    answers.ProviderList: ("ProviderList",),
    answers.Reference: ("Reference",),
    answers.Song: ("SongDetail",),
    answers.SongPage: ("SongList",),
    answers.SongSummary: ("SongSummary",),
    answers.StageAnswer: ("StageView",),
    answers.Status: ("SongStatusView",),
    around.Change: ("PathChange", "MeasuredChange", "FileDifference"),
    around.Comparison: ("ComparisonView",),
    around.Decision: ("Decision",),
    around.Delivery: ("DeliveryView",),
    around.DeliveryDetail: ("DeliveryDetail",),
    around.DeliveryPage: ("DeliveryList",),
    around.EnhancedPrompt: ("EnhancedPrompt",),
    around.EnhancementAnswer: ("EnhancementView",),
    around.EnhancementPage: ("EnhancementList",),
    around.Erasure: ("ErasureView",),
    around.Invitation: ("InvitationView", "IssuedInvitation"),
    around.Invitations: ("Invitations",),
    around.Joined: ("Joined",),
    around.Key: ("KeyView", "IssuedKey"),
    around.KeyPage: ("KeyList",),
    around.Limits: ("LimitsView",),
    around.Me: ("Me",),
    around.Offer: ("Offer",),
    around.Operation: ("Operation",),
    around.Output: ("Artifact",),
    around.People: ("People",),
    around.Person: ("Person",),
    around.Place: ("Place",),
    around.ProviderCall: ("ProviderTaskView",),
    around.ProviderCalls: ("ProviderTaskList",),
    around.Reading: ("Reading",),
    around.ReadyCommand: ("ReadyCommand",),
    around.Reason: ("Reason",),
    around.Revision: ("RevisionView",),
    around.Revisions: ("RevisionList",),
    around.Signals: ("SignalsDocument",),
    around.StageDetail: ("StageDetail",),
    around.Take: ("TakeView",),
    around.Takes: ("TakeList",),
    around.Transition: ("TransitionView",),
    around.TransitionPage: ("History",),
    around.Try: ("AttemptView",),
    around.Used: ("Used", "UsedMoney"),
    around.Version: ("VersionView",),
    around.Versions: ("VersionList",),
    around.WebhookEndpoint: ("EndpointView", "EndpointWithSecret"),
    around.WebhookEndpoints: ("EndpointList",),
    picture_answers.LoudnessCurve: ("LoudnessCurve",),
    picture_answers.Peaks: ("Peaks",),
    picture_answers.TimedNotes: ("TimedNotes",),
    picture_answers.Timemap: ("Timemap",),
}
FIELDS_LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "TakeView": {"choose": "where to post a choice: `command` knows"},
}
SCHEMAS = DOCUMENT["components"]["schemas"]


def answered() -> set[str]:
    """The schemas of all answers in JSON that the client reads."""
    found: set[str] = set()
    for name, (method, path) in OPERATIONS.items():
        # Only whether the process answers is asked of /livez; a stream's messages are read one by one.
        if name in LEFT_OUT or name == "operations-livez":
            continue
        answers_of = DOCUMENT["paths"][path][method.lower()]["responses"]
        shown = [answer["content"]["application/json"] for status, answer in answers_of.items()
                 if status < "300" and "application/json" in answer.get("content", {})]  # fmt: skip
        found |= {one["schema"]["$ref"].rpartition("/")[2] for one in shown}
    return found


def test_every_answer_has_a_model() -> None:
    assert not answered() - {schema for schemas in MODELS.values() for schema in schemas}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_knows_every_field(model: type[answers._Answer]) -> None:
    for schema in MODELS[model]:
        left_out = FIELDS_LEFT_OUT.get(schema, {})
        assert not set(SCHEMAS[schema]["properties"]) - set(model.model_fields) - set(left_out), schema


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_passes_over_fields_of_a_newer_server(model: type[answers._Answer]) -> None:
    for schema in MODELS[model]:
        for example in SCHEMAS[schema]["examples"]:
            more = newer(example, SCHEMAS[schema])
            assert more != example
            assert read(model, more) == read(model, example)


def test_so_does_a_block() -> None:
    song, (block,) = SCHEMAS["SongStatusView"]["examples"][0], SCHEMAS["Block"]["examples"]
    more = read(answers.Status, song | {"blocked": newer(block, SCHEMAS["Block"])})
    assert more == read(answers.Status, song | {"blocked": block})


def read(model: type[answers._Answer], value: object) -> answers._Answer:
    return model.model_validate_json(json.dumps(value))


def newer(value: object, schema: Mapping[str, object]) -> object:
    """An example in which each object that has fields of its own has one more, wherever it stands."""
    found = [schema, *(schema.get("anyOf") or ())]
    kinds = [SCHEMAS[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in found]
    if isinstance(value, dict):
        own = next((kind["properties"] for kind in kinds if "properties" in kind), None)
        if own is None:
            return value
        return {name: newer(inner, own.get(name, {})) for name, inner in value.items()} | {"of_a_newer_server": 1}
    if isinstance(value, list):
        items = next((kind["items"] for kind in kinds if "items" in kind), {})
        return [newer(inner, items) for inner in value]
    return value
