"""Settings: which source wins, what is refused, and that no secret shows."""

import os
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from storage.config import Settings, load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine."""
    for name in list(os.environ):
        if name.upper().startswith(("SOSTENUTO_", "AWS_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings()
    home = tmp_path / "home" / ".local" / "share" / "sostenuto"
    assert settings.data_dir == home
    assert settings.database_url == f"sqlite+aiosqlite:///{home}/sostenuto.db"
    assert settings.media_url == f"file://{home}/media"
    assert (settings.api_host, settings.api_port, settings.temporal_address) == ("127.0.0.1", 8000, "127.0.0.1:7233")
    assert (settings.api_keys, settings.soundfont, settings.sound_set) == ([], None, "auto")
    assert not home.exists()


def test_the_nearer_source_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usual = tmp_path / "home" / ".config" / "sostenuto"
    usual.mkdir(parents=True)
    (usual / "config.toml").write_text("api_port = 1\nheavy_processes = 7\n")
    assert (load_settings().api_port, load_settings().heavy_processes) == (1, 7)
    (tmp_path / "sostenuto.toml").write_text('api_port = 2\ns3_access_key_id = "from-toml"\n')
    settings = load_settings()
    assert (settings.api_port, settings.heavy_processes) == (2, 2)
    assert settings.s3_access_key_id is not None
    assert settings.s3_access_key_id.get_secret_value() == "from-toml"
    (tmp_path / "named.toml").write_text("api_port = 3\n")
    monkeypatch.setenv("SOSTENUTO_CONFIG", str(tmp_path / "named.toml"))
    assert load_settings().api_port == 3
    (tmp_path / ".env").write_text("SOSTENUTO_API_PORT=4\nAWS_ACCESS_KEY_ID=from-env-file\nOPENAI_API_KEY=x\n")
    assert load_settings().api_port == 4
    assert load_settings().s3_access_key_id is not None
    monkeypatch.setenv("SOSTENUTO_API_PORT", "5")
    assert load_settings().api_port == 5
    monkeypatch.setenv("SOSTENUTO_API_PORT", "")
    assert load_settings().api_port == 4
    assert load_settings(api_port=6, log_level=None).api_port == 6


def test_folders_and_urls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data home"))
    assert load_settings().media_url == f"file://{tmp_path}/data%20home/sostenuto/media"
    assert load_settings(data_dir="~/x").data_dir == tmp_path / "home" / "x"
    assert load_settings(data_dir="x").data_dir == tmp_path / "x"
    assert load_settings(database_url="postgresql://a:b@c/d").database_url == "postgresql+asyncpg://a:b@c/d"
    assert load_settings(database_url="sqlite:///x.db").database_url == "sqlite+aiosqlite:///x.db"


def test_no_secret_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "hush1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush2")
    monkeypatch.setenv("S3_ACCESS_KEY_ID", "not ours")
    monkeypatch.setenv("SOSTENUTO_API_KEYS", " hush3 ,hush4,, ")
    monkeypatch.setenv("SOSTENUTO_DATABASE_URL", "postgresql+asyncpg://ada:hush5@db/songs")
    settings = load_settings()
    assert settings.s3_access_key_id is not None
    assert settings.s3_access_key_id.get_secret_value() == "hush1"
    assert load_settings(s3_access_key_id="given").s3_access_key_id != settings.s3_access_key_id
    assert [key.get_secret_value() for key in settings.api_keys] == ["hush3", "hush4"]
    assert "hush" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SOSTENUTO_API_PORT", "eighty", "SOSTENUTO_API_PORT"),
        ("SOSTENUTO_API_PORT", "70000", "65535"),
        ("SOSTENUTO_LOG_FORMAT", "xml", "'console' or 'json'"),
        ("SOSTENUTO_HEAVY_PROCESSES", "0", "SOSTENUTO_HEAVY_PROCESSES"),
        ("SOSTENUTO_DATABASE_URL", "mysql://ada:hush@db/x", "starts with sqlite"),
        ("SOSTENUTO_MEDIA_URL", "gs://hush", "file:/// or s3://"),
        ("SOSTENUTO_CONFIG", "/no/such/file.toml", "no such file"),
    ],
)
def test_a_bad_value_is_one_readable_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput) as caught:
        load_settings()
    assert told in caught.value.message
    assert "\n" not in caught.value.message
    assert "hush" not in caught.value.message


def test_unknown_names_and_broken_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        load_settings(colour="red")
    (tmp_path / "sostenuto.toml").write_text("colour = 'red'\n")
    with pytest.raises(InvalidInput, match=r"sostenuto\.toml sets colour"):
        load_settings()
    (tmp_path / "sostenuto.toml").write_text("api_port = \n")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_settings()


def test_every_field_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
