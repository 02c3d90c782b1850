"""Templates: what comes with the service, and what a member put in its place."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.database import Transaction
from shared.documents.faults import TemplateIsWrong
from shared.documents.render import Format, render, render_own
from shared.files import records
from shared.files.types import FileType
from shared.files.uploads import Upload
from shared.refusal import NotFound
from shared.routes import Access

TEMPLATE_BYTES_MAX = 2_000_000
UPLOADED_AS = {Format.DOCX: FileType.DOCX, Format.PDF: FileType.TEXT}
"""A template for PDF is a text in Typst."""

_REACHES_OUT = re.compile(
    rb'<Relationship\b(?=[^>]*TargetMode="External")(?![^>]*relationships/hyperlink")[^>]*>'
)


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of document of a service, in one format.

    `source` gives the template that comes with the service, `sample` are data of the shape that
    any real document of this kind has: what a member puts in its place is tried on them.
    """

    name: str
    made_as: Format
    source: Callable[[], bytes]
    sample: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates of a service, and who may put others in their place for their member."""

    may: Access
    known: Sequence[Template]

    def get(self, name: str, made_as: Format) -> Template:
        """The template of that name and format; raises KeyError."""
        for template in self.known:
            if (template.name, template.made_as) == (name, made_as):
                return template
        raise KeyError(f"{name}.{made_as}")


@dataclass(frozen=True, slots=True)
class Replaced:
    """A member's own template."""

    file_id: UUID
    made_at: datetime
    made_by: UUID


async def produce(
    tx: Transaction,
    template: Template,
    data: Mapping[str, Any],
    *,
    member_id: UUID | None = None,
) -> bytes:
    """The document, by that member's own template where it has one; raises as `render` does."""
    own = await own_template(tx, template, member_id)
    if own is None:
        return await render_own(template.source(), template.made_as, data, tx.now)
    source = (await records.content_of(tx, own.file_id))[1]
    return await render(source, template.made_as, data, tx.now)


async def source_for(tx: Transaction, template: Template, member_id: UUID | None) -> bytes:
    """The template as it is for that member."""
    own = await own_template(tx, template, member_id)
    if own is None:
        return template.source()
    return (await records.content_of(tx, own.file_id))[1]


async def own_template(
    tx: Transaction, template: Template, member_id: UUID | None
) -> Replaced | None:
    """What that member put in the template's place, if anything."""
    row = await tx.row(
        "SELECT file_id, made_at, made_by FROM document_templates"
        " WHERE member_id = $1 AND name = $2 AND made_as = $3",
        member_id,
        template.name,
        template.made_as,
    )
    return None if row is None else Replaced(row["file_id"], row["made_at"], row["made_by"])


async def replace(tx: Transaction, template: Template, upload: Upload) -> None:
    """The acting member puts its own template in place, once a document of the sample came of it.

    Raises TemplateIsWrong with the reason, TemplateTakesTooMuch.
    """
    actor = tx.authorise()
    if template.made_as is Format.DOCX:
        _check_keeps_to_itself(upload.content)
    await render(upload.content, template.made_as, template.sample, tx.now)
    old = await own_template(tx, template, actor.member)
    file_id = await records.keep(tx, upload, member_id=actor.member, made_by=actor.person_id)
    await tx.execute(
        "INSERT INTO document_templates (member_id, name, made_as, file_id, made_at, made_by)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (member_id, name, made_as)"
        " DO UPDATE SET file_id = excluded.file_id, made_at = excluded.made_at,"
        " made_by = excluded.made_by",
        actor.member,
        template.name,
        template.made_as,
        file_id,
        tx.now,
        actor.person_id,
    )
    tx.note(
        "template.replaced",
        actor.member,
        after={"template": f"{template.name}.{template.made_as}", "sha256": upload.sha256.hex()},
    )
    if old is not None:
        await records.remove(tx, old.file_id)


async def restore(tx: Transaction, template: Template) -> None:
    """The acting member goes back to the template that comes with the service; raises NotFound."""
    old = await own_template(tx, template, tx.actor.member_id if tx.actor else None)
    actor = tx.authorise()
    if old is None:
        raise NotFound
    await tx.execute(
        "DELETE FROM document_templates WHERE member_id = $1 AND name = $2 AND made_as = $3",
        actor.member,
        template.name,
        template.made_as,
    )
    tx.note(
        "template.restored",
        actor.member,
        after={"template": f"{template.name}.{template.made_as}"},
    )
    await records.remove(tx, old.file_id)


def _check_keeps_to_itself(content: bytes) -> None:
    """A document that fetches a part of itself from elsewhere is none that one may sign."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if name.endswith(".rels")]
        if any(_REACHES_OUT.search(archive.read(part)) for part in parts):
            reason = "A part of the template lies elsewhere (a linked picture, object or template)."
            raise TemplateIsWrong(reason, reason=reason)
