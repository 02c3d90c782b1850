"""Refusals: answers that say no, by name. Anything else that is raised is a bug or a fault."""

from typing import Any, ClassVar


class Refusal(Exception):
    """The rule that is asked says no.

    The first line of a subclass's docstring is the sentence that people read; `code` is what
    programs read; `clause` is the clause of the regulation or law that it enforces, if any.
    Keyword arguments become members of the answer.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    clause: ClassVar[str | None] = None

    def __init__(self, detail: str | None = None, **facts: Any) -> None:
        self.detail = detail or self.title()
        self.facts = facts
        super().__init__(self.detail)

    @classmethod
    def title(cls) -> str:
        """The sentence that names this refusal."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class NotSignedIn(Refusal):
    """Sign in first: the request carries no valid access token."""

    status = 401
    code = "not-signed-in"


class RoleIsMissing(Refusal):
    """Your role does not let you do this."""

    status = 403
    code = "role-missing"


class NotFound(Refusal):
    """There is nothing here, or it is not yours to know."""

    status = 404
    code = "not-found"


class Invalid(Refusal):
    """The request is not understood as it stands."""

    status = 422
    code = "invalid"

    def __init__(
        self, detail: str, at: str | None = None, why: str | None = None, **facts: Any
    ) -> None:
        """`at` is the field that is wrong, `why` a code for what is wrong with it."""
        if at is not None:
            facts["errors"] = [{"at": at, "message": detail, "code": why or self.code}]
        super().__init__(detail, **facts)


class TooLarge(Refusal):
    """The request is larger than this platform takes."""

    status = 413
    code = "too-large"


class TooMany(Refusal):
    """Too many requests in a short time; try again a little later."""

    status = 429
    code = "too-many-requests"


class WrongStatus(Refusal):
    """The present status does not allow this step."""

    code = "wrong-status"


class Unavailable(Refusal):
    """The platform cannot answer at this moment; repeat the request a little later."""

    status = 503
    code = "unavailable"
