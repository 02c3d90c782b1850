"""The service that tells people what happened, assembled."""

from dataclasses import replace

from fastapi import FastAPI

from services.notices.api import routes
from services.notices.commands.post import Post, forget_what_is_over
from services.notices.commands.webhooks import Programs
from services.notices.subscribers import hear
from shared import clock
from shared.clock import Clock
from shared.service import Service
from shared.service import create_app as assemble
from shared.settings import Settings, settings_of

service = Service(
    name="notices",
    routes=routes,
    hear=hear,
    due=(forget_what_is_over,),
    milestones=("demo-heard",),
)


def create_app(settings: Settings | None = None, now: Clock = clock.now) -> FastAPI:
    """The service as an ASGI app. Raises ValueError for an address of a mail server that is none."""
    settings = settings or settings_of("notices")
    post, programs = Post(settings), Programs(settings)
    app = assemble(
        replace(service, lengthy=(post.send_due, programs.tell_due), closing=(post.close,)),
        settings,
        now,
    )
    app.state.post, app.state.programs = post, programs
    return app
