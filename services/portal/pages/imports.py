"""Import from files: choose what, send a file, see what is wrong with it, and have it written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem, part, together
from services.portal.export import Column, Table, xlsx
from services.portal.faults import fault_of
from services.portal.pages.exports import file_of
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import (
    field_errors,
    go,
    is_htmx,
    portal_of,
    show,
    visitor_of,
    words_for,
)
from services.portal.words import N_, Words

BYTES_MAX = 5_000_000
PERIOD_DAYS_MAX = 366
FILE_NAME_LENGTH_MAX = 200
LIMIT = 50
ANY_TYPE = "application/octet-stream"
"""What a file is, its content says better than the browser that sends it."""

TEMPLATES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Kind:
    """What can be brought in: by which service, by whom, and where one looks at it afterwards."""

    service: str
    role: str
    words: str
    text: str
    glyph: str
    seen_at: str
    is_of_site: bool = False
    is_of_plan: bool = False
    path: str = "imports"
    """What the service calls the imports of this kind."""

    @property
    def source(self) -> str:
        """Where its imports are, in the API."""
        return f"/{self.service}/{self.path}"


KINDS = {
    "members": Kind(
        "membership",
        "administrator",
        N_("Members"),
        N_("Organisations with their registration numbers and accounts, one in a row."),
        "users-group",
        "/members",
    ),
    "persons": Kind(
        "membership",
        "coordinator",
        N_("People"),
        N_("Students, teachers, instructors and others of your organisation, one in a row."),
        "users",
        "/members/persons",
        path="person-imports",
    ),
    "workshops": Kind(
        "workshops",
        "coordinator",
        N_("Workshops"),
        N_("Your workshops with their sites, workplaces and tariffs, one in a row."),
        "tools",
        "/workshops",
    ),
    "equipment": Kind(
        "workshops",
        "coordinator",
        N_("Equipment"),
        N_("Machines of your workshops that can be booked by name, one in a row."),
        "tool",
        "/workshops",
    ),
    "timetable": Kind(
        "workshops",
        "coordinator",
        N_("Timetable of a site"),
        N_("Your own lessons: they take workplaces, so that nobody books these."),
        "calendar-time",
        "/workshops",
        is_of_site=True,
    ),
    "plan-items": Kind(
        "council",
        "coordinator",
        N_("Items of the annual plan"),
        N_("What your organisation puts forward for a year, one in a row."),
        "calendar-stats",
        "/council/plans",
        is_of_plan=True,
    ),
}

REPORT = (
    Column(N_("Row"), "number"),
    Column(N_("Column")),
    Column(N_("Header")),
    Column(N_("What stands there")),
    Column(N_("What is wrong")),
)


@dataclass
class Form:
    """A file as it is to be sent, and what of the form is not understood."""

    site_id: str = ""
    first_on: str = ""
    last_on: str = ""
    plan_id: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def kind_of(request: Request) -> tuple[str, Kind]:
    """What is to be brought in; raises Problem for what there is not, or is not the visitor's."""
    name = str(request.path_params["kind"])
    if name not in KINDS:
        raise Problem(404, "not-found", "")
    if not visitor_of(request).may(KINDS[name].role):
        raise Problem(403, "role-missing", "")
    return name, KINDS[name]


# --- choosing, and sending a file --------------------------------------------------------------


async def imports(request: Request) -> Response:
    """What the visitor may bring in, and what was brought in lately."""
    portal, visitor = portal_of(request), visitor_of(request)
    kinds = {name: kind for name, kind in KINDS.items() if visitor.may(kind.role)}
    if not kinds:
        raise Problem(403, "role-missing", "")
    sources = sorted({kind.source for kind in kinds.values()})
    cursor, of = request.query_params.get("cursor"), request.query_params.get("of")
    if of in sources:
        sources = [of]
    asked = await together(
        *(
            part(portal.api.get(source, visitor.token, cursor=cursor, limit=LIMIT))
            for source in sources
        )
    )
    is_more = is_htmx(request) and cursor is not None
    template = "imports/rows.html" if is_more else "imports/list.html"
    return show(
        request,
        template,
        kinds=kinds,
        found=_newest_first(asked),
        more=[
            {"of": source, "cursor": each["next_cursor"]}
            for source, each in zip(sources, asked, strict=True)
            if not isinstance(each, Asleep) and each["next_cursor"]
        ],
        are_asleep=any(isinstance(each, Asleep) for each in asked),
        all_kinds=KINDS,
    )


def _newest_first(asked: Sequence[Any]) -> list[Any]:
    """The imports of all sources that answer."""
    items = [item for each in asked if not isinstance(each, Asleep) for item in each["items"]]
    return sorted(items, key=lambda item: str(item["made_at"]), reverse=True)


async def start(request: Request) -> Response:
    """The template to be filled in, and where the file goes."""
    kind_of(request)
    query = request.query_params
    return await _start(request, Form(site_id=query.get("site", ""), plan_id=query.get("plan", "")))


async def _start(
    request: Request, form: Form, status: int = 200, sentence: str | None = None
) -> Response:
    name, kind = kind_of(request)
    sites: Any = []
    plans: Any = []
    visitor = visitor_of(request)
    if kind.is_of_plan:
        plans = await part(_open_plans(request))
    if kind.is_of_site:
        sites = await part(portal_of(request).api.every("/workshops/sites", visitor.token))
    return show(
        request,
        "imports/start.html",
        status,
        name=name,
        kind=kind,
        form=form,
        sites=sites,
        plans=plans,
        bytes_max=BYTES_MAX,
        sentence=sentence,
    )


async def _open_plans(request: Request) -> list[Any]:
    """The plans for which a version is on its way."""
    found = await portal_of(request).api.every("/council/plans", visitor_of(request).token)
    return [plan for plan in found if plan["waiting_number"] is not None]


async def template(request: Request) -> Response:
    """The template of a kind as a file."""
    name, kind = kind_of(request)
    ending = request.path_params["ending"]
    if ending not in TEMPLATES:
        raise Problem(404, "not-found", "")
    reply = await portal_of(request).api.send(
        "GET", f"/{kind.service}/import-templates/{name}.{ending}"
    )
    headers = {"Content-Disposition": reply.headers.get("content-disposition", "attachment")}
    return Response(reply.content, headers=headers, media_type=TEMPLATES[ending])


async def send(request: Request) -> Response:
    """Hands the file to the service, which begins to check it; a no is said beside the field."""
    name, kind = kind_of(request)
    said_form = await request.form()
    words = words_for(request)
    form = read(said_form, kind, words)
    file = said_form.get("file")
    content, file_name = b"", ""
    if isinstance(file, UploadFile):
        content, file_name = await file.read(), _name_of(file)
    if not content:
        form.errors["file"] = words.text("Choose a file with something in it.")
    elif len(content) > BYTES_MAX:
        form.errors["file"] = words.text("The file is larger than 5 MB. Send it in several parts.")
    if form.errors:
        return await _start(request, form, 422)
    query = {
        "kind": name,
        "file_name": file_name,
        "site_id": form.site_id or None,
        "plan_id": form.plan_id or None,
        "first_on": form.first_on or None,
        "last_on": form.last_on or None,
    }
    try:
        made = await portal_of(request).api.send(
            "POST",
            kind.source,
            visitor_of(request).token,
            content=content,
            media_type=ANY_TYPE,
            query=query,
        )
    except Problem as problem:
        return await _not_taken(request, form, problem)
    except Asleep:
        return await _start(request, form, 503, words_of(words, "unavailable"))
    return go(request, f"/imports/{name}/{made.body['id']}")


async def _not_taken(request: Request, form: Form, problem: Problem) -> Response:
    words = words_for(request)
    if problem.status == 401:
        raise problem
    form.errors = field_errors(problem, words)
    sentence = words_of(words, problem.code, problem.facts)
    if problem.code.startswith("file-") or problem.code == "too-large":
        form.errors["file"] = sentence
    return await _start(request, form, problem.status, None if form.errors else sentence)


def read(said_form: FormData, kind: Kind, words: Words) -> Form:
    """The form around the file, as it was filled in."""

    def word(name: str) -> str:
        return str(said_form.get(name, "")).strip() if kind.is_of_site else ""

    form = Form(word("site_id"), word("first_on"), word("last_on"))
    if kind.is_of_plan:
        form.plan_id = str(said_form.get("plan_id", "")).strip()
        if not form.plan_id:
            form.errors["plan_id"] = words.text("Choose the plan.")
    if kind.is_of_site and not form.site_id:
        form.errors["site_id"] = words.text("Choose the site.")
    if form.first_on or form.last_on:
        _understand_period(form, words)
    return form


def _understand_period(form: Form, words: Words) -> None:
    days: dict[str, date] = {}
    for name in ("first_on", "last_on"):
        try:
            days[name] = date.fromisoformat(getattr(form, name))
        except ValueError:
            form.errors[name] = words.text("Choose a date, or leave both days empty.")
    if form.errors:
        return
    length = (days["last_on"] - days["first_on"]).days + 1
    if length < 1:
        form.errors["last_on"] = words.text("The last day is before the first.")
    elif length > PERIOD_DAYS_MAX:
        form.errors["last_on"] = words.text("A timetable is brought in for a year at most.")


def _name_of(file: UploadFile) -> str:
    """The name of the file without its folders, as far as it can be kept."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in name if sign.isprintable()).strip()
    return kept[-FILE_NAME_LENGTH_MAX:].strip() or "file"


# --- one import --------------------------------------------------------------------------------


async def one(request: Request) -> Response:
    """How far an import is, what is wrong with it, or what it would do."""
    return await _show(request)


async def _read(request: Request) -> tuple[Any, str]:
    name, kind = kind_of(request)
    reply = await portal_of(request).api.send(
        "GET",
        f"{kind.source}/{request.path_params['import_id']}",
        visitor_of(request).token,
    )
    if reply.body["kind"] != name:
        raise Problem(404, "not-found", "")
    return reply.body, reply.headers.get("etag", "")


async def _show(request: Request, status: int = 200, sentence: str | None = None) -> Response:
    name, kind = kind_of(request)
    found, etag = await _read(request)
    site = await _site(request, found["target_id"]) if kind.is_of_site else None
    if found["status"] == "applied":
        portal_of(request).directory.forget()
    return show(
        request,
        "imports/state.html" if is_htmx(request) else "imports/one.html",
        status,
        name=name,
        kind=kind,
        found=found,
        etag=etag,
        site=site,
        does_something=any(found["summary"][each] for each in ("added", "changed", "removed")),
        is_going_on=found["status"] in ("checking", "applying"),
        sentence=sentence,
    )


async def _site(request: Request, site_id: str) -> str | None:
    """The name of the site; None while workshops sleeps."""
    visitor = visitor_of(request)
    found = await part(portal_of(request).api.every("/workshops/sites", visitor.token))
    sites = [] if isinstance(found, Asleep) else found
    return next((str(site["name"]) for site in sites if site["id"] == site_id), None)


async def apply(request: Request) -> Response:
    """Has the import written, as it was shown and not otherwise."""
    name, kind = kind_of(request)
    form = await request.form()
    import_id = request.path_params["import_id"]
    words = words_for(request)
    try:
        await portal_of(request).api.send(
            "POST",
            f"{kind.source}/{import_id}/apply",
            visitor_of(request).token,
            if_match=str(form.get("etag", "")) or None,
        )
    except Problem as problem:
        if problem.status in (401, 404):
            raise
        return await _show(request, problem.status, words_of(words, problem.code, problem.facts))
    except Asleep:
        return await _show(request, 503, words_of(words, "unavailable"))
    if is_htmx(request):
        return await _show(request)
    return go(request, f"/imports/{name}/{import_id}")


async def report(request: Request) -> Response:
    """What is wrong with the rows, as a file to mend them by."""
    found, _ = await _read(request)
    words = words_for(request)
    rows = [
        (
            fault["line"],
            fault["column"],
            fault["header"],
            fault["value"],
            fault_of(words, fault),
        )
        for fault in found["faults"]
    ]
    note = words.text(
        "Only the first %(count)s of %(total)s faults are here.",
        count=len(rows),
        total=found["faults_total"],
    )
    table = Table(
        words.text("Faults"),
        [Column(words.text(column.title), column.kind) for column in REPORT],
        rows,
        note if found["faults_total"] > len(rows) else None,
    )
    return file_of(request, table.title, await xlsx(table))


ROUTES = [
    page("/imports", imports),
    page("/imports/{kind}", start),
    page("/imports/{kind}", send, ["POST"]),
    page("/imports/{kind}/template.{ending}", template),
    page("/imports/{kind}/{import_id:uuid}", one),
    page("/imports/{kind}/{import_id:uuid}/apply", apply, ["POST"]),
    page("/imports/{kind}/{import_id:uuid}/report.xlsx", report),
]
