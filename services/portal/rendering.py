"""Pages as HTML: the templates, what each of them knows, and what is answered to a browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.portal import council, plan_statuses, statuses
from services.portal.assets import Assets
from services.portal.client import Api, Asleep, Problem
from services.portal.directory import Directory, name_in
from services.portal.faults import fault_of
from services.portal.live import Live
from services.portal.refusals import words_of
from services.portal.session import Visitor, Visitors
from services.portal.settings import PortalSettings
from services.portal.words import DEFAULT, LANGUAGES, Words, as_local, person
from shared.clock import Clock

TEMPLATES = Path(__file__).resolve().parent / "templates"
THEMES = ("auto", "light", "dark")


@dataclass
class Portal:
    """The portal while it runs; pages find it as `request.app.state.portal`."""

    settings: PortalSettings
    clock: Clock
    api: Api
    visitors: Visitors
    assets: Assets
    live: Live
    directory: Directory


def portal_of(request: Request) -> Portal:
    """The portal that serves this request."""
    found: Portal = request.app.state.portal
    return found


def visitor_of(request: Request) -> Visitor:
    """Who visits a page that only signed-in people reach."""
    found: Visitor = request.state.visitor
    return found


def words_for(request: Request) -> Words:
    """The words of the language that the visitor has chosen."""
    return _words(request.cookies.get("language", DEFAULT))


@lru_cache
def _words(language: str) -> Words:
    return Words(language if language in LANGUAGES else DEFAULT)


def is_htmx(request: Request) -> bool:
    """Whether a part of a page is asked for, not a whole one."""
    return request.headers.get("hx-request") == "true"


def show(request: Request, template: str, status: int = 200, **facts: Any) -> Response:
    """A page, or a part of one."""
    words = words_for(request)
    text = (
        _environment(words, portal_of(request).assets)
        .get_template(template)
        .render(
            request=request,
            portal=portal_of(request),
            visitor=getattr(request.state, "visitor", None),
            words=words,
            theme=theme_of(request),
            language=words.language,
            now=portal_of(request).clock(),
            path=request.url.path,
            place=request.url.path.split("/", 2)[1],
            **facts,
        )
    )
    return HTMLResponse(text, status, headers={"Vary": "Cookie, HX-Request"})


def go(request: Request, path: str, **query: Any) -> Response:
    """Sends the browser to another page."""
    address = f"{path}?{urlencode(query)}" if query else path
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def theme_of(request: Request) -> str:
    """Light, dark, or as the visitor's system has it."""
    theme = request.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"


@lru_cache
def _environment(words: Words, assets: Assets) -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        words.translations.ugettext, words.translations.ungettext, newstyle=True
    )
    found.filters.update(
        day=words.day,
        short_day=words.short_day,
        full_day=words.full_day,
        numeric_day=words.numeric_day,
        weekday=words.weekday,
        month=words.month,
        moment=words.moment,
        deadline=words.deadline,
        money=words.money,
        duration=words.minutes,
        clock=lambda at: f"{as_local(at):%H:%M}",
        person=person,
    )
    found.globals.update(
        span=words.span,
        icon=lambda name, style="outline": Markup(assets.icon(name, style)),  # noqa: S704 - a file of ours
        asset=assets.path,
        csrf=_csrf,
        with_query=_with_query,
        name_in=name_in,
        booking_minutes=_booking_minutes,
        looks={
            "booking": statuses.BOOKING,
            "agreement": statuses.AGREEMENT,
            "obligation": statuses.OBLIGATION,
            "member": statuses.MEMBER,
            "import": statuses.IMPORT,
            "affiliation": statuses.AFFILIATION,
            "data_consent": statuses.DATA_CONSENT,
            "purposes": statuses.PURPOSES,
            "disclosure_grounds": statuses.DISCLOSURE_GROUNDS,
            "affiliation_kinds": statuses.AFFILIATION_KINDS,
            "agreement_kinds": statuses.AGREEMENT_KINDS,
            "agreement_meanings": statuses.AGREEMENT_MEANINGS,
            "document_kinds": statuses.DOCUMENT_KINDS,
            "signed_how": statuses.SIGNED_HOW,
            "tariff_units": statuses.TARIFF_UNITS,
            "member_kinds": statuses.MEMBER_KINDS,
            "member_ends": statuses.MEMBER_ENDS,
            "application": statuses.APPLICATION,
            "application_next": statuses.APPLICATION_NEXT,
            "case": statuses.CASE,
            "grounds": statuses.GROUNDS,
            "initiatives": statuses.INITIATIVES,
            "bases": statuses.BASES,
            "headcounts": statuses.HEADCOUNTS,
            **council.LOOKS,
            "vat_regimes": statuses.VAT_REGIMES,
            "roles": statuses.ROLES,
            "role_meanings": statuses.ROLE_MEANINGS,
            "history": statuses.HISTORY,
            **plan_statuses.LOOKS,
        },
        is_asleep=lambda found: isinstance(found, Asleep),
        refusal=partial(words_of, words),
        fault_of=partial(fault_of, words),
    )
    return found


@pass_context
def _csrf(context: Context) -> Markup:
    visitor = context["visitor"]
    if visitor is None:
        return Markup("")
    return Markup('<input type="hidden" name="csrf" value="{}">').format(visitor.csrf)


@pass_context
def _with_query(context: Context, **changes: Any) -> str:
    """The present address with some of its query changed; None takes a part out."""
    request: Request = context["request"]
    query = [
        (name, value) for name, value in request.query_params.multi_items() if name not in changes
    ]
    query += [(name, str(value)) for name, value in changes.items() if value is not None]
    return f"{request.url.path}?{urlencode(query)}" if query else request.url.path


def _booking_minutes(booking: Mapping[str, Any]) -> int:
    begins, ends = as_local(booking["starts_at"]), as_local(booking["ends_at"])
    return int((ends - begins).total_seconds() // 60)


def field_errors(problem: Problem, words: Words) -> dict[str, str]:
    """Words for each field that a service did not understand, by the field's name."""
    return {
        str(error.get("at", "")).rpartition(".")[2]: words_of(words, problem.code, error)
        for error in problem.errors
    }
