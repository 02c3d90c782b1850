"""Gathers the texts of code and templates into the catalogues that are translated: `make texts`."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from services.portal.words import DEFAULT, LOCALE

HERE = Path(__file__).resolve().parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {
    "templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"},
}
KEYWORDS = {"_": None, "N_": None, "text": None, "plural": (1, 2), "ngettext": (1, 2)}
LEFT_OUT = {"node_modules", "locale", "static", "__pycache__"}

Ids = str | tuple[str, ...]


def gathered() -> list[Ids]:
    """Every text, in order of file and place; a pair of forms where it goes with a number."""
    found = extract_from_dir(
        HERE,
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
        directory_filter=lambda folder: Path(folder).name not in LEFT_OUT,
    )
    ids: dict[str, Ids] = {}
    for _file, _line, message, _comments, _context in found:
        first = message if isinstance(message, str) else message[0]
        if isinstance(message, tuple) or first not in ids:
            ids[first] = message
    return list(ids.values())


def catalogue_of(language: str) -> Catalog:
    """The catalogue as it is kept."""
    with _file_of(language).open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> str:
    """The catalogue with every text of today, what is translated already, and nothing else."""
    old = catalogue_of(language)
    new = Catalog(language)
    for message in gathered():
        first = message if isinstance(message, str) else message[0]
        known = old.get(first)
        is_same = known is not None and isinstance(known.id, str) == isinstance(message, str)
        new.add(message, known.string if known is not None and is_same else None)
    written = io.BytesIO()
    write_po(written, new, width=0, no_location=True, omit_header=True)
    head = (
        f'# Texts of the portal.\nmsgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {new.plural_forms}\\n"\n\n'
    )
    return head + written.getvalue().decode()


def _file_of(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "artel.po"


if __name__ == "__main__":
    _file_of(DEFAULT).write_text(renewed(DEFAULT), "utf-8")
