"""What finance stores; what keeps the ledger whole and unchanged stands in the migrations."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.types import UserDefinedType

from shared.tables import chassis_tables, deed_tables, instant

metadata = MetaData()
chassis_tables(metadata)
deed_tables(metadata)


class TransactionNumber(UserDefinedType[int]):
    """PostgreSQL's number of a transaction, which never comes again in one cluster."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The name of the type."""
        return "xid8"


members = Table("members", metadata, Column("id", Uuid, primary_key=True))

obligations = Table(
    "obligations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("debtor_id", Uuid, ForeignKey("members.id"), nullable=False),
    Column("creditor_id", Uuid, ForeignKey("members.id"), nullable=False),
    Column("net_kopecks", BigInteger, nullable=False),
    Column("vat_kopecks", BigInteger, nullable=False),
    Column("amount_kopecks", BigInteger, nullable=False),
    Column("vat_rate_percent", SmallInteger),
    Column("vat_reason", Text, nullable=False),
    Column("basis_kind", Text, nullable=False),
    Column("basis_id", Uuid, nullable=False),
    Column("agreement_id", Uuid),
    Column("incurred_on", Date, nullable=False),
    Column("recorded_at", instant(), nullable=False),
    UniqueConstraint("basis_id", "basis_kind", name="a_basis_is_charged_once"),
    Index("obligations_by_debtor", "debtor_id", "incurred_on", "id"),
    Index("obligations_by_creditor", "creditor_id", "incurred_on", "id"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("member_id", Uuid, ForeignKey("members.id"), nullable=False),
    Column("counterparty_id", Uuid, ForeignKey("members.id"), nullable=False),
    Column("kind", Text, nullable=False),
    UniqueConstraint("member_id", "counterparty_id", "kind", name="one_account_for_each_purpose"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("obligation_id", Uuid, ForeignKey("obligations.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("made_at", instant(), nullable=False),
    Column(
        "made_in",
        TransactionNumber,
        nullable=False,
        server_default=text("pg_current_xact_id()"),
    ),
    UniqueConstraint("obligation_id", "kind", name="incurred_once_and_reversed_once"),
)

postings = Table(
    "postings",
    metadata,
    Column("entry_id", Uuid, ForeignKey("entries.id"), primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("amount_kopecks", BigInteger, nullable=False),
    Index("postings_by_account", "account_id", postgresql_include=["amount_kopecks"]),
)

reversals = Table(
    "reversals",
    metadata,
    Column("obligation_id", Uuid, ForeignKey("obligations.id"), primary_key=True),
    Column(
        "entry_id",
        Uuid,
        ForeignKey("entries.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        unique=True,
    ),
    Column("reason", Text, nullable=False),
    Column("reversed_at", instant(), nullable=False),
    Column("reversed_by", Uuid, nullable=False),
)
