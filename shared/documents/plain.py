"""DOCX templates that come with a service, written as plain lines: they can be read and compared.

`# ` a heading, centred; `## ` bold; `> ` to the right; `= ` centred; `- ` an item; lines between `|` a
table's rows; any other line a paragraph. What stands in a line may hold docxtpl's tags.
"""

import functools
import io


@functools.cache
def docx_of(lines: str) -> bytes:
    """The template as a DOCX file."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name = "Times New Roman"
    style.font.size = Pt(12)
    rows: list[list[str]] = []

    def end_table() -> None:
        if rows:
            table = document.add_table(len(rows), max(len(row) for row in rows))
            for cells, row in zip(table.rows, rows, strict=True):
                for cell, text in zip(cells.cells, row, strict=False):
                    cell.text = text
            rows.clear()

    for line in lines.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        end_table()
        mark, _, rest = line.partition(" ")
        text = rest if mark in {"#", "##", ">", "=", "-"} else line
        paragraph = document.add_paragraph(style="List Bullet" if mark == "-" else None)
        run = paragraph.add_run(text)
        run.bold = mark in {"#", "##"}
        if mark in {"#", "="}:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if mark == ">":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    end_table()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
