"""A report on an item of the annual plan, by the organisation that answers for it."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem
from services.portal.forms import Field, Group, Typed, put_errors, require_all, typed_of
from services.portal.pages.plan_items import kopecks, renamed, whole
from services.portal.pages.plans import UNCHANGED_ANSWERS
from services.portal.pages.routes import page
from services.portal.periods import period_words, periods_of
from services.portal.plan_statuses import OUTCOMES
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, show, visitor_of, words_for
from services.portal.words import N_

CAME_OF_IT = Group(
    N_("What came of it"),
    (
        Field("outcome", N_("Outcome"), "radio", choices=OUTCOMES),
        Field("words", N_("What was done"), "long", length_max=2000),
        Field(
            "reason",
            N_("Reason for that"),
            "long",
            hint=N_("Where it was not wholly done, or moved."),
            is_needed=False,
            length_max=2000,
        ),
        Field(
            "moved_to",
            N_("Moved to"),
            "choice",
            hint=N_("Only for what was moved: choose a later time."),
            is_needed=False,
            is_half=True,
        ),
        Field("fact_value", N_("Fact"), "digits", is_needed=False, is_half=True, length_max=7),
        Field(
            "fact_count",
            N_("People who came"),
            "digits",
            is_needed=False,
            is_half=True,
            length_max=7,
        ),
        Field(
            "spent",
            N_("Spent"),
            hint=N_("In rubles, such as 450000 or 450000,50."),
            is_needed=False,
            is_half=True,
            length_max=16,
        ),
    ),
)
REPORT_NAMES = {"spent_kopecks": "spent"}


async def new_report(request: Request) -> Response:
    """The form of a report on an item."""
    return await _report_form(request, typed_of([CAME_OF_IT], request.query_params))


async def report(request: Request) -> Response:
    """Reports on the item; a no is said beside what was typed."""
    form = await request.form()
    words = words_for(request)
    typed = typed_of([CAME_OF_IT], form)
    require_all([CAME_OF_IT], typed, words)
    body = {name: typed.said(name) for name in ("outcome", "words", "reason", "moved_to")}
    numbers = {name: whole(typed, name, words) for name in ("fact_value", "fact_count")}
    spent = kopecks(typed, "spent", words)
    if typed.errors:
        return await _report_form(request, typed, 422)
    item_id = request.path_params["item_id"]
    try:
        await portal_of(request).api.post(
            f"/council/plan-items/{item_id}/report",
            visitor_of(request).token,
            {**body, **numbers, "spent_kopecks": spent},
        )
    except Problem as problem:
        if problem.status in UNCHANGED_ANSWERS:
            raise
        sentence = put_errors(typed, [CAME_OF_IT], renamed(problem, REPORT_NAMES), words)
        return await _report_form(request, typed, problem.status, sentence or "")
    except Asleep:
        return await _report_form(request, typed, 503, words_of(words, "unavailable"))
    return go(request, f"/council/plan-items/{item_id}")


async def _report_form(
    request: Request, typed: Typed, status: int = 200, sentence: str = ""
) -> Response:
    words = words_for(request)
    found = await portal_of(request).api.get(
        f"/council/plan-items/{request.path_params['item_id']}", visitor_of(request).token
    )
    year = found["year"]
    later = {**periods_of(words, year), **periods_of(words, year + 1)}
    group = CAME_OF_IT.with_choices("moved_to", later)
    if found["planned_value"] is None:
        kept = [each for each in group.fields if each.name != "fact_value"]
        group = replace(group, fields=kept)
    return show(
        request,
        "plans/report_form.html",
        status,
        item=found,
        group=group,
        typed=typed,
        sentence=sentence,
        period=lambda text: period_words(words, text),
        may_report=found["responsible_member_id"] == visitor_of(request).member_id,
    )


ROUTES = [
    page("/council/plan-items/{item_id:uuid}/report", new_report),
    page("/council/plan-items/{item_id:uuid}/report", report, ["POST"]),
]
