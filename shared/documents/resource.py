"""The routes of templates, the same in every service: seen, taken home, replaced, restored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from shared.documents import templates as records
from shared.documents.render import KINDS, Format, render
from shared.documents.templates import TEMPLATE_BYTES_MAX, UPLOADED_AS, Template, Templates
from shared.files.resource import FILE_RESPONSES, SAFE_HEADERS, body_of, file_response
from shared.files.types import media_type_of
from shared.files.uploads import read_upload
from shared.paging import Page
from shared.routes import Routes, Tx
from shared.values import Line


class TemplateView(BaseModel):
    """A template: the one that comes with the service, unless `is_own`."""

    name: str
    made_as: Format
    is_own: bool
    replaced_at: datetime | None
    replaced_by: UUID | None
    sample: Mapping[str, Any]


def add_template_routes(routes: Routes, templates: Templates) -> None:
    """Adds `/document-templates` to the routes of a service."""

    @routes.get("/document-templates", may=templates.may)
    async def list_templates(tx: Tx) -> Page[TemplateView]:
        """Which templates there are, and the data that a document of each is made of."""
        tx.authorise()
        return Page(items=[await _view(tx, template) for template in templates.known])

    for template in templates.known:
        _add_one(routes, templates, template)


def _add_one(routes: Routes, templates: Templates, template: Template) -> None:
    path = f"/document-templates/{template.name}.{template.made_as}"
    label = f"{template.name}_{template.made_as}".replace("-", "_")
    kind = UPLOADED_AS[template.made_as]

    @routes.get(
        path,
        may=templates.may,
        response_class=Response,
        responses=FILE_RESPONSES,
        name=f"read_template_{label}",
    )
    async def read_template(tx: Tx) -> Response:
        """The template as it is for the acting member, to be changed."""
        actor = tx.authorise()
        content = await records.source_for(tx, template, actor.member_id)
        name = f"{template.name}.{'typ' if template.made_as is Format.PDF else template.made_as}"
        return Response(
            content,
            media_type=media_type_of(kind),
            headers={
                **SAFE_HEADERS,
                "Content-Disposition": f'attachment; filename="{name}"',
            },
        )

    @routes.get(
        f"{path}/sample",
        may=templates.may,
        response_class=Response,
        responses=FILE_RESPONSES,
        name=f"read_sample_{label}",
    )
    async def read_sample(tx: Tx) -> Response:
        """What a document of the sample data looks like, by the acting member's template."""
        actor = tx.authorise()
        content = await records.source_for(tx, template, actor.member_id)
        document = await render(content, template.made_as, template.sample, tx.now)
        made_as = template.made_as
        return file_response(f"{template.name}.{made_as}", KINDS[made_as], document)

    @routes.post(
        path,
        may=templates.may,
        body_bytes_max=TEMPLATE_BYTES_MAX,
        openapi_extra=body_of({kind}),
        name=f"replace_template_{label}",
    )
    async def replace_template(request: Request, tx: Tx, file_name: Line) -> TemplateView:
        """Puts the acting member's own template in place, once it was tried on the sample."""
        tx.authorise()
        upload = await read_upload(request, file_name, {kind}, TEMPLATE_BYTES_MAX)
        await records.replace(tx, template, upload)
        return await _view(tx, template)

    @routes.delete(path, may=templates.may, name=f"restore_template_{label}")
    async def restore_template(tx: Tx) -> TemplateView:
        """Goes back to the template that comes with the service."""
        await records.restore(tx, template)
        return await _view(tx, template)


async def _view(tx: Tx, template: Template) -> TemplateView:
    member_id = tx.actor.member_id if tx.actor else None
    own = await records.own_template(tx, template, member_id)
    return TemplateView(
        name=template.name,
        made_as=template.made_as,
        is_own=own is not None,
        replaced_at=own.made_at if own else None,
        replaced_by=own.made_by if own else None,
        sample=template.sample,
    )
