"""Documents that an applicant adds by a letter's link, opens, and takes back."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import Problem, Reply
from services.portal.pages.agreement_terms import MEDIA_TYPE, name_of
from services.portal.pages.joining import over, show_status
from services.portal.pages.routes import page
from services.portal.refusals import words_of
from services.portal.rendering import portal_of, words_for


async def add(request: Request) -> Response:
    """Adds a document; a no is said beside the field."""
    form = await request.form()
    token, file = str(form.get("token", "")), form.get("file")
    words = words_for(request)
    if not isinstance(file, UploadFile) or not file.filename:
        return await _again(request, token, 422, words.text("Choose a file."))
    query = {"kind": str(form.get("kind", "")), "file_name": name_of(file)}
    try:
        reply = await _asked(
            request,
            "POST",
            "",
            token,
            content=await file.read(),
            media_type=MEDIA_TYPE,
            query=query,
        )
    except Problem as problem:
        if problem.code == "link-over":
            return over(request, problem)
        sentence = words_of(words, problem.code, problem.facts)
        return await _again(request, token, problem.status, sentence)
    return show_status(request, reply.body, token=token)


async def take_back(request: Request) -> Response:
    """Takes a document back."""
    token = str((await request.form()).get("token", ""))
    try:
        reply = await _asked(request, "DELETE", f"/{request.path_params['file_id']}", token)
    except Problem as problem:
        if problem.code == "wrong-status":
            sentence = words_of(words_for(request), problem.code, problem.facts)
            return await _again(request, token, problem.status, sentence)
        return over(request, problem)
    return show_status(request, reply.body, token=token)


async def open_document(request: Request) -> Response:
    """A document of the own application, to be saved."""
    token = str((await request.form()).get("token", ""))
    try:
        reply = await _asked(request, "GET", f"/{request.path_params['file_id']}", token)
    except Problem as problem:
        return over(request, problem)
    headers = {"Content-Disposition": reply.headers.get("content-disposition", "attachment")}
    return Response(reply.content, headers=headers, media_type=reply.media_type)


async def _asked(request: Request, method: str, path: str, token: str, **options: Any) -> Reply:
    return await portal_of(request).api.send(
        method, f"/membership/applications/documents{path}", link_token=token, **options
    )


async def _again(request: Request, token: str, status: int, sentence: str) -> Response:
    """The application once more, with what was wrong with the file."""
    try:
        found = await portal_of(request).api.post(
            "/membership/applications/look", body={"token": token}
        )
    except Problem as problem:
        return over(request, problem)
    return show_status(request, found, status, token=token, errors={"file": sentence})


ROUTES = [
    page("/join/documents", add, ["POST"], public=True),
    page("/join/documents/{file_id:uuid}/open", open_document, ["POST"], public=True),
    page("/join/documents/{file_id:uuid}/take-back", take_back, ["POST"], public=True),
]
