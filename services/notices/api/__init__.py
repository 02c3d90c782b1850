"""What HTTP may ask of notices: one route each, which ends in a command or a query."""

from services.notices.api import inbox, mailbox, webhooks
from services.notices.api.routes import routes
from shared.deeds import add_deed_routes

__all__ = ["inbox", "mailbox", "routes", "webhooks"]

add_deed_routes(routes)
