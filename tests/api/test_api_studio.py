"""The pages of the studio: which addresses are pages, how long browsers keep what, and what pages may do."""

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.studio import DIST
from tests.api.conftest import settings_in

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE = '<!doctype html><script type="module" src="/assets/index-B3f9Kq2x.js"></script>'
SCRIPT = "console.log(1)"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "theme.js").write_text(SCRIPT)
    (folder / "assets" / "index-B3f9Kq2x.js").write_text(SCRIPT)
    (tmp_path / "secret.txt").write_text("not for browsers")
    return folder


@contextlib.asynccontextmanager
async def opened(folder: Path, built: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API with these pages."""
    app = create_app(settings_in(folder, studio_dir=built, **settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as http:
        yield http
    await app.state.services.database.close()


@pytest.mark.parametrize(
    "path", ["/", "/new", "/songs/019ab1c2-7d3e-7a00-8b1f-5f2e4c1b9a01", "/join/t0ken", "/nowhere"]
)
async def test_every_address_that_a_person_opens_is_the_page(tmp_path: Path, built: Path, path: str) -> None:
    async with opened(tmp_path, built) as http:
        answer = await http.get(path, headers=HTML)
        head = await http.head(path, headers=HTML)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert (head.status_code, head.text) == (200, "")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/songs/1", {"Accept": "application/json"}, 404),
        ("GET", "/songs/1", {"Accept": "*/*"}, 404),
        ("GET", "/assets/gone-1a2b3c4d.js", HTML, 404),
        ("GET", "/missing.png", HTML, 404),
        ("GET", "/v1/nothing", HTML, 404),
        ("GET", "/v1", HTML, 404),
        ("POST", "/songs/1", HTML, 404),
        ("GET", "/v1/prompts/enhance", HTML, 405),
        ("GET", "/../secret.txt", HTML, 404),
        ("GET", "/%2e%2e/secret.txt", HTML, 404),
        ("GET", "/assets/..%2f..%2fsecret.txt", HTML, 404),
    ],
)
async def test_nothing_else_is(
    tmp_path: Path, built: Path, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    async with opened(tmp_path, built) as http:
        answer = await http.request(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_hashed_assets_are_kept_and_the_page_is_asked_for(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built) as http:
        page = await http.get("/songs/1", headers=HTML)
        asset = await http.get("/assets/index-B3f9Kq2x.js")
        other = await http.get("/theme.js")
        again = await http.get("/songs/1", headers={**HTML, "If-None-Match": page.headers["etag"]})
        gone = await http.get("/assets/index-00000000.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    assert page.headers["cache-control"] == other.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.text) == (304, "")
    assert gone.headers["cache-control"] == "no-store", "a file that is not there may come"


async def test_pages_run_no_script_but_their_own(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built) as http:
        answers = [await http.get("/", headers=HTML), await http.get("/assets/index-B3f9Kq2x.js")]
        problem = await http.get("/v1/nothing", headers=HTML)
    for answer in answers:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["script-src"] == "'self'"
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["connect-src"] == "'self'", "no other host is spoken to"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
    assert "script-src" not in problem.headers["content-security-policy"], "what the API tells is no page"


async def test_pages_need_no_key(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built, api_keys="a-key-of-sixteen-letters") as http:
        assert (await http.get("/songs/1", headers=HTML)).status_code == 200
        assert (await http.get("/v1/me", headers=HTML)).status_code == 401


async def test_a_foreign_host_sees_no_page(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built) as http:
        answer = await http.get("/", headers={**HTML, "Host": "rebound.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/songs/1"])
async def test_without_pages_one_says_how_to_build_them(tmp_path: Path, path: str) -> None:
    async with opened(tmp_path, tmp_path / "nowhere") as http:
        answer = await http.get(path, headers=HTML)
        api = await http.get("/livez", headers=HTML)
    assert answer.headers["content-type"].startswith("text/html")
    assert "./run web" in answer.text
    assert "script" not in answer.text
    assert api.headers["content-type"] == "application/json"


@pytest.mark.skipif(not (DIST / "index.html").is_file(), reason="the pages are not built")
def test_the_built_page_has_no_script_inline_and_no_foreign_host() -> None:
    page = (DIST / "index.html").read_text()
    scripts = re.findall(r"<script\b[^>]*>", page)
    assert scripts
    assert all("src=" in script for script in scripts)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert not re.search(r"\son[a-z]+=", page)
