"""Songs for tests: started and steered over REST, so that a page can be opened on a song in any state at once."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

# Twelve bars, about 20 seconds, two players: finished in seconds.
PROMPT = "pop song in C major, only piano and bass, verse of 4 bars and chorus of 8 bars, 140 bpm"
PATIENCE_S = 120.0
Facts = dict[str, Any]


@dataclass
class Song:
    """A song and the client that knows it."""

    id: str
    http: httpx.Client

    @property
    def path(self) -> str:
        """Its address in the API."""
        return f"/v1/compositions/{self.id}"

    def get(self, what: str = "", **query: Any) -> Facts:
        """What the API tells of it."""
        answer = self.http.get(self.path + what, params=query)
        assert answer.is_success, answer.text
        found: Facts = answer.json()
        return found

    def file(self, **query: Any) -> bytes:
        """A download."""
        answer = self.http.get(f"{self.path}/download", params=query)
        assert answer.is_success, answer.text
        return answer.content

    def send(self, what: str, body: Any = None) -> Facts:
        """A command; the song must accept it."""
        answer = self.http.post(f"{self.path}/{what}", json=body or {})
        assert answer.is_success, answer.text
        found: Facts = answer.json()
        return found

    def until(self, says: str, holds: Callable[[Facts], bool]) -> Facts:
        """Its status once it is as wanted; `says` names that in the failure."""
        deadline = time.monotonic() + PATIENCE_S
        found: Facts = {}
        while time.monotonic() < deadline:
            found = self.get("/status")
            if holds(found):
                return found
            time.sleep(0.1)
        raise AssertionError(f"the song is not {says} after {PATIENCE_S:g} s: {found}")

    def until_status(self, status: str, stage: str | None = None) -> Facts:
        """Its status once it is `status`, at `stage` where that matters."""
        named = f"{status} at {stage}" if stage else status
        return self.until(named, lambda f: f["status"] == status and stage in (None, f["current_stage"]))


@dataclass
class Songs:
    """Makes songs; one that is finished is made once and shared by all tests that only look at it."""

    http: httpx.Client
    _finished: dict[str, Song] = field(default_factory=dict)

    def start(
        self, prompt: str = PROMPT, *, title: str | None = None, context: Facts | None = None, **settings: Any
    ) -> Song:
        """A new song under way, always with the same seed unless `seed` says another."""
        body = {"prompt": prompt, "settings": {"seed": 7, **settings}, "context": context or {}}
        body |= {"title": title} if title else {}
        answer = self.http.post("/v1/compositions", json=body)
        assert answer.status_code == 202, answer.text
        return Song(str(answer.json()["id"]), self.http)

    def waiting(self, stage: str, prompt: str = PROMPT, **settings: Any) -> Song:
        """A new song of the test's own that waits for a decision after `stage`."""
        song = self.start(prompt, **{"review": [stage], **settings})
        song.until_status("waiting", stage)
        return song

    def finished(self, prompt: str = PROMPT, **settings: Any) -> Song:
        """A finished song, the same one whenever the same is asked for: tests look at it and change nothing."""
        wish = repr((prompt, sorted(settings.items())))
        if wish not in self._finished:
            song = self.start(prompt, **settings)
            song.until_status("completed")
            self._finished[wish] = song
        return self._finished[wish]
