"""What tests of imports stand on: files as offices make them, and the way of an import by HTTP."""

import csv
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
from openpyxl import Workbook

from shared.imports.sheet import Sheet
from shared.routes import KEY_HEADER
from tests.harness import Running

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ICS = "text/calendar"

Rows = Sequence[Sequence[Any]]


def csv_of(rows: Rows, encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Rows, formats: dict[str, str] | None = None) -> bytes:
    """The rows as a workbook; `formats` are number formats of cells, such as `B2`."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for place, number_format in (formats or {}).items():
        page[place].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(sheet: Sheet, *rows: dict[str, Any]) -> list[list[Any]]:
    """A header of the sheet's columns in Russian, and rows by the codes of their columns."""
    unknown = {code for row in rows for code in row} - {column.code for column in sheet.columns}
    assert not unknown, unknown
    header: list[Any] = [column.header for column in sheet.columns]
    return [header, *([row.get(column.code, "") for column in sheet.columns] for row in rows)]


class Importing:
    """Somebody who imports files into a service."""

    def __init__(self, service: Running, headers: dict[str, str], path: str = "/imports") -> None:
        self.service = service
        self.headers = headers
        self.path = f"/api/{service.runtime.name}{path}"

    async def post(
        self, kind: str, data: bytes, media_type: str = CSV, key: str | None = None, **query: Any
    ) -> httpx.Response:
        """Brings a file."""
        headers = {**self.headers, "Content-Type": media_type}
        if key is not None:
            headers[KEY_HEADER] = key
        return await self.service.client.post(
            self.path,
            content=data,
            headers=headers,
            params={"kind": kind, "file_name": "файл", **query},
        )

    async def read(self, import_id: str) -> dict[str, Any]:
        """The import as it is now."""
        answer = await self.service.client.get(f"{self.path}/{import_id}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def apply(self, import_id: str, **headers: str) -> httpx.Response:
        """Orders the import to be applied."""
        return await self.service.client.post(
            f"{self.path}/{import_id}/apply", headers={**self.headers, **headers}
        )

    async def work(self) -> None:
        """Does what has fallen due until nothing has."""
        while await self.service.due():
            pass

    async def checked(
        self, kind: str, data: bytes, media_type: str = CSV, **query: Any
    ) -> dict[str, Any]:
        """Brings a file and has it checked; the import after that."""
        made = await self.post(kind, data, media_type, **query)
        assert made.status_code == 201, made.text
        await self.work()
        return await self.read(made.json()["id"])

    async def ready(self, kind: str, data: bytes) -> UUID:
        """The id of an import that may be applied."""
        found = await self.checked(kind, data)
        assert found["status"] == "checked", found["faults"]
        return UUID(found["id"])

    async def applied(
        self, kind: str, data: bytes, media_type: str = CSV, **query: Any
    ) -> dict[str, Any]:
        """Brings a good file and has it applied; the import after that."""
        found = await self.checked(kind, data, media_type, **query)
        assert found["status"] == "checked", found["faults"]
        ordered = await self.apply(found["id"])
        assert (ordered.status_code, ordered.json()["status"]) == (200, "applying"), ordered.text
        await self.work()
        return await self.read(found["id"])


def places(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Where the faults are, and which: line, column, code."""
    return [(fault["line"], fault["column"], fault["code"]) for fault in found["faults"]]
