"""The studio in a real Chromium, on a real API, a real worker and a real Temporal.

Playwright's plain interface keeps an event loop running in this thread for as long as it lives, and the tests of
other folders run coroutines on a loop of their own. So its fixtures live here no longer than this folder, the tests
of this folder are plain functions, and all servers are processes.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, Playwright, expect, sync_playwright

from tests.studio.browsers import LOST, find_chromium, launch_arguments
from tests.studio.build import built_pages
from tests.studio.processes import ApiProcess, Site, running_site
from tests.studio.songs import Songs

KEYS = {name: f"{name}-key-of-the-tests-0123456789" for name in ("owner", "editor", "stranger")}
LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Tests that run side by side keep their failures apart.
FAILURES = Path(tempfile.gettempdir()) / "sostenuto-studio-failures" / os.environ.get("PYTEST_XDIST_WORKER", "all")
# A page that shows something new within this time is quick enough for two busy processors.
expect.set_options(timeout=15_000)


def pytest_configure(config: pytest.Config) -> None:
    """Failed tests leave a screenshot in a temporary folder, unless somebody says otherwise.

    A trace (`--tracing retain-on-failure`) tells more, and slows all tests down.
    """
    kept = {"screenshot": ("off", "only-on-failure")}
    for name, (unset, wanted) in {**kept, "output": ("test-results", str(FAILURES))}.items():
        if getattr(config.option, name, None) == unset:
            setattr(config.option, name, wanted)


@pytest.fixture(scope="package")
def chromium() -> str:
    """The Chromium of this machine. Without one the tests are skipped, but fail where CI must not miss them."""
    found = find_chromium()
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(LOST)
    pytest.skip(LOST)


@pytest.fixture(scope="package")
def playwright(chromium: str) -> Iterator[Playwright]:
    """Playwright, ended with this folder: see above."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser_type_launch_args(chromium: str) -> dict[str, Any]:
    return {"executable_path": chromium, "args": launch_arguments()}


@pytest.fixture(scope="package")
def browser_type(playwright: Playwright) -> BrowserType:
    return playwright.chromium


@pytest.fixture(scope="package")
def launch_browser(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Callable[..., Browser]:
    return lambda **more: browser_type.launch(**{**browser_type_launch_args, **more})


@pytest.fixture(scope="package")
def browser(launch_browser: Callable[..., Browser]) -> Iterator[Browser]:
    running = launch_browser()
    yield running
    running.close()


@pytest.fixture(scope="package")
def browser_context_args() -> dict[str, Any]:
    """Nothing: `new_context` says it all."""
    return {}


@pytest.fixture(scope="package")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Temporal and a worker. Nothing is started, and no page is built, where there is no browser."""
    pages = built_pages()
    with running_site(tmp_path_factory.mktemp("studio"), {"STUDIO_DIR": str(pages)}) as running:
        yield running


@pytest.fixture(scope="package")
def api_process(site: Site) -> ApiProcess:
    """The API of a person at their own machine: no keys. It can be killed, held up and restarted."""
    return site.start_api()


@pytest.fixture(scope="package")
def keyed_process(site: Site) -> ApiProcess:
    """An API on the same songs for people who sign in."""
    return site.start_api("keyed", API_KEYS=",".join(KEYS.values()))


@pytest.fixture(scope="package")
def songs(api_process: ApiProcess) -> Iterator[Songs]:
    """Songs of the local user."""
    with httpx.Client(base_url=api_process.url, timeout=30, trust_env=False) as http:
        yield Songs(http)


@pytest.fixture
def open_context(api_process: ApiProcess, new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """A browser of its own at the studio; `goto` needs a path only. A dark laptop unless told otherwise."""
    return lambda **wishes: new_context(**{"base_url": api_process.url, **LAPTOP, **wishes})


@pytest.fixture
def context(open_context: Callable[..., BrowserContext]) -> BrowserContext:
    return open_context()


@dataclass(frozen=True)
class People:
    """Three people with a browser each, signed in; `songs` are the owner's."""

    owner: BrowserContext
    editor: BrowserContext
    stranger: BrowserContext
    songs: Songs


@pytest.fixture
def people(keyed_process: ApiProcess, new_context: Callable[..., BrowserContext]) -> Iterator[People]:
    """Owner, editor and stranger at a server that asks for keys."""
    contexts = {name: _signed_in(new_context, keyed_process.url, key) for name, key in KEYS.items()}
    bearer = {"Authorization": f"Bearer {KEYS['owner']}"}
    with httpx.Client(base_url=keyed_process.url, headers=bearer, timeout=30, trust_env=False) as http:
        yield People(**contexts, songs=Songs(http))


def _signed_in(new_context: Callable[..., BrowserContext], url: str, key: str) -> BrowserContext:
    context = new_context(base_url=url, **LAPTOP)
    answer = context.request.post("/v1/sessions", data={"api_key": key})
    assert answer.ok, answer.text()
    return context


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext]) -> Page:
    """A page on a phone."""
    return open_context(**PHONE).new_page()
