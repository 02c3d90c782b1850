"""A process that makes one document and ends; what it reads from its input may be anybody's template.

It opens no file and no connection once it has its libraries, gets no environment and no secret, and
is bounded in time and memory, so a template can do no more than fail.
"""

import base64
import contextlib
import io
import json
import sys
from datetime import datetime
from typing import Any

MEMORY_BYTES_MAX = 2_000_000_000
WRONG = 3
"""The exit status for a template that is wrong; the reason stands on the standard error."""


def make(made_as: str, template: bytes, data: dict[str, Any], made_at: datetime | None) -> bytes:
    """A document, in this process: for templates that are our own."""
    return _pdf(template, data, made_at) if made_as == "pdf" else _docx(template, data, made_at)


def _docx(template: bytes, data: dict[str, Any], made_at: datetime | None) -> bytes:
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    document = DocxTemplate(io.BytesIO(template))
    document.render(data, environment, autoescape=True)
    if made_at is not None:
        properties = document.docx.core_properties
        properties.created = properties.modified = made_at.replace(tzinfo=None)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _pdf(template: bytes, data: dict[str, Any], made_at: datetime | None) -> bytes:
    import typst

    compiler = typst.Compiler(
        template,
        ignore_system_fonts=True,  # those that come with it have Cyrillic, and are the same anywhere
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    moment = made_at.replace(microsecond=0) if made_at else None
    made: Any = compiler.compile(format="pdf", timestamp=moment)
    return bytes(made)


def _warm_up(kind: str) -> None:
    """Makes a document of nothing, so that every part of the library is loaded."""
    if kind == "pdf":
        _pdf(b"#json(bytes(sys.inputs.data)).a", {"a": "b"}, None)
        return
    import docx

    empty = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("{% for a in b %}{{ a }}{% endfor %}")
    document.save(empty)
    _docx(empty.getvalue(), {"b": ["c"]}, None)
    with contextlib.suppress(Exception):  # the words for what is wrong are loaded too
        _docx(empty.getvalue(), {}, None)


def _shut_in(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # no such bounds on this system; the time limit of the caller stays
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def main() -> int:
    """Reads what to make as JSON, writes the document."""
    asked = json.load(sys.stdin)
    template = base64.b64decode(asked["template"])
    made_at = datetime.fromisoformat(asked["made_at"]) if asked["made_at"] else None
    _warm_up(asked["kind"])
    _shut_in(asked["seconds"])
    try:
        document = make(asked["kind"], template, asked["data"], made_at)
    except MemoryError:
        raise
    except Exception as error:  # whatever it is, it is the template's: all else was tried before
        reason = getattr(error, "diagnostic", None) or f"{type(error).__name__}: {error}"
        line = getattr(error, "lineno", None)
        sys.stderr.write(f"line {line}: {reason}" if line else str(reason))
        return WRONG
    sys.stdout.buffer.write(document)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
