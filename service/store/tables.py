"""The tables as they are now; `migrations/` is how they came to be so."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    Uuid,
)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, with its zone on the way in and out.

    SQLite keeps no zone, so it is taken off and put back.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """`value`, which must have a zone, as the database takes it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """The stored moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


LONGEST_CODE = 64
LONGEST_SYSTEM = 255

metadata = MetaData()

feedback = Table(
    "feedback",
    metadata,
    # SQLite numbers rows by itself only where the key is an INTEGER.
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    # What makes two entries the same entry; see `FeedbackEntry.idempotency_key`.
    Column("entry_key", String(64), nullable=False, unique=True),
    Column("received_at", Instant, nullable=False),
    Column("outcome_at", Instant, nullable=False),
    Column("service", String(100), nullable=False),
    # Name of the client in the clients file; null where clients do not authenticate.
    Column("client", String(200)),
    # Null for what is no UUID: it is not ours, and could be anything.
    Column("card", Uuid),
    # Null for a card that is not ours: unmatched.
    Column("card_key", String(LONGEST_CODE)),
    Column("indicator", String(16)),
    Column("outcome", String(16), nullable=False),
    Column("accepted_suggestions", JSON, nullable=False),
    Column("reason_system", String(LONGEST_SYSTEM)),
    Column("reason_code", String(LONGEST_CODE)),
    Column("encrypted_comment", LargeBinary),
    Index("feedback_by_time", "outcome_at"),
)

used_token = Table(
    "used_token",
    metadata,
    # SHA-256 of issuer and jti: of one length, however long a client's jti is.
    Column("token", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False, index=True),
)

secret = Table(
    "secret",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
