"""The routes of the council, and who they are for."""

from shared.routes import Routes

routes = Routes("council")
