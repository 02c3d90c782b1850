"""What workshops takes from files: workshops with their sites, and equipment."""

from services.workshops.commands.imports import equipment, workshops
from shared.identity import Role
from shared.imports.kinds import Imports
from shared.routes import roles

imports = Imports(
    may=roles(Role.COORDINATOR),
    kinds=(workshops.KIND, equipment.KIND),
    target="site_id",
)
