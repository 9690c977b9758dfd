"""The page on webhooks: its commands run against the API, its receiver takes what is signed and nothing else."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from activities.webhooks import signed
from domain.webhooks import WebhookMessage
from storage.webhooks import new_secret
from tests.cli.conftest import Studio
from tests.docs.pages import ROOT, blocks
from tests.docs.shell import Shell
from tests.docs.test_docs_examples import Page
from tests.fixtures.temporal import free_port

PAGE = "webhooks.md"


def shown(language: str) -> str:
    """The one block of a language."""
    (found,) = [block.text for block in blocks(ROOT / "docs" / PAGE) if block.language == language]
    return found


def test_the_commands_run(shell: Shell, studio: Studio) -> None:
    page = Page(PAGE, shell, studio)
    page.blocks = [block for block in page.blocks if block.language == "bash"]
    answers = [answer for _, answer in page.walk()]
    assert shell.value("DELIVERY") in answers[1]
    turned = json.loads(answers[2])
    assert (turned["id"], turned["url"]) == (shell.value("ENDPOINT"), "https://example.com/hooks")
    assert len(Webhook(turned["secret"]).sign("id", datetime.now(UTC), "{}").partition(",")[2]) == 44
    httpx.delete(f"{studio.url}/v1/webhook-endpoints/{turned['id']}").raise_for_status()


@pytest.fixture
def receiver() -> Iterator[tuple[str, str]]:
    """The page's receiver as a program: its address and its secret."""
    port, secret = free_port(), new_secret()
    env = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": secret}
    program = subprocess.Popen(
        [sys.executable, "-c", shown("python")], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(200):
            try:
                httpx.get(url, trust_env=False)
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield url, secret
    finally:
        program.terminate()
        program.wait()


def test_the_receiver_takes_what_is_signed_and_nothing_else(receiver: tuple[str, str]) -> None:
    url, secret = receiver
    body = shown("json")
    WebhookMessage.model_validate_json(body)

    def told(content: str, secrets: list[str]) -> int:
        headers = signed("message-1", body, secrets, datetime.now(UTC))
        return httpx.post(url, content=content.encode(), headers=headers, trust_env=False).status_code

    assert told(body, [secret]) == 204
    assert told(body, [new_secret(), secret]) == 204
    assert told(body, [new_secret()]) == 400
    assert told(body.replace("Rainy", "Sunny"), [secret]) == 400
