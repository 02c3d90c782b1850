"""What council stores."""

from sqlalchemy import Column, Date, MetaData, Table, Uuid

from shared.tables import chassis_tables

metadata = MetaData()
chassis_tables(metadata)

members = Table(
    "members",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("joined_on", Date, nullable=False),
    Column("withdrawn_on", Date),
)
