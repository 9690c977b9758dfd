"""Where a process keeps things and whom it talks to: environment, `.env` and a TOML file, in that order."""

import os
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from domain.errors import InvalidInput

ENV_PREFIX = "SOSTENUTO_"
_RATE = re.compile(r"[1-9]\d{0,8}/(second|minute|hour|day)")


def _key(vendor: str, of: str) -> Any:
    usual = f"{vendor}_API_KEY"
    return Field(
        default=None,
        validation_alias=AliasChoices(f"{ENV_PREFIX}{usual}", usual),
        description=f"Key of {of}; {usual} is read as well.",
    )


def _url(of: str) -> Any:
    return Field(default="", description=f"Root of {of}; default: its own.")


def _model(of: str) -> Any:
    return Field(default="", description=f"Model of {of}; default: docs/providers.md.")


class Settings(BaseSettings):
    """Settings of one process. What is set nearer to it wins: arguments, environment, `.env`, TOML file, default.

    Environment variables are the fields' names in capitals after `SOSTENUTO_`. The TOML file is the one that
    SOSTENUTO_CONFIG names, else `sostenuto.toml` in the working folder, else `~/.config/sostenuto/config.toml`.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    data_dir: Path = Field(
        default_factory=lambda: default_data_dir(),
        description="Folder of everything that is kept: database, media, Temporal's file.",
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="SQLAlchemy URL: sqlite+aiosqlite:///… or postgresql+asyncpg://…; default: a file in data_dir.",
    )
    media_url: str = Field(
        default="", description="Media store: file:///folder or s3://bucket[/prefix]; default: data_dir/media."
    )
    s3_endpoint: str | None = Field(
        default=None, description="URL of an S3-compatible server; without it Amazon's own."
    )
    s3_region: str = Field(default="us-east-1", description="S3 region that requests are signed for.")
    s3_allow_http: bool = Field(default=False, description="Allow an S3 endpoint without TLS.")
    s3_access_key_id: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(f"{ENV_PREFIX}S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
        description="S3 access key; AWS_ACCESS_KEY_ID is read as well.",
    )
    s3_secret_access_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(f"{ENV_PREFIX}S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
        description="S3 secret key; AWS_SECRET_ACCESS_KEY is read as well.",
    )
    temporal_address: str = Field(default="127.0.0.1:7233", description="host:port of Temporal's frontend.")
    temporal_namespace: str = Field(default="default", description="Temporal namespace of the songs.")
    temporal_ui_url: str = Field(
        default="http://127.0.0.1:8233", description="Root of the Temporal UI, for links to a song's workflow."
    )
    api_host: str = Field(default="127.0.0.1", description="Address on which the API listens.")
    api_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        default=8000, description="Port on which the API listens; 0 takes a free one."
    )
    api_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list, description="Keys that the API accepts, separated by commas."
    )
    studio_dir: Path | None = Field(
        default=None, description="Folder of the studio's built pages; default: web/dist beside the code."
    )
    streams_per_caller: Annotated[int, Field(ge=1)] = Field(
        default=2000, description="How many event streams one caller may have open at the same time."
    )
    streams_in_all: Annotated[int, Field(ge=1)] = Field(
        default=4000, description="How many event streams one API process has open at the same time."
    )
    archive_retention: Annotated[float, Field(ge=0, le=36_500)] = Field(
        default=30.0, description="Days that an archived song keeps its files and can be restored."
    )
    rate_limit: str = Field(
        default="600/minute",
        description="Requests that one caller may send in a time, N/second, minute, hour or day; off for any number.",
    )
    start_limit: str = Field(default="60/minute", description="Songs that one caller may start in a time, or off.")
    max_running_songs: Annotated[int, Field(ge=0)] = Field(
        default=50, description="Songs of one caller that are worked on at the same time; 0 for any number."
    )
    soundfont: str | None = Field(default=None, description="Path of a SoundFont to play with; none: built in.")
    sound_set: Literal["auto", "tinysoundfont"] = Field(
        default="auto", description="Which player makes the built-in instruments sound."
    )
    heavy_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="How many audio steps one worker computes at the same time, a process for each."
    )
    c2pa_cert: Path | None = Field(
        default=None, description="PEM file with the certificate chain that signs finished files, the signer first."
    )
    c2pa_key: Path | None = Field(default=None, description="PEM file with the P-256 private key of that certificate.")
    public_url: str = Field(
        default="", description="Root of the API as providers reach it, https://…; without it they are polled."
    )
    outgoing_allowed: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Hosts, addresses and networks, separated by commas, that webhooks and references by URL may reach "
        "though they are not public, by http:// as well.",
    )
    unofficial_providers: bool = Field(
        default=False, description="Allow providers that are reached through unofficial gateways (Suno, Udio)."
    )
    commercial_use: bool = Field(
        default=False, description="Songs are sold: only providers whose licence allows that are asked."
    )
    commercial_plans: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Providers, separated by commas, whose plan here lets results be sold where that depends on it.",
    )
    budget_owner_day: Decimal | None = Field(
        default=None, ge=0, description="US dollars that one owner's songs may cost at providers in a day (UTC)."
    )
    budget_day: Decimal | None = Field(
        default=None, ge=0, description="US dollars that all songs together may cost at providers in a day (UTC)."
    )
    budget_provider_day: Decimal | None = Field(
        default=None, ge=0, description="US dollars that each provider may cost in a day (UTC)."
    )
    provider_order: dict[str, list[str]] = Field(
        default_factory=dict,
        description='Who is asked first for a task, as JSON such as {"full_song": ["suno"]}; see docs/providers.md.',
    )
    provider_options: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description='Options of accounts, as JSON such as {"suno": {"upload_url": "https://…"}}: docs/providers.md.',
    )
    after_moderation: Literal["next", "stop"] = Field(
        default="next", description="Whether another provider may be asked for what one has refused to make."
    )
    moderation_order: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Who alone may be asked then besides our own engine, separated by commas; none: everybody.",
    )
    provider_poll_s: Annotated[float, Field(gt=0, le=60)] = Field(
        default=3.0, description="Seconds between two looks at a provider's job."
    )
    provider_callback_window_s: Annotated[float, Field(ge=0, le=7200)] = Field(
        default=900.0, description="Seconds to wait for a callback after an order whose answer was lost."
    )
    suno_api_key: SecretStr | None = _key("SUNO", "a Suno gateway")
    suno_contract: Literal["sunoapi", "kie"] = Field(
        default="sunoapi", description="Which gateway's contract is spoken."
    )
    suno_base_url: str = _url("the Suno gateway")
    suno_model: str = _model("Suno")
    suno_webhook_key: SecretStr | None = Field(default=None, description="Secret that the kie.ai gateway signs with.")
    udio_api_key: SecretStr | None = _key("UDIO", "a PiAPI-style Udio gateway")
    udio_base_url: str = _url("the Udio gateway")
    replicate_api_token: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(f"{ENV_PREFIX}REPLICATE_API_TOKEN", "REPLICATE_API_TOKEN"),
        description="Token of Replicate, for MusicGen; REPLICATE_API_TOKEN is read as well.",
    )
    replicate_base_url: str = _url("Replicate")
    replicate_webhook_secret: SecretStr | None = Field(default=None, description="Secret that Replicate signs with.")
    musicgen_version: str = Field(default="", description="Version of meta/musicgen at Replicate; default: its newest.")
    musicgen_model: str = Field(default="", description="Folder or name of MusicGen weights to run in the worker.")
    stability_api_key: SecretStr | None = _key("STABILITY", "Stable Audio")
    stability_base_url: str = _url("Stability AI")
    stability_model: str = _model("Stable Audio")
    elevenlabs_api_key: SecretStr | None = _key("ELEVENLABS", "ElevenLabs Music")
    elevenlabs_base_url: str = _url("ElevenLabs")
    elevenlabs_model: str = _model("ElevenLabs Music")
    mureka_api_key: SecretStr | None = _key("MUREKA", "Mureka")
    mureka_base_url: str = _url("Mureka")
    mureka_model: str = _model("Mureka")
    ace_step_base_url: str = Field(
        default="", description="Root of an ACE-Step 1.5 server; with it ACE-Step is offered."
    )
    ace_step_api_key: SecretStr | None = _key("ACESTEP", "the ACE-Step server")
    openai_api_key: SecretStr | None = _key("OPENAI", "OpenAI")
    openai_base_url: str = _url("OpenAI")
    openai_model: str = _model("OpenAI")
    anthropic_api_key: SecretStr | None = _key("ANTHROPIC", "Anthropic")
    anthropic_base_url: str = _url("Anthropic")
    anthropic_model: str = _model("Anthropic")
    local_llm_base_url: str = Field(
        default="", description="Root of an OpenAI-compatible server, http://…/v1; with it a local model is offered."
    )
    local_llm_api_key: SecretStr | None = Field(default=None, description="Key of that server, where it asks for one.")
    local_llm_model: str = _model("the local server")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least important log lines that are written."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="Log lines for people or as JSON objects."
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("api_keys", "commercial_plans", "moderation_order", "outgoing_allowed", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("rate_limit", "start_limit")
    @classmethod
    def _known_rate(cls, value: str) -> str:
        if value not in ("", "off") and not _RATE.fullmatch(value):
            raise ValueError("is such as 600/minute, by second, minute, hour or day, or off")
        return value

    @field_validator("public_url", mode="after")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("starts with https:// (or http:// on this machine)")
        return value.rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        for short, driver in (("sqlite:", "sqlite+aiosqlite:"), ("postgresql:", "postgresql+asyncpg:")):
            if value.startswith(short):
                return driver + value.removeprefix(short)
        if value and not value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
            raise ValueError("starts with sqlite+aiosqlite:/// or postgresql+asyncpg://")
        return value

    @field_validator("media_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith(("file:///", "s3://")):
            raise ValueError("starts with file:/// or s3://bucket")
        return value

    @model_validator(mode="after")
    def _signing(self) -> Self:
        if (self.c2pa_cert is None) != (self.c2pa_key is None):
            raise ValueError("C2PA_CERT and C2PA_KEY go together: set both, or neither")
        return self

    @model_validator(mode="after")
    def _derive(self) -> Self:
        derived = {
            "database_url": f"sqlite+aiosqlite:///{self.data_dir}/sostenuto.db",
            "media_url": (self.data_dir / "media").as_uri(),
        }
        for name, value in derived.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Adds the TOML file behind the environment."""
        toml = InitSettingsSource(settings_cls, init_kwargs=read_config_file())
        return init_settings, env_settings, dotenv_settings, file_secret_settings, toml


def default_data_dir() -> Path:
    """`$XDG_DATA_HOME/sostenuto`, or `~/.local/share/sostenuto`."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "sostenuto"


def config_file() -> Path | None:
    """The TOML file that applies; raises InvalidInput when SOSTENUTO_CONFIG names one that does not exist."""
    named = os.environ.get(f"{ENV_PREFIX}CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise InvalidInput(f"{ENV_PREFIX}CONFIG names {named}, and there is no such file")
        return path
    usual = (Path("sostenuto.toml"), Path.home() / ".config" / "sostenuto" / "config.toml")
    return next((path for path in usual if path.is_file()), None)


def read_config_file() -> dict[str, Any]:
    """Values of the TOML file that applies, `{}` without one; raises InvalidInput for bad TOML or unknown names."""
    path = config_file()
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"the configuration file {path} cannot be read: {error}") from None
    _refuse_unknown(values, f"the configuration file {path}")
    return values


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process; `overrides` win. Raises InvalidInput with one line naming every bad value."""
    _refuse_unknown(overrides, "the call")
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        # An input value is never quoted: it may be a secret.
        told = "; ".join(f"{_variable(e['loc'])}: {_reason(e['msg'])}" for e in error.errors(include_input=False))
        raise InvalidInput(f"settings: {told}") from None


def _refuse_unknown(values: dict[str, Any], where: str) -> None:
    unknown = sorted(set(values) - set(Settings.model_fields))
    if unknown:
        known = ", ".join(Settings.model_fields)
        raise InvalidInput(f"{where} sets {', '.join(unknown)}, which is no setting; there are {known}")


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else "settings"
    return name if name.isupper() else f"{ENV_PREFIX}{name.upper()}"


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
