"""The routes of imports: the same in every service that takes files."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel

from shared.etag import IfMatch, stamp
from shared.imports import records
from shared.imports.faults import Fault, FileTypeIsUnknown
from shared.imports.files import BYTES_MAX, MEDIA_TYPES, FileType, in_thread, read_grid, type_of
from shared.imports.kinds import PERIOD_DAYS_MAX, Imports, Kind, Period
from shared.imports.sheet import Table, table_of
from shared.imports.templates import template
from shared.paging import Cursor, Limit, Page
from shared.refusal import Invalid
from shared.routes import PUBLIC, Routes, Tx
from shared.values import Day, Line

Status = Literal["checking", "checked", "applying", "applied", "refused", "expired"]

TEMPLATE_TYPES = {
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.CSV: "text/csv; charset=utf-8",
}


class SummaryView(BaseModel):
    """How many rows have which effect; until the import is applied, as far as it is checked."""

    added: int
    changed: int
    unchanged: int
    removed: int


class FaultView(BaseModel):
    """What is wrong and where; `line` is counted as spreadsheets count rows, `column` is a letter.

    What concerns the whole file has no line, what concerns a whole row no column. `facts` are what
    the code speaks of, such as the bounds of a number.
    """

    line: int | None
    column: str | None
    header: str | None
    code: str
    message: str
    value: str | None
    facts: dict[str, Any]


class ImportItem(BaseModel):
    """An import in a list."""

    id: UUID
    kind: str
    target_id: UUID | None
    first_on: date | None
    last_on: date | None
    file_name: str
    status: Status
    rows_total: int
    rows_done: int
    summary: SummaryView
    faults_total: int
    made_at: datetime
    made_by: UUID
    applied_at: datetime | None
    version: int


class ImportView(ImportItem):
    """An import, with its first 500 faults."""

    faults: list[FaultView]


def add_import_routes(routes: Routes, imports: Imports) -> None:
    """Adds `/imports`, or where else they are, and `/import-templates` to a service's routes."""
    _add_making(routes, imports)
    _add_reading(routes, imports)
    for kind in imports.kinds:
        for file_type in TEMPLATE_TYPES:
            _add_template(routes, kind, file_type)


def _add_making(routes: Routes, imports: Imports) -> None:
    names = [kind.name for kind in imports.kinds]
    body = {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES
        },
    }

    @routes.post(
        imports.path,
        may=imports.may,
        status_code=201,
        body_bytes_max=BYTES_MAX,
        openapi_extra={"requestBody": body},
    )
    async def make_import(
        request: Request,
        response: Response,
        tx: Tx,
        kind: Annotated[str, Query(json_schema_extra={"enum": names})],
        file_name: Line,
        target_id: Annotated[UUID | None, Query(alias=imports.target)] = None,
        first_on: Day | None = None,
        last_on: Day | None = None,
    ) -> ImportView:
        """Takes a file of up to 5 MB, 5000 rows and 50 columns, the body as it is, to be checked.

        Nothing is written until the import is applied; the check goes on in the background. Some
        kinds belong to one thing, and some speak for the days of a period of up to 366 days.
        """
        known = _known(imports, kind)
        if (target_id is None) != (known.require_target is None):
            raise Invalid(
                f"{imports.target} is for the kinds whose rows belong to one thing.",
                at=f"query.{imports.target}",
            )
        period = _period(known, first_on, last_on)
        tx.authorise()
        data = await request.body()
        file_type = type_of(request.headers.get("content-type", ""), data)
        if period is None and file_type in known.converters:
            period = Period(tx.now.date(), tx.now.date() + timedelta(days=PERIOD_DAYS_MAX - 1))
        table, faults = await in_thread(lambda: _read(known, file_type, data, period))
        if target_id is not None and known.require_target is not None:
            await known.require_target(tx, target_id)
        import_id = await records.make(
            tx,
            kind=known.name,
            target_id=target_id,
            period=period,
            file_name=file_name,
            table=table,
            faults=faults,
        )
        response.headers["Location"] = f"{routes.router.prefix}{imports.path}/{import_id}"
        return _view(await records.own(tx, import_id), response)

    @routes.post(f"{imports.path}/{{import_id}}/apply", may=imports.may)
    async def apply_import(
        tx: Tx, import_id: UUID, response: Response, if_match: IfMatch = None
    ) -> ImportView:
        """Orders an import that is `checked` to be written, all of it or nothing.

        It is looked at once more before: what has changed meanwhile may refuse it.
        """
        await records.order(tx, import_id, if_match)
        return _view(await records.own(tx, import_id), response)


def _add_reading(routes: Routes, imports: Imports) -> None:
    names = [kind.name for kind in imports.kinds]

    @routes.get(f"{imports.path}/{{import_id}}", may=imports.may)
    async def read_import(tx: Tx, import_id: UUID, response: Response) -> ImportView:
        """An import of the acting member: how far it is, and what is wrong with its rows."""
        return _view(await records.own(tx, import_id), response)

    @routes.get(imports.path, may=imports.may)
    async def list_imports(
        tx: Tx,
        kind: Annotated[str | None, Query(json_schema_extra={"enum": names})] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ImportItem]:
        """The imports of the acting member in the last 30 days, the newest first."""
        name = _known(imports, kind).name if kind is not None else None
        rows, next_cursor = await records.own_ones(tx, kind=name, cursor=cursor, limit=limit)
        items = [ImportItem.model_validate(_facts(row)) for row in rows]
        return Page(items=items, next_cursor=next_cursor)


def _add_template(routes: Routes, kind: Kind, file_type: FileType) -> None:
    media_type = TEMPLATE_TYPES[file_type]
    name = quote(f"{kind.sheet.title}.{file_type}")
    headers = {
        "Content-Disposition": f'attachment; filename="{kind.name}.{file_type}";'
        f" filename*=UTF-8''{name}"
    }

    @routes.get(
        f"/import-templates/{kind.name}.{file_type}",
        may=PUBLIC,
        response_class=Response,
        name=f"{kind.name}_template_{file_type}",
        responses={200: {"content": {media_type.partition(";")[0]: {}}}},
    )
    async def read_template(tx: Tx) -> Response:
        """A file to be filled in, with an explanation of its columns and examples."""
        words = await kind.words(tx) if kind.words is not None else ()
        content = await in_thread(lambda: template(kind.sheet, file_type, words))
        return Response(content, media_type=media_type, headers=headers)


def _known(imports: Imports, name: str) -> Kind:
    kind = imports.kind_of(name)
    if kind is None:
        raise Invalid("There is no such kind of import.", at="query.kind")
    return kind


def _period(kind: Kind, first_on: date | None, last_on: date | None) -> Period | None:
    if first_on is None and last_on is None:
        return None
    if not kind.has_period or first_on is None or last_on is None:
        raise Invalid(
            "A period has a first and a last day, and is for some kinds only.", at="query.first_on"
        )
    if not 0 <= (last_on - first_on).days < PERIOD_DAYS_MAX:
        raise Invalid(f"A period has 1 to {PERIOD_DAYS_MAX} days.", at="query.last_on")
    return Period(first_on, last_on)


def _read(
    kind: Kind, file_type: FileType, data: bytes, period: Period | None
) -> tuple[Table, list[Fault]]:
    if file_type in TEMPLATE_TYPES:
        return table_of(kind.sheet, read_grid(file_type, data, kind.sheet))
    if file_type not in kind.converters or period is None:
        raise FileTypeIsUnknown(found=file_type)
    return kind.converters[file_type](data, period)


def _view(row: Mapping[str, Any], response: Response) -> ImportView:
    stamp(response, row["version"])
    return ImportView.model_validate({**_facts(row), "faults": row["faults"]})


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    effects = ("added", "changed", "unchanged", "removed")
    return {**dict(row), "summary": {effect: row[effect] for effect in effects}}
