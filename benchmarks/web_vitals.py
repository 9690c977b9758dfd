"""What a visit to a page costs, as the browser itself tells it."""

import gzip
import time
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, Page, Response, ViewportSize

LAPTOP: Final[ViewportSize] = {"width": 1280, "height": 900}
# How long a page is watched after its useful paint: what it loads late may still shift or block. Times `slower`.
SETTLED_S: Final = 1.5
PATIENCE_S: Final = 30.0
# The part of a long task beyond this blocks a person: https://web.dev/articles/tbt
LONG_TASK_MS: Final = 50

# Runs before anything of the page. The useful paint is that of the frame after which the content was there.
OBSERVER: Final = """
(selector) => {
  const seen = { useful: 0, lcp: 0, fcp: 0, shifts: [], tasks: [] };
  window.__seen = seen;
  const on = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
    .observe({ type, buffered: true });
  on("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
  on("paint", (entry) => { if (entry.name === "first-contentful-paint") seen.fcp = entry.startTime; });
  on("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shifts.push([entry.startTime, entry.value]); });
  on("longtask", (entry) => { seen.tasks.push([entry.startTime, entry.duration]); });
  const look = () => {
    if (document.querySelector(selector)) requestAnimationFrame(() => { seen.useful = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


@dataclass(frozen=True)
class Visit:
    """Seconds from the start of the visit, and bytes.

    `useful_s`: until what the person came for is painted; `largest_s`: largest contentful paint; `blocked_s`: total
    blocking time; `shift`: cumulative layout shift; `script_bytes`: the scripts that the visit loads, each by gzip.
    """

    useful_s: float
    largest_s: float
    blocked_s: float
    shift: float
    script_bytes: int


def visit(browser: Browser, url: str, wanted: str, slower: float = 1.0) -> Visit:
    """Visit a page with an empty cache; `wanted` selects what the person came for, `slower` slows the processor."""
    context = browser.new_context(viewport=LAPTOP, color_scheme="dark")
    try:
        page = context.new_page()
        if slower > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.add_init_script(f"({OBSERVER})({wanted!r})")
        scripts: list[Response] = []
        page.on("response", lambda answer: _keep_script(answer, scripts))
        page.goto(url, wait_until="load")
        seen = _settled(page, SETTLED_S * slower)
        sizes = [len(gzip.compress(body)) for body in {script.url: script.body() for script in scripts}.values()]
    finally:
        context.close()
    first, tasks = seen["fcp"], seen["tasks"]
    blocked = sum(max(0.0, length - LONG_TASK_MS) for start, length in tasks if start + length > first)
    return Visit(seen["useful"] / 1e3, seen["lcp"] / 1e3, blocked / 1e3, cumulative_shift(seen["shifts"]), sum(sizes))


def _keep_script(answer: Response, scripts: list[Response]) -> None:
    if answer.request.resource_type == "script":
        scripts.append(answer)


def _settled(page: Page, watched_s: float) -> dict[str, Any]:
    """What was observed until `watched_s` seconds after the content was there."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if page.evaluate("() => window.__seen.useful"):
            page.wait_for_timeout(watched_s * 1e3)
            seen: dict[str, Any] = page.evaluate("() => window.__seen")
            return seen
        page.wait_for_timeout(50)
    raise RuntimeError(f"{page.url} shows nothing of use within {PATIENCE_S:g} s")


def cumulative_shift(shifts: list[tuple[float, float]]) -> float:
    """Cumulative layout shift: the worst burst, of at most 5 s with gaps below 1 s (https://web.dev/articles/cls)."""
    worst = burst = 0.0
    began = last = float("-inf")
    for at, value in shifts:
        if at - last > 1000 or at - began > 5000:
            burst, began = 0.0, at
        burst, last = burst + value, at
        worst = max(worst, burst)
    return worst
