"""Consents as the operator keeps them: its texts, papers of its people, and who was shown what."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.portal.client import part, together
from services.portal.pages.persons import Form, person_of, require_coordinator, send_form, typed
from services.portal.pages.routes import page
from services.portal.rendering import portal_of, show, visitor_of, words_for
from services.portal.statuses import CONSENT_WORDS, PURPOSES
from services.portal.words import as_local


async def texts(request: Request) -> Response:
    """In which words the own member asks for each consent."""
    require_coordinator(request)
    return show(
        request,
        "consents/texts.html",
        found={text["purpose"]: text for text in await _texts(request)},
        purposes=PURPOSES,
    )


async def _texts(request: Request) -> list[Any]:
    visitor = visitor_of(request)
    found = await portal_of(request).api.get(
        "/membership/consent-texts", visitor.token, member_id=visitor.member_id
    )
    items: list[Any] = found["items"]
    return items


async def text_form(request: Request) -> Response:
    """The words for one purpose, as they are or as they could be."""
    require_coordinator(request)
    purpose = request.query_params.get("purpose", "")
    purpose = purpose if purpose in PURPOSES else next(iter(PURPOSES))
    known = {text["purpose"]: text["words"] for text in await _texts(request)}
    member: Any = visitor_of(request).member
    offered = words_for(request).text(CONSENT_WORDS[purpose], member=member["name"])
    form = Form({"purpose": purpose, "words": known.get(purpose, offered)})
    return await _shown(request, form)


async def publish(request: Request) -> Response:
    """The member asks in these words from now on."""
    require_coordinator(request)
    form = await typed(request)
    body = {"purpose": form["purpose"], "words": form["words"].replace("\r\n", "\n")}

    async def ask() -> None:
        await portal_of(request).api.post(
            "/membership/consent-texts", visitor_of(request).token, body
        )

    async def again(status: int, sentence: str | None) -> Response:
        return await _shown(request, form, status, sentence)

    return await send_form(request, form, ask, again, "/members/consents")


async def _shown(
    request: Request, form: Form, status: int = 200, sentence: str | None = None
) -> Response:
    purpose = form["purpose"] if form["purpose"] in PURPOSES else next(iter(PURPOSES))
    return show(
        request,
        "consents/text_form.html",
        status,
        form=form,
        purpose=purpose,
        sentence=sentence,
    )


async def of_person(request: Request) -> Response:
    """What a person has consented to with us, and who was shown their name."""
    person = await person_of(request)
    form = Form({"given_on": as_local(portal_of(request).clock()).date().isoformat()})
    return await _of_person(request, person, form)


async def _of_person(
    request: Request,
    person: Any,
    form: Form,
    status: int = 200,
    sentence: str | None = None,
) -> Response:
    api, token = portal_of(request).api, visitor_of(request).token
    path = f"/membership/persons/{person['person_id']}"
    consents, disclosures, asked, members = await together(
        part(api.every(f"{path}/consents", token)),
        part(api.get(f"{path}/disclosures", token)),
        _texts(request),
        portal_of(request).directory.members(),
    )
    return show(
        request,
        "consents/of_person.html",
        status,
        person=person,
        consents=consents,
        disclosures=disclosures,
        texts=asked,
        members=members,
        form=form,
        sentence=sentence,
    )


async def record(request: Request) -> Response:
    """A person of ours has consented on paper."""
    person = await person_of(request)
    form = await typed(request)
    text = next((each for each in await _texts(request) if each["id"] == form["text_id"]), None)
    if text is None:
        form.errors["text_id"] = words_for(request).text("Choose from the list.")
        return await _of_person(request, person, form, 422)
    body = {
        "text_id": text["id"],
        "sha256": text["sha256"],
        "given_on": form["given_on"],
        "signatory": "representative" if form["by_representative"] else "person",
        "reference": form["reference"] or None,
    }

    async def ask() -> None:
        await portal_of(request).api.post(
            f"/membership/persons/{person['person_id']}/consents", visitor_of(request).token, body
        )

    async def again(status: int, sentence: str | None) -> Response:
        return await _of_person(request, person, form, status, sentence)

    to = f"/members/persons/{person['person_id']}/consents"
    return await send_form(request, form, ask, again, to)


ROUTES = [
    page("/members/consents", texts),
    page("/members/consents", publish, ["POST"]),
    page("/members/consents/words", text_form),
    page("/members/persons/{known_id:uuid}/consents", of_person),
    page("/members/persons/{known_id:uuid}/consents", record, ["POST"]),
]
