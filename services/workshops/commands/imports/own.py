"""What a member has already, as the rows of a file are compared with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.workshops.domain.facts import Approval, Hours
from shared.database import Transaction
from shared.imports.faults import Complaint
from shared.imports.sheet import Row
from shared.imports.templates import Words
from shared.russia.names import search_key, sort_key

COMPETENCES_MAX = 30

COMPETENCE_UNKNOWN = Complaint("competence-unknown", "There are no competences such as `unknown`.")
SITE_AMBIGUOUS = Complaint("site-ambiguous", "Several of your sites bear this name.")
SITE_UNKNOWN = Complaint("site-unknown", "You have no site of this name.")
WORKSHOP_AMBIGUOUS = Complaint(
    "workshop-ambiguous", "Several of your workshops bear this name: name the site too."
)
WORKSHOP_UNKNOWN = Complaint("workshop-unknown", "You have no workshop of this name there.")


@dataclass(frozen=True, slots=True)
class OwnSite:
    """A site of the member."""

    id: UUID
    name: str
    town: str
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class OwnWorkshop:
    """A workshop of the member, with the tariff of this moment."""

    id: UUID
    site_id: UUID
    name: str
    workplaces: int
    approval: Approval
    competences: frozenset[str]
    net_kopecks: int


class Own:
    """The sites and workshops of a member, found by their names as people write them."""

    def __init__(self, sites: Sequence[OwnSite], workshops: Sequence[OwnWorkshop]) -> None:
        self._sites: dict[str, list[OwnSite]] = defaultdict(list)
        self._workshops: dict[str, list[OwnWorkshop]] = defaultdict(list)
        for site in sites:
            self._sites[search_key(site.name)].append(site)
        for workshop in workshops:
            self._workshops[search_key(workshop.name)].append(workshop)

    def site(self, row: Row, code: str = "site") -> OwnSite | None:
        """The site that the row names; complains where there are several, or it has no business."""
        found = self._sites.get(search_key(row[code]), ())
        if len(found) > 1:
            row.complain(SITE_AMBIGUOUS, code)
        return found[0] if len(found) == 1 else None

    def workshops(self, name: str, site_id: UUID | None) -> list[OwnWorkshop]:
        """All workshops of this name, at the site or anywhere."""
        found = self._workshops.get(search_key(name), ())
        return [workshop for workshop in found if site_id in (None, workshop.site_id)]

    def workshop(self, row: Row, site_id: UUID | None) -> OwnWorkshop | None:
        """The workshop that the row names; complains where there is none, or more than one."""
        found = self.workshops(row["workshop"], site_id)
        if len(found) != 1:
            row.complain(WORKSHOP_AMBIGUOUS if found else WORKSHOP_UNKNOWN, "workshop")
            return None
        return found[0]


async def own_of(tx: Transaction, member_id: UUID | None) -> Own:
    """Everything that the member has."""
    sites = await tx.fetch(
        "SELECT s.id, s.name, s.town, (SELECT jsonb_agg(jsonb_build_array(weekday, opens, closes)"
        " ORDER BY weekday, opens) FROM site_hours WHERE site_id = s.id) AS hours"
        " FROM sites s WHERE owner_id = $1 ORDER BY id",
        member_id,
    )
    workshops = await tx.fetch(
        "SELECT w.id, w.site_id, w.name, w.approval, w.competences, p.workplaces,"
        " (SELECT net_kopecks FROM tariffs WHERE workshop_id = w.id AND valid_from_at <= $2"
        " ORDER BY valid_from_at DESC LIMIT 1) AS net_kopecks"
        " FROM workshops w JOIN pools p ON p.workshop_id = w.id WHERE w.owner_id = $1"
        " ORDER BY w.id",
        member_id,
        tx.now,
    )
    return Own(
        [
            OwnSite(
                row["id"],
                row["name"],
                row["town"],
                tuple(Hours(*part) for part in row["hours"] or ()),
            )
            for row in sites
        ],
        [
            OwnWorkshop(
                row["id"],
                row["site_id"],
                row["name"],
                row["workplaces"],
                Approval(row["approval"]),
                frozenset(row["competences"]),
                row["net_kopecks"],
            )
            for row in workshops
        ],
    )


class Competences:
    """The competences there are, by all that people may write for them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._ids = {sort_key(word): id_ for id_, name in names.items() for word in (id_, name)}

    def of(self, row: Row) -> tuple[str, ...]:
        """The ids of those that the row names; complains of those that there are not."""
        said = row["competences"] or ()
        unknown = [word for word in said if sort_key(word) not in self._ids]
        if unknown:
            row.complain(COMPETENCE_UNKNOWN, "competences", unknown=unknown)
        ids = (self._ids.get(sort_key(word)) for word in said)
        return tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None))

    def words(self, ids: Iterable[str]) -> list[str]:
        """Their names, as people write them."""
        return sorted(self._names[id_] for id_ in set(ids))


async def competences_known(tx: Transaction) -> Competences:
    """All competences."""
    rows = await tx.fetch("SELECT id, name FROM competences")
    return Competences({row["id"]: row["name"] for row in rows})


async def competence_words(tx: Transaction) -> Words:
    """What a template says may be written for competences."""
    rows = await tx.fetch("SELECT name FROM competences ORDER BY sort_key, id")
    return (("competences", tuple(row["name"] for row in rows)),)
