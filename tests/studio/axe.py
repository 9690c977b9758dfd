"""axe-core in an open page, past the page's policy: the debugging protocol may run what the page itself may not."""

import json
from dataclasses import dataclass
from functools import cache

from playwright.sync_api import Page

from tests.studio.processes import ROOT

SOURCE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
# Rules of WCAG 2.2 A and AA, and what axe's authors hold to be good practice.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass(frozen=True)
class Violation:
    """A broken rule and where it is broken."""

    rule: str
    says: str
    where: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.says}): {self.where}"


@cache
def _source() -> str:
    assert SOURCE.is_file(), f"{SOURCE.relative_to(ROOT)} is missing: ./run web --check installs it"
    return SOURCE.read_text()


def violations(page: Page, *, within: str = "html", colours_only: bool = False) -> list[str]:
    """What axe finds `within` an element of the page as it is; by its colours alone, or by all rules."""
    only = '["color-contrast", "link-in-text-block"]' if colours_only else str(list(RULES)).replace("'", '"')
    kind = "rule" if colours_only else "tag"
    run = f"axe.run({json.dumps(within)}, {{runOnly: {{type: '{kind}', values: {only}}}, resultTypes: ['violations']}})"
    session = page.context.new_cdp_session(page)
    try:
        session.send("Runtime.evaluate", {"expression": f"{_source()}; 0"})
        found = session.send(
            "Runtime.evaluate",
            {"expression": f"{run}.then(found => found.violations)", "awaitPromise": True, "returnByValue": True},
        )
    finally:
        session.detach()
    assert "exceptionDetails" not in found, found
    return [
        str(Violation(broken["id"], node["failureSummary"].replace("\n", " "), node["html"][:200]))
        for broken in found["result"]["value"]
        for node in broken["nodes"]
    ]
