"""What HTTP may ask of council: one route each, which ends in a command or a query."""

from shared.routes import Routes

routes = Routes("council")
