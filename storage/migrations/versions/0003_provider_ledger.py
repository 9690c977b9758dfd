"""Provider ledger: money, callbacks, health and status of outside providers

Revision ID: 0003
Revises: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MONEY = sa.Numeric(18, 6).with_variant(sa.String(32), "sqlite")

TASKS = "provider_tasks"
SONG = "fk_provider_tasks_composition_id_compositions"
CHARGED_ONCE = "uq_provider_tasks_charge_key"
# Rows that are there already need a value; new ones get theirs from the model.
NEEDED = (
    ("owner", sa.String(200), ""),
    ("account", sa.String(64), ""),
    ("operation", sa.String(64), ""),
    ("take", sa.Integer(), "1"),
    ("resubmission", sa.Integer(), "0"),
    ("quoted", MONEY, "0.000000"),
    ("reserved", MONEY, "0.000000"),
)
OPTIONAL: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("charge_key", sa.String(64)),
    ("job", JSON),
    ("callback_token", sa.String(64)),
    ("result", sa.String(64)),
    ("error_kind", sa.String(32)),
    ("retry_after_s", sa.Float()),
    ("accepted_at", TIME),
    ("noticed_at", TIME),
)
INDEXES = (("owner", "created_at"), ("provider", "created_at"), ("created_at",), ("callback_token",))


def upgrade() -> None:
    with op.batch_alter_table(TASKS) as table:
        table.drop_constraint(SONG, type_="foreignkey")
        for name, kind, value in NEEDED:
            table.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        for name, optional in OPTIONAL:
            table.add_column(sa.Column(name, optional, nullable=True))
        table.create_unique_constraint(CHARGED_ONCE, ["charge_key"])
    op.execute(
        "UPDATE provider_tasks SET owner = coalesce("
        "(SELECT owner FROM compositions WHERE compositions.id = provider_tasks.composition_id), '')"
    )
    with op.batch_alter_table(TASKS) as table:
        for name, kind, _ in NEEDED:
            table.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
    for columns in INDEXES:
        op.create_index(_index(columns), TASKS, columns)

    op.create_table(
        "provider_deliveries",
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("delivery_id", sa.String(64), nullable=False),
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("provider", "delivery_id", name="pk_provider_deliveries"),
    )
    op.create_index("ix_provider_deliveries_received_at", "provider_deliveries", ["received_at"])
    op.create_table(
        "provider_health",
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", TIME, nullable=True),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("success", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("usd", sa.Float(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("provider", "account", "operation", name="pk_provider_health"),
    )
    op.create_table(
        "provider_status",
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("capabilities", JSON, nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("healthy", sa.Boolean(), nullable=True),
        sa.Column("credits", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("checked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("provider", name="pk_provider_status"),
    )


def downgrade() -> None:
    op.drop_table("provider_status")
    op.drop_table("provider_health")
    op.drop_index("ix_provider_deliveries_received_at", table_name="provider_deliveries")
    op.drop_table("provider_deliveries")
    for columns in reversed(INDEXES):
        op.drop_index(_index(columns), table_name=TASKS)
    # The older tables keep no charges of songs that are gone.
    op.execute("DELETE FROM provider_tasks WHERE composition_id NOT IN (SELECT id FROM compositions)")
    with op.batch_alter_table(TASKS) as table:
        table.drop_constraint(CHARGED_ONCE, type_="unique")
        for name, _ in reversed(OPTIONAL):
            table.drop_column(name)
        for name, *_ in reversed(NEEDED):
            table.drop_column(name)
        table.create_foreign_key(SONG, "compositions", ["composition_id"], ["id"], ondelete="CASCADE")


def _index(columns: tuple[str, ...]) -> str:
    return f"ix_{TASKS}_{'_'.join(columns)}"
