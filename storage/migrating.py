"""Alembic, apart from the database so that only those who migrate load it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config() -> Config:
    """Alembic's configuration: where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(connection: Connection) -> None:
    """Bring the tables of a connection up to the newest revision; the caller locks and commits."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
