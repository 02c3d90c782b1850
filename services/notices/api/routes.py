"""The routes of notices, and who may use them."""

from shared.identity import Role
from shared.routes import Routes, roles

routes = Routes("notices")

ADMINISTRATORS = roles(Role.ADMINISTRATOR)
COORDINATORS = roles(Role.COORDINATOR)
