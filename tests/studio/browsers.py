"""Chromium for the tests: where it is, and how it is started."""

import os
import shutil
from pathlib import Path

# Debian's own first: the downloads of Playwright are hundreds of megabytes.
PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--mute-audio")
LOST = "Chromium is not installed (apt install chromium): the studio cannot be looked at"


def find_chromium() -> str | None:
    """The Chromium of this machine, or None."""
    found = next((place for place in PLACES if Path(place).is_file()), None)
    return found or next((path for name in NAMES if (path := shutil.which(name))), None)


def launch_arguments(*more: str) -> list[str]:
    """Arguments for Chromium; its sandbox needs a user that is not root."""
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else []), *more]
