"""The studio for its benchmark and its pictures: an installation of its own, songs in it, and a Chromium."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

from tests.studio.browsers import LOST, find_chromium, launch_arguments
from tests.studio.build import built_pages
from tests.studio.processes import ApiProcess, Site, running_site
from tests.studio.songs import Songs


@dataclass(frozen=True)
class Studio:
    """A served studio, songs to be made on it, and a browser to look with."""

    site: Site
    api: ApiProcess
    songs: Songs
    browser: Browser


@contextlib.contextmanager
def running_studio(**settings: str) -> Iterator[Studio]:
    """The studio for the block, with its newest pages; `settings` of API and worker as SOSTENUTO_…

    RuntimeError where there is no Chromium.
    """
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError(LOST)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sostenuto-web-")))
        environment = {"STUDIO_DIR": str(built_pages()), **settings}
        site = stack.enter_context(running_site(folder, environment))
        api = site.start_api()
        http = stack.enter_context(httpx.Client(base_url=api.url, timeout=30, trust_env=False))
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=chromium, args=launch_arguments()
        )
        stack.callback(browser.close)
        yield Studio(site, api, Songs(http), browser)


def load() -> float:
    """Tasks that wait for each processor right now: figures of time say little above one."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)
