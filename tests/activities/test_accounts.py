"""Accounts from the settings: what is missing is said, options arrive, a wrong one keeps nobody else from working."""

from decimal import Decimal

import pytest

from activities.accounts import accounts
from activities.provider_desk import Desk
from storage.config import load_settings


def test_options_reach_the_account_and_never_replace_what_the_settings_decide():
    options = {"suno": {"usd_per_credit": "0.01", "contract": "nonsense"}}
    found, missing = accounts(
        load_settings(suno_api_key="key-of-suno", unofficial_providers=True, provider_options=options)
    )
    assert found["suno"].options == {"usd_per_credit": "0.01", "contract": "sunoapi"}
    assert found["suno"].number("usd_per_credit", Decimal(1)) == Decimal("0.01")
    assert missing["udio"] == "no key: set UDIO_API_KEY"


def test_an_unofficial_gateway_needs_more_than_a_key():
    _, missing = accounts(load_settings(suno_api_key="key-of-suno"))
    assert "UNOFFICIAL_PROVIDERS=true" in missing["suno"]


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "cheap"])
async def test_a_wrong_number_keeps_one_provider_out_and_the_worker_alive(text):
    options = {"mureka": {"usd_per_song": text}}
    keys = {"mureka_api_key": "key-of-mureka", "stability_api_key": "key-of-stability"}
    desk = Desk.open(load_settings(**keys, provider_options=options))
    try:
        assert set(desk.adapters) == {"stable_audio"}
        assert "usd_per_song" in desk.missing["mureka"]
        assert text in desk.missing["mureka"]
        assert "mureka" in desk.catalogue
    finally:
        await desk.close()
