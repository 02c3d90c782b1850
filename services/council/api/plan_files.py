"""The annual plan and the report on it as files."""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Response

from services.council.api.plans import OfVersion
from services.council.api.routes import READERS, routes
from services.council.commands.imports import SHEET
from services.council.queries import plan_items as queries
from services.council.records.plan_sheets import MEDIA_TYPE, plan_xlsx, report_xlsx
from shared.imports.files import in_thread
from shared.routes import Tx
from shared.values import Day

_FILE: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {MEDIA_TYPE: {}}}},
}


@routes.get("/plans/{plan_id}/plan.xlsx", may=READERS, **_FILE)
async def export_plan(plan_id: UUID, tx: Tx, number: OfVersion = None) -> Response:
    """A version as XLSX, in the columns in which items are imported."""
    contents, year = await queries.contents(tx, plan_id, number)
    names = await queries.member_names(tx)
    data = await in_thread(lambda: plan_xlsx(SHEET, contents, names))
    return _file(data, f"План {year}.xlsx", f"plan-{year}.xlsx")


@routes.get("/plans/{plan_id}/report.xlsx", may=READERS, **_FILE)
async def export_plan_report(
    plan_id: UUID, tx: Tx, number: OfVersion = None, on: Day | None = None
) -> Response:
    """Plan and fact of a version as of a day, as XLSX."""
    items = [
        asdict(found)
        for found in await queries.version_items(tx, plan_id, number, on)
        if found.refusal is None
    ]
    year = await queries.year_of(tx, plan_id)
    names = await queries.member_names(tx)
    data = await in_thread(lambda: report_xlsx(items, names))
    return _file(data, f"Отчёт о плане {year}.xlsx", f"report-{year}.xlsx")


def _file(data: bytes, name: str, plain_name: str) -> Response:
    disposition = f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name)}"
    return Response(data, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})
