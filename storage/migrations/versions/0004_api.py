"""What the whole API needs: scopes of sessions, editions and archive of songs, the log of webhooks

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# As `storage.songs.WORDS` asks for it.
WORDS = """to_tsvector('simple', translate(title || ' ' || description, '-_./@&<>+;#~=?', '              '))"""
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("scopes", JSON, nullable=False, server_default="[]"))
        table.add_column(sa.Column("key_id", sa.String(64), nullable=True))
    with op.batch_alter_table("compositions") as table:
        table.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("branching", JSON, nullable=True))
        table.add_column(sa.Column("archived_at", TIME, nullable=True))
        table.add_column(sa.Column("condemned_at", TIME, nullable=True))
        table.add_column(sa.Column("removal_began_at", TIME, nullable=True))
        table.add_column(sa.Column("files_removed_at", TIME, nullable=True))
        table.create_index("ix_compositions_is_active_archived_at", ["is_active", "archived_at"])
        table.create_index("ix_compositions_is_public_updated_at_id", ["is_public", "updated_at", "id"])
    if op.get_context().dialect.name == "postgresql":
        op.execute(sa.text(f"CREATE INDEX ix_compositions_words ON compositions USING gin (({WORDS}))"))
    with op.batch_alter_table("commands") as table:
        table.add_column(sa.Column("digest", sa.String(8), nullable=False, server_default=""))
    with op.batch_alter_table("webhook_endpoints") as table:
        table.add_column(sa.Column("previous_secret", sa.String(255), nullable=True))
        table.add_column(sa.Column("previous_until", TIME, nullable=True))
        table.add_column(sa.Column("disabled_reason", sa.Text(), nullable=True))
        table.add_column(sa.Column("updated_at", TIME, nullable=True))
    with op.batch_alter_table("webhook_deliveries") as table:
        table.add_column(sa.Column("event_type", sa.String(64), nullable=False, server_default=""))
        table.add_column(sa.Column("payload", sa.Text(), nullable=False, server_default=""))
        table.alter_column("composition_id", existing_type=sa.String(64), nullable=True)
        table.create_index("ix_webhook_deliveries_endpoint_id_created_at", ["endpoint_id", "created_at"])
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("time", TIME, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.Column("response_excerpt", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_deliveries.id"],
            name="fk_webhook_attempts_delivery_id_webhook_deliveries",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="pk_webhook_attempts"),
    )
    op.create_table(
        "song_contexts",
        sa.Column("composition_id", sa.String(64), nullable=False),
        sa.Column("documents", sa.String(64), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("composition_id", name="pk_song_contexts"),
    )


def downgrade() -> None:
    op.drop_table("song_contexts")
    op.drop_table("webhook_attempts")
    op.execute(sa.text("DELETE FROM webhook_deliveries WHERE composition_id IS NULL"))
    with op.batch_alter_table("webhook_deliveries") as table:
        table.drop_index("ix_webhook_deliveries_endpoint_id_created_at")
        table.alter_column("composition_id", existing_type=sa.String(64), nullable=False)
        for name in ("event_type", "payload"):
            table.drop_column(name)
    with op.batch_alter_table("webhook_endpoints", recreate="never") as table:
        for name in ("previous_secret", "previous_until", "disabled_reason", "updated_at"):
            table.drop_column(name)
    op.execute(sa.text("DROP INDEX IF EXISTS ix_compositions_words"))
    with op.batch_alter_table("commands", recreate="never") as table:
        table.drop_column("digest")
    with op.batch_alter_table("compositions", recreate="never") as table:
        table.drop_index("ix_compositions_is_active_archived_at")
        table.drop_index("ix_compositions_is_public_updated_at_id")
        for name in ("edition", "branching", "archived_at", "condemned_at", "removal_began_at", "files_removed_at"):
            table.drop_column(name)
    with op.batch_alter_table("sessions", recreate="never") as table:
        for name in ("scopes", "key_id"):
            table.drop_column(name)
