"""The users' guide: the same sections in both languages, and every page points to one that exists."""

import re

from services.portal.rendering import TEMPLATES
from tests.portal.conftest import Visitor
from tests.portal.platform import Visit

ANCHOR = re.compile(r'<section id="([a-z]+)"')
CONTENTS = re.compile(r'<li><a href="#([a-z]+)">')
POINTERS = (re.compile(r"/help#([a-z]+)"), re.compile(r"\bguide=\"([a-z]+)\""))


def guide(language: str) -> str:
    return (TEMPLATES / "help" / f"help_{language}.html").read_text("utf-8")


def test_both_languages_have_the_same_sections_in_the_same_order() -> None:
    russian = ANCHOR.findall(guide("ru"))
    assert russian == ANCHOR.findall(guide("en"))
    assert len(russian) == len(set(russian)) > 10


def test_the_contents_of_the_guide_name_every_section() -> None:
    for language in ("ru", "en"):
        assert CONTENTS.findall(guide(language)) == ANCHOR.findall(guide(language))


def test_every_page_points_to_a_section_that_exists() -> None:
    wanted = set()
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text("utf-8")
        wanted |= {name for pointer in POINTERS for name in pointer.findall(text)}
    assert len(wanted) > 5
    assert wanted <= set(ANCHOR.findall(guide("ru")))


def test_the_russian_guide_speaks_plainly() -> None:
    text = re.sub(r"{[{%#].*?[%}#]}|<[^>]*>", " ", guide("ru"), flags=re.DOTALL)
    assert not re.search(r"!|\bнеобходимо\b|\bосуществля", text, re.IGNORECASE)
    latin = set(re.findall(r"[A-Za-z]{2,}", text))
    assert latin <= {"CSV", "XLSX", "ICS", "Tab", "Shift", "Enter", "Esc"}


def test_everybody_may_read_the_guide(stranger: Visit, visitor: Visitor) -> None:
    page = stranger.page("/help")
    assert page.status == 200
    assert page.one("section", id="agreements")
    assert "Как пользоваться" in page.text
    assert stranger.page("/help", Cookie="language=en").one("section", id="agreements")
    assert visitor("coordinator@vyazma").page("/help").one("a", href="#keyboard")
