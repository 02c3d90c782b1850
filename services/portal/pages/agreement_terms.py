"""What a new agreement says besides the usual: more parties, how it goes on and ends, paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.requests import Request

from services.portal.client import Problem
from services.portal.rendering import portal_of, visitor_of
from services.portal.words import Words

MORE_PARTIES = ("with_2", "with_3", "with_4")
MEDIA_TYPE = "application/octet-stream"
"""What a file is, its content says better than the browser that sends it."""
NAME_LENGTH_MAX = 120


@dataclass
class Terms:
    """As it was typed; what is left out is agreed in the usual way."""

    parties: dict[str, str]
    number: str = ""
    place: str = ""
    in_order: bool = False
    is_free: bool = False
    months: str = ""
    refusal_days: str = ""
    notice_days: str = ""
    paper_on: str = ""
    party_ids: list[str] = field(default_factory=list)
    bringing: str = ""
    """The field whose file is being brought in."""
    file_ids: dict[str, str] = field(default_factory=dict)

    @property
    def is_usual(self) -> bool:
        """Whether nothing of this was filled in."""
        return self == Terms({name: "" for name in MORE_PARTIES})

    def understand(self, partners: Mapping[str, Mapping[str, Any]], words: Words) -> dict[str, str]:
        """What of it is not understood, by field."""
        errors: dict[str, str] = {}
        for name, typed in self.parties.items():
            if typed and typed not in partners:
                errors[name] = words.text("Choose an organisation from the list.")
            elif typed:
                self.party_ids.append(partners[typed]["id"])
        for name in ("months", "refusal_days", "notice_days"):
            typed = getattr(self, name)
            if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
                errors[name] = words.text("A whole number is needed here.")
        if bool(self.months) != bool(self.refusal_days):
            missing = "months" if self.refusal_days else "refusal_days"
            errors.setdefault(missing, words.text("Fill in both, or neither."))
        if self.paper_on:
            try:
                date.fromisoformat(self.paper_on)
            except ValueError:
                errors["paper_on"] = words.text("Choose a date.")
        return errors

    async def bring_in(self, request: Request, said: FormData) -> None:
        """Hands the files of the form to membership; raises Problem, Asleep."""
        for name in ("document", "scan"):
            file = said.get(name)
            if isinstance(file, UploadFile) and file.filename:
                self.bringing = name
                self.file_ids[name] = await bring_in(request, file)
        self.bringing = ""

    def place_of(self, problem: Problem) -> str | None:
        """The field of the file that the problem is about; None when it is about none."""
        if not problem.code.startswith("file-"):
            return None
        return self.bringing or ("document" if problem.facts.get("taken") == ["pdf"] else "scan")

    def body(self) -> dict[str, Any]:
        """What the API is asked besides."""
        body: dict[str, Any] = {
            "number": self.number or None,
            "place": self.place or None,
            "in_order": self.in_order,
            "is_free": True if self.is_free else None,
            "notice_days": int(self.notice_days) if self.notice_days else None,
            "document_id": self.file_ids.get("document"),
        }
        if self.months:
            body["prolongation"] = {
                "months": int(self.months),
                "refusal_days": int(self.refusal_days),
            }
        if "scan" in self.file_ids:
            body["paper"] = {"scan_id": self.file_ids["scan"], "signed_on": self.paper_on}
        return body


def read_terms(said: FormData | QueryParams) -> Terms:
    """What the form says of it."""

    def word(name: str) -> str:
        typed = said.get(name, "")
        return typed.strip() if isinstance(typed, str) else ""

    return Terms(
        {name: word(name) for name in MORE_PARTIES},
        number=word("number"),
        place=word("place"),
        in_order=bool(word("in_order")),
        is_free=bool(word("is_free")),
        months=word("months"),
        refusal_days=word("refusal_days"),
        notice_days=word("notice_days"),
        paper_on=word("paper_on"),
    )


async def bring_in(request: Request, file: UploadFile) -> str:
    """Hands a file to membership; returns its id. Raises Problem, Asleep."""
    made = await portal_of(request).api.send(
        "POST",
        "/membership/files",
        visitor_of(request).token,
        content=await file.read(),
        media_type=MEDIA_TYPE,
        query={"file_name": name_of(file)},
    )
    file_id: str = made.body["id"]
    return file_id


def name_of(file: UploadFile) -> str:
    """The name of the file without its folders, as far as it can be kept."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in name if char.isprintable())[-NAME_LENGTH_MAX:].strip()
    return kept or "file"
