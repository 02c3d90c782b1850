"""Entity tags: two people who edit one thing do not overwrite each other unseen."""

from typing import Annotated

from fastapi import Header, Response

from shared.refusal import Invalid, Refusal

IfMatch = Annotated[
    str | None, Header(max_length=100, description="The `ETag` that the decision was made on.")
]


class ChangedMeanwhile(Refusal):
    """Somebody changed this since you read it; read it again and decide anew."""

    status = 412
    code = "changed-meanwhile"


def stamp(response: Response, version: int) -> None:
    """Gives the answer the tag of this version."""
    response.headers["ETag"] = f'"{version}"'


def expect(if_match: str | None, version: int) -> None:
    """Raises ChangedMeanwhile unless the version is the one that was read; no tag, no check."""
    if if_match is None or if_match.strip() == "*":
        return
    tags = [tag.strip() for tag in if_match.split(",")]
    if any(len(tag) < 2 or tag[0] != '"' or tag[-1] != '"' for tag in tags):
        raise Invalid('If-Match takes tags in quotes, such as "3".', at="header.If-Match")
    if f'"{version}"' not in tags:
        raise ChangedMeanwhile
