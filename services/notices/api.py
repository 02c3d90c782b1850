"""What HTTP may ask of notices: one route each, which ends in a command or a query."""

from shared.routes import Routes

routes = Routes("notices")
