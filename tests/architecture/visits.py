"""How the walk asks a route, and the sets of roles that it asks as."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.identity import Role

EVERYBODY: frozenset[Role] | None = None
SIGNED_IN = frozenset(Role)
COORDINATOR = frozenset({Role.COORDINATOR})
APPROVER = frozenset({Role.APPROVER})
HOSTS = frozenset({Role.COORDINATOR, Role.APPROVER})
DEALERS = frozenset({Role.COORDINATOR, Role.APPROVER, Role.FINANCE, Role.AUDITOR})
TREASURER = frozenset({Role.FINANCE})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
NAMING = COORDINATOR | ADMINISTRATOR
PARTIES = SIGNED_IN - {Role.STUDENT, Role.ADMINISTRATOR}
PAYING = SIGNED_IN - {Role.STUDENT}
SECRETARIAT = frozenset({Role.COUNCIL_SECRETARY, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Visit:
    """How a route is asked, who may, and what becomes of those whose things these are not."""

    may: frozenset[Role] | None
    """The roles that it names; None where everybody may."""
    path: Mapping[str, str] = field(default_factory=dict)
    """Which thing stands for each parameter of the path."""
    body: str | None = None
    query: str | None = None
    others: int | None = None
    """What a member to whom the thing is nothing gets; None where it is nobody's alone."""
    others_body: str | None = None
    garbage: int = 422
    """What a path gets that holds no id."""
    party: int | None = None
    """What the member on the other side gets where only the owner decides."""
    reaches_all: frozenset[Role] = frozenset()
    """Roles that decide for every member."""


def imports_of(
    service: str, may: frozenset[Role], *kinds: str, at: str = "imports", things: str = ""
) -> dict[str, Visit]:
    """The routes of imports, which are the same in every service that takes files."""
    path = {"import_id": f"{things}import"}
    templates = (f"{kind}.{ending}" for kind in kinds for ending in ("csv", "xlsx"))
    return {
        f"POST /api/{service}/{at}": Visit(may, body=f"{things}file", query=f"{things}import"),
        f"GET /api/{service}/{at}": Visit(may),
        f"GET /api/{service}/{at}/{{import_id}}": Visit(may, path, others=404, party=404),
        f"POST /api/{service}/{at}/{{import_id}}/apply": Visit(may, path, others=404, party=404),
        **{f"GET /api/{service}/import-templates/{name}": Visit(None) for name in templates},
    }
