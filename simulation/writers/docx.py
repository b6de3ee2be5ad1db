"""A text of Word."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulation.writers.package import OFFICE, PACKAGE, package

if TYPE_CHECKING:
    from simulation.grid import Block, Grid

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def as_docx(blocks: Sequence[Block], notice: str = "") -> bytes:
    """A text with gridSpan and vMerge; a line of a cell is a paragraph. `notice` stands at the head of every page."""
    body = "".join(_word_paragraphs(block) if isinstance(block, str) else _word_table(block) for block in blocks)
    body += "<w:p/>"  # no table stands last
    parts = {}
    if notice:
        body += '<w:sectPr><w:headerReference w:type="default" r:id="rId1"/></w:sectPr>'
        parts["word/header1.xml"] = f'<w:hdr xmlns:w="{_WORD}">{_word_paragraphs(notice)}</w:hdr>'
        relation = f'<Relationship Id="rId1" Type="{OFFICE}/header" Target="header1.xml"/>'
        parts["word/_rels/document.xml.rels"] = (
            f'<Relationships xmlns="{PACKAGE}/relationships">{relation}</Relationships>'
        )
    document = f'<w:document xmlns:w="{_WORD}" xmlns:r="{OFFICE}"><w:body>{body}</w:body></w:document>'
    return package("word/document.xml", {"word/document.xml": document, **parts})


def _word_paragraphs(text: str) -> str:
    line = '<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>'
    return "".join(line.format(html.escape(part, quote=False)) for part in text.split("\n"))


def _word_table(grid: Grid) -> str:
    columns = "".join(f'<w:gridCol w:w="{120 * width}"/>' for width in grid.widths)
    rows: list[list[tuple[int, str]]] = [[] for _ in range(grid.rows)]
    for box in grid.boxes:
        for step in range(box.rows):
            merge = "" if box.rows == 1 else '<w:vMerge w:val="restart"/>' if step == 0 else "<w:vMerge/>"
            content = _word_paragraphs(box.text if step == 0 else "")
            properties = f'<w:tcPr><w:gridSpan w:val="{box.columns}"/>{merge}</w:tcPr>'
            rows[box.row + step].append((box.column, f"<w:tc>{properties}{content}</w:tc>"))
    body = ""
    for number, row in enumerate(rows):
        repeated = "<w:trPr><w:tblHeader/></w:trPr>" if number < grid.header else ""
        body += f"<w:tr>{repeated}{''.join(cell for _, cell in sorted(row))}</w:tr>"
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl>"
