"""Every site has a bell plan; those that are there already get the usual one of six pairs."""

from shared.migrations import grant, run

revision = "0002"
down_revision = "0001"

_BELLS = """
CREATE TABLE site_bells (
    site_id uuid NOT NULL REFERENCES sites,
    pair smallint NOT NULL CHECK (pair BETWEEN 1 AND 12),
    opens smallint NOT NULL CHECK (opens >= 0 AND opens % 5 = 0),
    closes smallint NOT NULL CHECK (closes <= 1440 AND closes % 5 = 0),
    PRIMARY KEY (site_id, pair),
    CHECK (opens < closes)
);;
INSERT INTO site_bells (site_id, pair, opens, closes)
SELECT sites.id, bell.* FROM sites, (VALUES
    (1, 510, 605), (2, 615, 710), (3, 750, 845), (4, 855, 950), (5, 960, 1055), (6, 1065, 1160)
) AS bell;;
ALTER TABLE sites ADD COLUMN version integer NOT NULL DEFAULT 1;;
CREATE INDEX sites_by_owner ON sites (owner_id, id)
"""


def upgrade() -> None:
    """Makes the bell plans, and gives the service's role the right to replace them."""
    run(_BELLS)
    grant("SELECT, INSERT, DELETE", "site_bells")
    grant("UPDATE (version)", "sites")
