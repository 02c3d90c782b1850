"""Materials of an item: files that the office lays before the council, and everybody may save."""

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Asleep, Problem
from services.portal.pages.agreement_terms import MEDIA_TYPE, name_of
from services.portal.pages.council.meetings import show_meeting
from services.portal.pages.routes import page
from services.portal.pages.steps import No, asked
from services.portal.refusals import words_of
from services.portal.rendering import go, portal_of, visitor_of, words_for


async def add(request: Request) -> Response:
    """Lays a file before the council; a no is said above the agenda."""
    file = (await request.form()).get("file")
    words = words_for(request)
    if not isinstance(file, UploadFile) or not file.filename:
        return await show_meeting(request, 422, sentence=words.text("Choose a file."))
    try:
        await portal_of(request).api.send(
            "POST",
            "/council/materials",
            visitor_of(request).token,
            content=await file.read(),
            media_type=MEDIA_TYPE,
            query={"item_id": request.path_params["item_id"], "file_name": name_of(file)},
        )
    except Problem as problem:
        sentence = words_of(words, problem.code, problem.facts)
        return await show_meeting(request, problem.status, sentence=sentence)
    return go(request, f"/council/meetings/{request.path_params['meeting_id']}")


async def take_back(request: Request) -> Response:
    """Takes a file back."""
    item_id, material_id = (request.path_params[name] for name in ("item_id", "material_id"))
    path = f"/council/items/{item_id}/materials/{material_id}"
    done = await asked(request, path, method="DELETE")
    if isinstance(done, No):
        if done.problem is None:
            raise Asleep("council")
        return await show_meeting(request, done.status, sentence=done.sentence)
    return go(request, f"/council/meetings/{request.path_params['meeting_id']}")


async def download(request: Request) -> Response:
    """A file that lies before the council, to be saved."""
    reply = await portal_of(request).api.send(
        "GET",
        f"/council/materials/{request.path_params['material_id']}/content",
        visitor_of(request).token,
    )
    headers = {"Content-Disposition": reply.headers.get("content-disposition", "attachment")}
    return Response(reply.content, headers=headers, media_type=reply.media_type)


_ITEM = "/council/meetings/{meeting_id:uuid}/items/{item_id:uuid}"
ROUTES = [
    page(f"{_ITEM}/materials", add, ["POST"]),
    page(f"{_ITEM}/materials/{{material_id:uuid}}/remove", take_back, ["POST"]),
    page("/council/materials/{material_id:uuid}.file", download),
]
