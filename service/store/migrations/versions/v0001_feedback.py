"""Feedback on cards, and the secret that makes cards recognisable."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables `feedback` and `secret`."""
    op.create_table(
        "feedback",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("entry_key", sa.String(64), nullable=False, unique=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("client", sa.String(200)),
        sa.Column("card", sa.Uuid()),
        sa.Column("card_key", sa.String(64)),
        sa.Column("indicator", sa.String(16)),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("accepted_suggestions", sa.JSON(), nullable=False),
        sa.Column("reason_system", sa.String(255)),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("encrypted_comment", sa.LargeBinary()),
    )
    op.create_index("feedback_by_time", "feedback", ["outcome_at"])
    op.create_table(
        "secret",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    """Drop them, and all feedback with them."""
    op.drop_table("secret")
    op.drop_table("feedback")
