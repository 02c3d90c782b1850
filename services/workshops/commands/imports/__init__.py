"""What workshops takes from files: workshops with their sites, equipment, and timetables."""

from services.workshops.commands.imports import equipment, lessons, workshops
from shared.identity import Role
from shared.imports.kinds import Imports
from shared.routes import roles

imports = Imports(
    may=roles(Role.COORDINATOR),
    kinds=(workshops.KIND, equipment.KIND, lessons.KIND),
    target="site_id",
)
