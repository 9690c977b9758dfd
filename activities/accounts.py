"""The accounts at providers that the operator configured, and why the others are not there."""

from collections.abc import Mapping

from pydantic import SecretStr

from providers.account import Account
from storage.config import ENV_PREFIX, Settings

_NONE = SecretStr("")


def accounts(settings: Settings) -> tuple[dict[str, Account], dict[str, str]]:
    """Accounts by provider; and for every other provider what is missing, in words."""
    found: dict[str, Account] = {}
    missing: dict[str, str] = {}
    for name, (account, lacks) in _all(settings).items():
        if lacks:
            missing[name] = lacks
        else:
            options = {**settings.provider_options.get(name, {}), **account.options}
            found[name] = account.model_copy(update={"options": options})
    return found, missing


def _all(s: Settings) -> Mapping[str, tuple[Account, str]]:
    replicate = _with(s.replicate_api_token, s.replicate_base_url, version=s.musicgen_version)
    secret = s.replicate_webhook_secret or _NONE
    return {
        "suno": (
            _with(s.suno_api_key, s.suno_base_url, s.suno_model, contract=s.suno_contract).model_copy(
                update={"webhook_secret": s.suno_webhook_key or _NONE}
            ),
            _no_key(s.suno_api_key, "SUNO_API_KEY") or _unofficial(s),
        ),
        "udio": (_with(s.udio_api_key, s.udio_base_url), _no_key(s.udio_api_key, "UDIO_API_KEY") or _unofficial(s)),
        "musicgen": (
            replicate.model_copy(update={"webhook_secret": secret}),
            _no_key(s.replicate_api_token, "REPLICATE_API_TOKEN"),
        ),
        "musicgen_local": (Account(model=s.musicgen_model), "" if s.musicgen_model else _unset("MUSICGEN_MODEL")),
        "stable_audio": (
            _with(s.stability_api_key, s.stability_base_url, s.stability_model),
            _no_key(s.stability_api_key, "STABILITY_API_KEY"),
        ),
        "elevenlabs": (
            _with(s.elevenlabs_api_key, s.elevenlabs_base_url, s.elevenlabs_model),
            _no_key(s.elevenlabs_api_key, "ELEVENLABS_API_KEY"),
        ),
        "mureka": (
            _with(s.mureka_api_key, s.mureka_base_url, s.mureka_model),
            _no_key(s.mureka_api_key, "MUREKA_API_KEY"),
        ),
        "ace_step": (
            _with(s.ace_step_api_key, s.ace_step_base_url),
            "" if s.ace_step_base_url else _unset("ACE_STEP_BASE_URL"),
        ),
        "openai": (
            _with(s.openai_api_key, s.openai_base_url, s.openai_model),
            _no_key(s.openai_api_key, "OPENAI_API_KEY"),
        ),
        "anthropic": (
            _with(s.anthropic_api_key, s.anthropic_base_url, s.anthropic_model),
            _no_key(s.anthropic_api_key, "ANTHROPIC_API_KEY"),
        ),
        "local_llm": (
            _with(s.local_llm_api_key, s.local_llm_base_url, s.local_llm_model, api="chat"),
            "" if s.local_llm_base_url else _unset("LOCAL_LLM_BASE_URL"),
        ),
    }


def _with(key: SecretStr | None, base_url: str, model: str = "", **options: str) -> Account:
    chosen = {name: value for name, value in options.items() if value}
    return Account(key=key or _NONE, base_url=base_url.rstrip("/"), model=model, options=chosen)


def _no_key(key: SecretStr | None, variable: str) -> str:
    return "" if key and key.get_secret_value() else f"no key: set {variable}"


def _unset(name: str) -> str:
    return f"not set up: set {ENV_PREFIX}{name}"


def _unofficial(settings: Settings) -> str:
    if settings.unofficial_providers:
        return ""
    return f"reached through an unofficial gateway: set {ENV_PREFIX}UNOFFICIAL_PROVIDERS=true to allow that"
