"""Help: the users' guide, for everybody, in the language of the page."""

from starlette.requests import Request
from starlette.responses import Response

from services.portal.pages.routes import page
from services.portal.rendering import show


async def guide(request: Request) -> Response:
    """The guide as one page; other pages point to its sections."""
    return show(request, "help/page.html")


ROUTES = [page("/help", guide, public=True)]
