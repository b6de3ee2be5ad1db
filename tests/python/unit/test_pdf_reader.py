"""The PDF reader: small PDFs written here, hand-checked cells of published ones, and pdfplumber as second opinion."""

from __future__ import annotations

import io
import logging
import random
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pytest

from loaders.document import Cell, Document, Paragraph, Table
from loaders.errors import RefusedDocument
from loaders.readers import pdf, typeset
from loaders.readers.lattice import Rule, find_grids

# --- a writer of small PDFs --------------------------------------------------------------------------------------

ADVANCE = 0.6  # em: every character of Courier
# What the letters of font F2 mean: two radicals, a soft hyphen and a letter of the private use area.
_MEANINGS = {"A": "2F64", "B": "2ED4", "C": "00AD", "D": "E001", "E": "7528"}


@dataclass
class Page:
    """Drawing operators of a page, in points from the lower left corner."""

    width: float = 600
    height: float = 800
    rotate: int = 0
    images: bool = False
    forms: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → (matrix, operators)
    operators: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float = 10, font: str = "F1") -> Page:
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        self.operators.append(f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET")
        return self

    def image(self, x: float, y: float, width: float, height: float) -> Page:
        self.operators.append(f"q {width} 0 0 {height} {x} {y} cm /Im Do Q")
        return self

    def right(self, x: float, y: float, text: str, size: float = 10) -> Page:
        return self.text(x - ADVANCE * size * len(text), y, text, size)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> Page:
        self.operators.append(f"{x0} {y0} m {x1} {y1} l S")
        return self

    def fill(self, x: float, y: float, width: float, height: float, grey: float = 0) -> Page:
        self.operators.append(f"q {grey} g {x} {y} {width} {height} re f Q")
        return self

    def grid(self, xs: Sequence[float], ys: Sequence[float]) -> Page:
        for x in xs:
            self.line(x, min(ys), x, max(ys))
        for y in ys:
            self.line(min(xs), y, max(xs), y)
        return self

    def cells(self, xs: Sequence[float], ys: Sequence[float], rows: Sequence[Sequence[str]]) -> Page:
        """Texts at the left of the places of a grid; `ys` from top to bottom."""
        for top, row in zip(ys, rows, strict=False):
            for x, text in zip(xs, row, strict=False):
                if text:
                    self.text(x + 3, top - 13, text)
        return self

    def table(self, xs: Sequence[float], top: float, rows: Sequence[Sequence[str]], step: float = 20) -> Page:
        ys = [top - step * i for i in range(len(rows) + 1)]
        return self.grid(xs, ys).cells(xs, ys, rows)


def write(*pages: Page, encrypt: bool = False) -> bytes:
    """Pages → the bytes of a PDF."""
    meanings = "".join(f"<{ord(letter):02X}> <{code}>\n" for letter, code in _MEANINGS.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n"
        f"{len(_MEANINGS)} beginbfchar\n{meanings}endbfchar endcmap end end"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /ToUnicode 5 0 R >>",
        _stream(cmap.encode()),
        _stream(
            b"\x80" * 64,
            "/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8",
        ),
    ]
    kids = []
    for page in pages:
        drawn = [f"q {page.width} 0 0 {page.height} 0 0 cm /Im Do Q"] if page.images else []
        names = ""
        for name, (matrix, operators) in page.forms.items():
            resources = "/Resources << /Font << /F1 3 0 R >> >>"
            head = f"/Type /XObject /Subtype /Form /BBox [-9999 -9999 9999 9999] /Matrix [{matrix}] {resources}"
            objects.append(_stream(operators.encode("latin-1"), head))
            names += f"/{name} {len(objects)} 0 R "
            drawn.append(f"/{name} Do")
        objects.append(_stream("\n".join(drawn + page.operators).encode("latin-1")))
        objects.append(
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width} {page.height}] /Rotate {page.rotate} "
                f"/Contents {len(objects)} 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> "
                f"/XObject << /Im 6 0 R {names}>> >> >>"
            ).encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    trailer = "/Root 1 0 R"
    if encrypt:
        owner, user = b"<" + b"5A" * 32 + b">", b"<" + b"A5" * 32 + b">"
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /P -4 /O " + owner + b" /U " + user + b" >>")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<{'0' * 32}> <{'0' * 32}>]"
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _stream(data: bytes, head: str = "") -> bytes:
    packed = zlib.compress(data)
    return f"<< {head} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


def tables(document: Document) -> list[list[list[str]]]:
    return [[row.texts for row in block.rows] for block in document.blocks if isinstance(block, Table)]


def paragraphs(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def places(document: Document) -> list[str]:
    return [str(cell.place) for cell in document.cells()]


def refusal(data: bytes) -> str:
    with pytest.raises(RefusedDocument) as caught:
        pdf.read(data)
    assert "\n" not in caught.value.reason
    return caught.value.code


XS = (50, 150, 250, 350)
ROWS = [["Item", "Budget", "Final"], ["Staff", "1,200.00", "1,100.50"], ["Goods", "300.00", ""]]


# --- ruled tables ------------------------------------------------------------------------------------------------


def test_a_ruled_table_between_its_title_and_a_note() -> None:
    page = Page().text(200, 760, "Budget of the year", 16).text(50, 730, "Body: Office").right(350, 730, "Unit: yuan")
    document = pdf.read(write(page.table(XS, 720, ROWS).text(50, 640, "Note: none")))

    assert tables(document) == [ROWS]
    assert paragraphs(document) == ["Budget of the year", "Body: Office", "Unit: yuan", "Note: none"]
    assert document.media_type == "application/pdf"
    assert document.encoding == ""
    assert document.line_count == 4 + 3
    assert document.notices == ()
    assert places(document)[:4] == ["page 1 line 1", "page 1 line 2", "page 1 line 2", "page 1 table 1 R1C1"]
    assert places(document)[-2:] == ["page 1 table 1 R3C3", "page 1 line 3"]
    assert [cell.no for cell in document.cells()] == list(range(1, 14))


def test_merged_cells_keep_their_text_at_the_top_left() -> None:
    page = Page()
    for y in (700, 680, 660, 640):
        page.line(150 if y == 680 else 50, y, 350, y)
    for x, top in ((50, 700), (150, 700), (250, 680), (350, 700)):
        page.line(x, top, x, 640)
    page.text(53, 677, "Item").text(210, 687, "Money").text(153, 667, "Budget").text(253, 667, "Final")
    page.text(53, 647, "Staff").text(153, 647, "1.00").text(253, 647, "2.00")

    document = pdf.read(write(page))

    assert tables(document) == [[["Item", "Money", ""], ["", "Budget", "Final"], ["Staff", "1.00", "2.00"]]]


def test_rules_in_every_manner_of_drawing_give_the_same_table() -> None:
    ys = (720, 700, 680, 660)
    rectangles, pieces, doubled, boxes = Page(), Page(), Page(), Page()
    for x in XS:
        rectangles.fill(x - 0.25, 660, 0.5, 60)
        for y in ys[1:]:
            pieces.line(x, y + 1, x, y + 19)  # short of the corners
        doubled.line(x, 660, x, 720).line(x + 1.5, 660, x + 1.5, 720)
    for y in ys:
        rectangles.fill(50, y - 0.25, 300, 0.5)
        for x in range(50, 350, 10):
            pieces.line(x, y, x + 9, y)
        doubled.line(50, y, 350, y).line(50, y + 2.5, 350, y + 2.5)
    for x in XS[:-1]:
        for y in ys[1:]:
            boxes.operators.append(f"{x} {y} 100 20 re S")
    one_path = Page()
    one_path.operators.append(
        " ".join([f"{x} 660 m {x} 720 l" for x in XS] + [f"50 {y} m 350 {y} l" for y in ys]) + " S"
    )
    for page in (rectangles, pieces, doubled, boxes, one_path):
        assert tables(pdf.read(write(page.cells(XS, ys, ROWS)))) == [ROWS]


def test_a_missing_border_is_where_the_other_lines_end() -> None:
    ys = (720, 700, 680, 660)
    page = Page()
    for y in ys[1:-1]:
        page.line(50, y, 350, y)
    for x in XS[1:-1]:
        page.line(x, 660, x, 720)

    assert tables(pdf.read(write(page.cells(XS, ys, ROWS)))) == [ROWS]


def test_a_column_line_that_is_not_at_the_same_place_in_each_row_is_one_column() -> None:
    page = Page().grid((50, 350), (720, 700, 680, 660))
    page.line(170, 720, 170, 700).line(150, 700, 150, 660).line(250, 720, 250, 660)
    page.text(60, 707, "Code").text(180, 707, "Name").text(260, 707, "Sum")
    page.text(60, 687, "201").text(152, 687, "AB").text(260, 687, "1.00")
    page.text(60, 667, "202").text(152, 667, "CD").text(260, 667, "2.00")

    assert tables(pdf.read(write(page))) == [[["Code", "Name", "Sum"], ["201", "AB", "1.00"], ["202", "CD", "2.00"]]]


def test_lines_nobody_sees_and_shading_are_no_rules() -> None:
    page = Page().fill(40, 640, 400, 100, grey=0.9).table(XS, 720, ROWS)
    page.fill(100, 660, 0.5, 60, grey=1)
    page.operators.append("q 1 G 200 660 m 200 720 l S Q")

    assert tables(pdf.read(write(page))) == [ROWS]


def test_underlined_prose_and_a_frame_around_a_page_are_no_tables() -> None:
    page = Page().text(60, 700, "The total is 1,200.00 for 2024").line(130, 698, 190, 698).line(200, 690, 260, 690)
    page.operators.append("20 20 560 760 re S")

    document = pdf.read(write(page))

    assert tables(document) == []
    assert paragraphs(document) == ["The total is 1,200.00 for 2024"]


def test_a_table_inside_of_a_cell_is_a_table_of_its_own() -> None:
    page = Page().grid((50, 150, 550), (720, 600, 560)).text(60, 700, "Goals").text(160, 700, "Inner:")
    page.table((200, 260, 320), 680, [["A", "1.0"], ["B", "2.0"]]).text(60, 570, "End")

    assert tables(pdf.read(write(page))) == [[["Goals", "Inner:"], ["End", ""]], [["A", "1.0"], ["B", "2.0"]]]


def test_tables_in_a_form_object_are_placed_by_its_matrix() -> None:
    inner = Page().table(XS, 720, ROWS)
    outside = Page().table(XS, 720, ROWS)
    outside.forms["Fm"] = ("0.5 0 0 0.5 100 50", "\n".join(inner.operators))

    assert tables(pdf.read(write(outside))) == [ROWS, ROWS]


def test_wrapped_cells_are_joined_and_numbers_keep_together() -> None:
    page = Page().grid((50, 150, 220), (720, 680)).text(53, 708, "Communication").text(53, 692, "s centre")
    page.text(153, 708, "22,186,44").text(153, 692, "0.80")

    assert tables(pdf.read(write(page))) == [[["Communication s centre", "22,186,440.80"]]]


def test_a_drawing_of_very_many_lines_is_not_taken_for_tables() -> None:
    lines = [Rule(5.0 * i, 0, 10) for i in range(6000)]

    assert find_grids(lines, [Rule(0, 0, 30000), Rule(10, 0, 30000)]) == []


# --- rotation ----------------------------------------------------------------------------------------------------

_TURNED = {90: "0 1 -1 0 {h} 0", 180: "-1 0 0 -1 {w} {h}", 270: "0 -1 1 0 0 {w}"}


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_turned_page_reads_as_the_reader_sees_it(degrees: int, is_asked: bool) -> None:
    """The content is drawn turned; the page asks for the opposite turn, or leaves that to the reader's neck."""
    upright = Page(800, 600).text(300, 560, "Title").table(XS, 520, ROWS).text(50, 420, "Note: none")
    width, height = (600, 800) if degrees != 180 else (800, 600)
    matrix = _TURNED[degrees].format(w=800, h=600)
    turned = Page(width, height, rotate=degrees if is_asked else 0, operators=[f"{matrix} cm", *upright.operators])

    one, other = pdf.read(write(upright)), pdf.read(write(turned))

    assert tables(other) == tables(one) == [ROWS]
    assert paragraphs(other) == paragraphs(one) == ["Title", "Note: none"]


# --- tables without rules ----------------------------------------------------------------------------------------


def _aligned() -> Page:
    page = Page().text(200, 760, "Expenditure").text(50, 740, "Body: Office").right(500, 740, "Unit: yuan")
    page.text(50, 720, "Item").right(300, 720, "Total").right(400, 720, "Basic").right(500, 720, "Project")
    for i, (label, *amounts) in enumerate(
        [
            ("Public service", "1,200.00", "1,000.00", "200.00"),
            ("Staff", "1,000.00", "1,000.00", ""),
            ("Machines and tools", "200.00", "", "200.00"),
            ("Total", "2,400.00", "2,000.00", "400.00"),
        ]
    ):
        y = 704 - 16 * i
        page.text(50, y, label)
        for x, amount in zip((300, 400, 500), amounts, strict=True):
            if amount:
                page.right(x, y, amount)
    return page


def test_a_table_without_rules_has_the_columns_of_its_gaps() -> None:
    document = pdf.read(write(_aligned().text(50, 620, "Note: the figures are those of the year before.")))

    assert tables(document) == [
        [
            ["Item", "Total", "Basic", "Project"],
            ["Public service", "1,200.00", "1,000.00", "200.00"],
            ["Staff", "1,000.00", "1,000.00", ""],
            ["Machines and tools", "200.00", "", "200.00"],
            ["Total", "2,400.00", "2,000.00", "400.00"],
        ]
    ]
    assert paragraphs(document) == [
        "Expenditure",
        "Body: Office",
        "Unit: yuan",
        "Note: the figures are those of the year before.",
    ]


def test_rules_across_alone_leave_the_columns_to_the_gaps() -> None:
    page = _aligned()
    for y in (732, 716, 650):
        page.line(50, y, 500, y)

    assert tables(pdf.read(write(page))) == tables(pdf.read(write(_aligned())))


def test_a_table_without_rules_goes_on_on_the_next_page() -> None:
    second = Page()
    for i, total in enumerate(("7.00", "80.00", "1,900.00")):
        second.text(50, 760 - 16 * i, f"Item {i}").right(300, 760 - 16 * i, total)
        second.right(400, 760 - 16 * i, total).right(500, 760 - 16 * i, "0.00")

    document = pdf.read(write(_aligned(), second))

    assert [len(rows) for rows in tables(document)] == [8]
    assert tables(document)[0][-1] == ["Item 2", "1,900.00", "1,900.00", "0.00"]
    assert places(document)[-1] == "page 2 table 1 R3C4"


def test_contents_lists_and_two_lines_of_figures_stay_text() -> None:
    page = Page().text(50, 760, "Contents")
    for i, (title, number) in enumerate([("Duties", "1"), ("Tables", "3"), ("Notes", "3"), ("Terms", "12")]):
        page.text(50, 740 - 16 * i, title).right(500, 740 - 16 * i, number)
    page.text(50, 600, "Staff").right(500, 600, "1,000.00").text(50, 584, "Goods").right(500, 584, "2,000.00")

    document = pdf.read(write(page))

    assert tables(document) == []
    assert paragraphs(document)[:3] == ["Contents", "Duties", "1"]
    assert paragraphs(document)[-2:] == ["Goods", "2,000.00"]


# --- over page breaks --------------------------------------------------------------------------------------------


def test_a_table_goes_on_on_the_next_page_without_its_repeated_header() -> None:
    head = ["Code", "Name", "Sum"]
    first = Page().text(200, 760, "Table").table(XS, 720, [head, ["201", "A", "1.00"], ["202", "B", "2.00"]])
    second = Page().table(XS, 760, [head, ["203", "C", "3.00"]]).text(300, 20, "2")

    document = pdf.read(write(first.text(300, 20, "1"), second))

    assert tables(document) == [[head, ["201", "A", "1.00"], ["202", "B", "2.00"], ["203", "C", "3.00"]]]
    assert "page 1 table 1 R3C1" in places(document)
    assert places(document).count("page 2 table 1 R2C3") == 1
    assert "page 2 table 1 R1C1" not in places(document)
    assert paragraphs(document) == ["Table", "1", "2"]


def test_a_head_and_a_foot_on_every_page_do_not_cut_what_goes_on() -> None:
    head = ["Code", "Name", "Sum"]
    first = Page().text(60, 780, "Bureau of Roads").text(200, 760, "Table").table(XS, 720, [head, ["201", "A", "1.00"]])
    second = Page().text(60, 780, "Bureau of Roads").table(XS, 760, [["202", "B", "2.00"]])
    third = Page(height=600).text(60, 580, "Bureau of Roads").table(XS, 560, [["203", "C", "3.00"]])
    for number, page in enumerate((first, second, third), start=1):
        page.text(60, 30, f"Budget 2024, sheet {number}").text(300, 20, f"{number}")

    document = pdf.read(write(first, second, third))

    assert tables(document) == [[head, ["201", "A", "1.00"], ["202", "B", "2.00"], ["203", "C", "3.00"]]]
    assert paragraphs(document).count("Bureau of Roads") == 3
    assert [text for text in paragraphs(document) if "sheet" in text] == [
        "Budget 2024, sheet 1",
        "Budget 2024, sheet 2",
        "Budget 2024, sheet 3",
    ]


def test_a_numbered_head_and_a_line_at_another_height_cut_tables() -> None:
    def page(text: str, y: float) -> Page:
        return Page().text(60, y, text).table(XS, 720, ROWS)

    numbered = pdf.read(write(page("Table 1", 760), page("Table 2", 760)))
    elsewhere = pdf.read(write(page("Money", 760), page("Money", 740)))

    for document in (numbered, elsewhere):
        assert len(tables(document)) == 2


def test_a_header_that_differs_and_rows_that_repeat_an_amount_are_kept() -> None:
    first = Page().table(XS, 720, [["Code", "Name", "Sum"], ["201", "A", "1.00"]])
    second = Page().table(XS, 760, [["Code", "Name", "Total"], ["203", "C", "3.00"]])
    assert len(tables(pdf.read(write(first, second)))[0]) == 4

    plain = Page().table(XS, 720, [["201", "A", "1.00"], ["202", "B", "2.00"]])
    again = Page().table(XS, 760, [["201", "A", "1.00"], ["203", "C", "3.00"]])
    assert len(tables(pdf.read(write(plain, again)))[0]) == 4


def test_the_last_page_may_have_fewer_column_lines() -> None:
    first = Page().table(XS, 720, [["Code", "Name", "Sum"], ["201", "A", "1.00"]])
    second = Page().table((60, 260, 360), 760, [["Total", "1.00"]])  # merged, and moved by ten points

    assert tables(pdf.read(write(first, second))) == [
        [["Code", "Name", "Sum"], ["201", "A", "1.00"], ["Total", "", "1.00"]]
    ]


def test_the_next_table_is_not_the_rest_of_this_one() -> None:
    def titled(name: str) -> Page:
        page = Page().line(50, 740, 350, 740).line(50, 740, 50, 720).line(350, 740, 350, 720)
        return page.text(180, 725, "Project form").table(XS, 720, [["Name", name, ""], ["Sum", "1.00", ""]])

    by_title_inside = pdf.read(write(titled("Roads"), titled("Parks")))
    by_columns = pdf.read(write(Page().table(XS, 720, ROWS), Page().table((50, 120, 300, 350), 760, ROWS)))
    by_title_between = pdf.read(write(Page().table(XS, 720, ROWS), Page().text(50, 770, "Two").table(XS, 760, ROWS)))

    for document in (by_title_inside, by_columns, by_title_between):
        assert len(tables(document)) == 2


def test_a_word_that_a_page_break_cut_is_one_word() -> None:
    first = Page().table(XS, 720, [["Code", "Name", "Sum"], ["201", "Administration", "1.00"]])
    second = Page().table(XS, 760, [["", "s", ""], ["202", "B", "2.00"]])

    document = pdf.read(write(first, second))

    assert tables(document) == [[["Code", "Name", "Sum"], ["201", "Administration s", "1.00"], ["202", "B", "2.00"]]]
    assert "page 1 table 1 R2C2 to page 2 table 1 R1C2" in places(document)
    assert "page 1 table 1 R2C1" in places(document)


def test_prose_is_joined_over_lines_and_pages_and_split_where_a_heading_begins() -> None:
    def prose(page: Page, y: float, x: float, text: str) -> Page:
        return page.text(x, y, text)

    full = "x" * 73
    first = Page().text(200, 770, "A title")
    prose(first, 740, 80, full)
    prose(first, 720, 60, "y" * 77)
    prose(first, 700, 60, "the end.")
    prose(first, 680, 80, "1. " + "z" * 70)
    prose(first, 660, 60, "2. " + "z" * 74)
    prose(first, 640, 60, "w" * 77)
    first.text(300, 20, "1")
    second = Page()
    prose(second, 760, 60, "goes on.")
    prose(second, 740, 80, "Short one.")
    prose(second, 720, 60, "v" * 77)

    document = pdf.read(write(first, second))

    assert paragraphs(document) == [
        "A title",
        f"{full} {'y' * 77} the end.",
        "1. " + "z" * 70,
        f"2. {'z' * 74} {'w' * 77} goes on.",
        "1",
        "Short one.",
        "v" * 77,
    ]
    assert "page 1 line 2 to line 4" in places(document)
    assert "page 1 line 6 to page 2 line 1" in places(document)


# --- boxes -------------------------------------------------------------------------------------------------------


def boxes(document: Document) -> dict[str, tuple[int, ...] | None]:
    """The box of each place in whole points; of several texts at one place that of the last."""
    return {
        str(cell.place): tuple(round(edge) for edge in cell.place.box) if cell.place.box else None
        for cell in document.cells()
    }


def test_a_cell_has_the_box_between_its_lines() -> None:
    """Hand-made: the page is 800 points high, so a line at y = 700 is 100 points below its upper edge."""
    page = Page()
    for y in (700, 680, 660, 640):
        page.line(150 if y == 680 else 50, y, 350, y)
    for x, top in ((50, 700), (150, 700), (250, 680), (350, 700)):
        page.line(x, top, x, 640)
    page.text(53, 677, "Item").text(210, 687, "Money").text(153, 667, "Budget").text(253, 667, "Final")

    found = boxes(pdf.read(write(page)))

    assert found["page 1 table 1 R1C1"] == (50, 100, 150, 140)  # merged down
    assert found["page 1 table 1 R1C2"] == (150, 100, 350, 120)  # merged across
    assert found["page 1 table 1 R2C3"] == (250, 120, 350, 140)
    assert found["page 1 table 1 R3C1"] == (50, 140, 150, 160)  # an empty cell has one too


@pytest.mark.parametrize(
    ("degrees", "is_asked", "cell", "note"),
    [
        *((degrees, True, (150, 100, 250, 120), (50, 171, 110, 182)) for degrees in (90, 180, 270)),
        # Viewers show the text lying, and the box is where they show it: 600 points wide, 800 high, or upside down.
        (90, False, (100, 550, 120, 650), (171, 690, 182, 750)),
        (180, False, (550, 480, 650, 500), (690, 418, 750, 429)),
        (270, False, (480, 150, 500, 250), (418, 50, 429, 110)),
    ],
)
def test_boxes_are_where_viewers_show_a_turned_page(
    degrees: int, is_asked: bool, cell: tuple[int, ...], note: tuple[int, ...]
) -> None:
    upright = Page(800, 600).table(XS, 520, ROWS).text(50, 420, "Note: none")
    width, height = (600, 800) if degrees != 180 else (800, 600)
    matrix = _TURNED[degrees].format(w=800, h=600)
    turned = Page(width, height, rotate=degrees if is_asked else 0, operators=[f"{matrix} cm", *upright.operators])

    found = boxes(pdf.read(write(turned)))

    assert found["page 1 table 1 R2C2"] == cell
    # "Note: none" is 60 points long, its baseline 180 below the upper edge; how high letters reach may be argued.
    assert found["page 1 line 1"] == pytest.approx(note, abs=2)


def test_without_lines_a_cell_has_the_box_of_its_text() -> None:
    found = boxes(pdf.read(write(_aligned())))

    # "1,000.00" is 48 points long and ends at 400; its baseline is 112 points below the upper edge.
    assert found["page 1 table 1 R3C3"] == pytest.approx((352, 103, 400, 114), abs=2)
    assert found["page 1 table 1 R3C4"] is None  # nothing is printed there
    assert found["page 1 line 1"] == pytest.approx((200, 31, 266, 42), abs=2)


def test_a_table_over_two_pages_has_its_boxes_on_both() -> None:
    head = ["Code", "Name", "Sum"]
    first = Page().table(XS, 720, [head, ["201", "Administration", "1.00"]])
    rest = Page().table(XS, 760, [head, ["203", "C", "3.00"]])
    wider = Page().table((60, 260, 360), 760, [["Total", "1.00"]])
    cut = Page().table(XS, 760, [["", "s", ""], ["202", "B", "2.00"]])

    assert boxes(pdf.read(write(first, rest)))["page 2 table 1 R2C3"] == (250, 60, 350, 80)
    assert boxes(pdf.read(write(first, wider)))["page 2 table 1 R1C1"] == (60, 40, 260, 60)
    assert boxes(pdf.read(write(first, wider)))["page 2 table 1 R1C3"] == (260, 40, 360, 60)
    over = boxes(pdf.read(write(first, cut)))
    assert over["page 1 table 1 R2C2 to page 2 table 1 R1C2"] == (150, 100, 250, 120)  # what is of it on its first page
    assert over["page 2 table 1 R2C2"] == (150, 60, 250, 80)


def test_a_paragraph_has_the_box_of_its_lines_on_its_first_page() -> None:
    first = Page().text(80, 740, "x" * 73).text(60, 720, "y" * 77).text(60, 700, "z" * 77)
    second = Page().text(60, 760, "goes on.")

    found = boxes(pdf.read(write(first, second)))

    assert found == {"page 1 line 1 to page 2 line 1": pytest.approx((60, 51, 522, 102), abs=2)}


# --- characters --------------------------------------------------------------------------------------------------


def test_radicals_become_characters_and_signs_without_width_go() -> None:
    assert "".join(map(typeset.character, (0x2F64, 0x2ED4, 0x2ECB, 0x2EA0, 0x2FD5))) == "用门车民龠"
    assert "".join(map(typeset.character, (0xAD, 0x200B, 0xFEFF))) == ""
    assert "".join(map(typeset.character, (0x3231, 0x33A1, 0xFF08, 0x2460))) == "㈱㎡（①"  # no other is normalised

    document = pdf.read(write(Page().text(50, 700, "ACB", font="F2")))

    assert paragraphs(document) == ["用门"]


def test_a_page_whose_letters_mean_nothing_is_named() -> None:
    document = pdf.read(write(Page().text(50, 700, "DDDDE", font="F2"), Page().text(50, 700, "EEEEE", font="F2")))

    assert [notice.split(":")[0] for notice in document.notices] == [
        "page 1 has characters without a meaning in Unicode"
    ]


def test_bold_type_by_printing_twice_is_read_once_and_spread_type_keeps_its_space() -> None:
    page = Page().text(100, 700, "Total 2211").text(100.4, 700, "Total 2211").text(100.8, 700, "Total 2211")
    page.text(100, 600, "E", font="F2").text(140, 600, "E", font="F2")

    assert paragraphs(pdf.read(write(page))) == ["Total 2211", "用 用"]


def test_text_outside_of_its_clip_is_not_read() -> None:
    """Two pages show the two halves of one text; each has all of it."""
    lines = [f"line {i} of the cell" for i in range(6)]
    first, second = Page(), Page()
    for page, y in ((first, 400), (second, 760)):
        page.operators.append(f"q 40 {y - 56} 500 68 re W n" if page is first else f"q 40 {y - 120} 500 70 re W n")
        for i, text in enumerate(lines):
            page.text(50, y - 20 * i, text)
        page.operators.append("Q")
        page.text(50, 30, "foot")

    assert paragraphs(pdf.read(write(first, second))) == [*lines[:3], "foot", *lines[3:], "foot"]


def test_text_that_its_cell_cuts_off_stays_in_its_cell() -> None:
    page = (
        Page().grid((50, 100, 200), (720, 700, 680)).text(103, 707, "Sum").text(53, 687, "Goods").text(103, 687, "1.00")
    )
    page.operators.append("q 50 700 50 20 re W n")
    page.text(53, 707, "Descrip").text(53, 692, "tion").operators.append("Q")

    assert tables(pdf.read(write(page))) == [[["Descrip tion", "Sum"], ["Goods", "1.00"]]]


def test_a_dash_stays_a_dash_and_text_outside_of_the_page_is_not_read() -> None:
    page = Page().table(XS, 720, [["Staff", "-", "1.00"], ["Goods", "-", "-"]]).text(700, 500, "hidden")

    document = pdf.read(write(page))

    assert tables(document) == [[["Staff", "-", "1.00"], ["Goods", "-", "-"]]]
    assert paragraphs(document) == []


# --- refusals ----------------------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_refused_with_its_reason() -> None:
    good = write(Page().table(XS, 720, ROWS))
    picture = Page(images=True)

    assert refusal(write(Page().text(50, 700, "secret"), encrypt=True)) == "encrypted"
    assert refusal(write()) == "no_pages"
    assert refusal(b"%PDF-1.7\nthis is no PDF\n%%EOF\n") == "malformed"
    assert refusal(good[: len(good) // 2]) == "truncated"
    assert refusal(good[:-20]) == "truncated"
    assert refusal(write(picture, picture)) == "images_only"
    assert refusal(write(picture, Page())) == "images_only"
    assert refusal(write(picture, Page(images=True).text(300, 20, "2"))) == "images_only"
    assert refusal(write(Page(), Page())) == "empty"


def test_pages_that_are_images_are_named_beside_those_that_are_read() -> None:
    numbered = Page(images=True).text(300, 20, "- 2 -")
    data = write(Page().table(XS, 720, ROWS), numbered, Page(images=True), Page(images=True).text(50, 700, "A cover"))

    document = pdf.read(data)

    assert tables(document) == [ROWS]
    assert document.notices == (
        "page 2 is an image and was not read",
        "page 3 is an image and was not read",
        "page 4 has images over 100% of it, not read: a table among them would be missing",
    )


PROSE = [f"A line of running text that says what was spent, number {number} of them" for number in range(20)]


@pytest.mark.parametrize(
    ("page", "share"),
    [
        (Page().text(50, 760, "Table 1").image(50, 400, 500, 300), "31%"),  # a title, and its table is a picture
        (Page().table(XS, 720, ROWS).image(50, 100, 500, 200), "21%"),  # a table that is read above one that is not
        (Page(rotate=90).table(XS, 720, ROWS).image(50, 100, 500, 200), "21%"),
        (Page().text(50, 760, "x").image(50, 700, 500, 20).image(50, 680, 500, 20).image(50, 660, 500, 20), "6%"),
        (Page().text(50, 760, "A seal").image(400, 100, 120, 120), None),
        (Page().image(0, 0, 600, 800).text(50, 700, "A cover"), "100%"),
        (Page().text(50, 9, "x").image(300, 500, 900, 200), "12%"),  # as far as it lies on the page
    ],
)
def test_images_beside_text_are_named(page: Page, share: str | None) -> None:
    told = f"page 2 has images over {share} of it, not read: a table among them would be missing"
    assert pdf.read(write(Page().table(XS, 720, ROWS), page)).notices == ((told,) if share else ())


def test_an_image_behind_text_is_a_background() -> None:
    page = Page().image(0, 0, 600, 800)
    for number, line in enumerate(PROSE):
        page.text(40, 760 - 20 * number, line)
    assert pdf.read(write(page)).notices == ()


def test_text_that_was_turned_into_outlines_is_an_image() -> None:
    page = Page()
    for i in range(300):
        x, y = 50 + 9 * (i % 50), 700 - 20 * (i // 50)
        page.operators.append(f"{x} {y} m {x + 4} {y + 8} l {x + 7} {y + 1} l {x + 3} {y + 4} l {x + 6} {y} l h f")

    assert refusal(write(page)) == "images_only"


def test_a_thousand_pages_are_read() -> None:
    document = pdf.read(write(*[Page().text(50, 700, f"Page number {i}") for i in range(1000)]))

    assert len(paragraphs(document)) == 1000


def test_damaged_bytes_are_refused_or_read_but_never_raise_another_error() -> None:
    good = write(_aligned(), Page(rotate=90).table(XS, 720, ROWS), Page(images=True))
    chance = random.Random(1)
    outcomes: Counter[str] = Counter()
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.choice((1, 4, 40))):
            at = chance.randrange(len(data))
            if chance.random() < 0.3:
                del data[at : at + chance.randrange(1, 200)]
            else:
                data[at % len(data)] = chance.randrange(256)
        try:
            outcomes["read" if pdf.read(bytes(data)).blocks else "nothing"] += 1
        except RefusedDocument as refused:
            outcomes[refused.code] += 1
    assert outcomes["read"] > 20
    assert outcomes["nothing"] == 0  # a document without any block is a refusal
    assert set(outcomes) <= {"read", "malformed", "truncated", "no_pages", "images_only", "unreadable_text", "empty"}


# --- published documents -----------------------------------------------------------------------------------------

# Written down by eye from the rendered pages: page, table on it, row → the cells of the row; None is not looked at.
Seen = dict[tuple[int, int, int], list[str | None]]
SEEN: dict[str, Seen] = {
    # Page 3 is turned by 90 degrees and has a head of three levels, page 11 is one row of three public expenses.
    "jiangsu-party-office-2018-tables": {
        (3, 1, 1): ["收入", "", "支出", "", "", ""],
        (3, 1, 2): ["项目名称", "金额", "功能分类", "", "支出用途", ""],
        (3, 1, 3): ["", "", "功能科目名称", "金额", "项目名称", "金额"],
        (3, 1, 4): ["一、财政拨款", "24,458.43", "一、一般公共服务支出", "20,153.75", "一、基本支出", "10,403.11"],
        (3, 1, 6): ["2.政府性基金预算", "", "三、国防支出", "", "三、单位预留机动经费", "1,973.86"],
        (3, 1, 11): ["", "", "八、社会保障和就业支出", "1,289.52", "", ""],
        (3, 1, 26): ["收入合计", "24,458.43", "支出合计", "", "", "24,458.43"],
        (11, 1, 1): ["合计", "“三公”经费", "", "", "", "", "", "会议费", "培训费"],
        (11, 1, 2): ["", "小计", "因公出国（境）费", "公务用车购置及运行维护费", "", "", "公务接待费", "", ""],
        (11, 1, 3): ["", "", "", "小计", "公务用车购置费", "公务用车运行维护费", "", "", ""],
        (11, 1, 4): ["1,471.70", "508.20", "70.00", "411.20", "", "411.20", "27.00", "933.50", "30.00"],
    },
    # Form 5 goes on on page 16 with its head repeated.
    "shanghai-putuo-finance-2025-budget": {
        (15, 1, 1): ["项目", "", "", "", "一般公共预算支出", "", ""],
        (15, 1, 2): ["功能分类科目编码", "", "", "功能分类科目名称", "合计", "基本支出", "项目支出"],
        (15, 1, 3): ["类", "款", "项", "", "", "", ""],
        (15, 1, 6): ["201", "06", "01", "行政运行", "16,231,840.80", "16,093,326.00", "138,514.80"],
        (15, 1, 7): ["201", "06", "02", "一般行政管理事务", "100,000.00", "", "100,000.00"],
        (16, 1, 4): ["210", "11", "", "行政事业单位医疗", "782,164.00", "782,164.00", ""],
        (16, 1, 9): ["221", "02", "03", "购房补贴", "2,687,760.00", "2,687,760.00", ""],
        (16, 1, 10): ["合计", "", "", "", "31,214,205.80", "25,121,091.00", "6,093,114.80"],
    },
    # Form 1 goes on on page 7 without a head; in form 6 (page 17) figures and labels are not on one line.
    "shanghai-putuo-finance-2024-final": {
        (6, 1, 3): ["一、一般公共预算财政拨款收入", "2,940.05", "一、一般公共服务支出", "2,106.66"],
        (6, 1, 10): ["八、其他收入", "6.20", "八、社会保障和就业支出", "326.71"],
        (7, 1, 1): ["使用非财政拨款结余（含专用结余）", "", "结余分配", ""],
        (7, 1, 2): ["年初结转和结余", "49.14", "年末结转和结余", "55.34"],
        (7, 1, 3): ["总计", "2,995.39", "总计", "2,995.39"],
        (17, 1, 5): ["303", "09", "奖励金", "0.31", "302", "28", "工会经费", "24.42"],
        (17, 1, 21): ["人员经费合计", "", "", "2,152.26", "公用经费合计", "", "", "184.65"],
        (18, 1, 3): ["", "", "", "", "小计", "", "公务用车购置费", "", "公务用车运行费", "", "", ""],
        (18, 1, 6): ["0.95", "", "", "", "", "", "", "", "", "", "0.95", ""],
    },
    "jiangsu-procuratorate-2018": {
        (20, 1, 2): ["合 计", "", "2,722.57"],
        (20, 1, 17): ["30211", "差旅费", "45.00"],
        (20, 2, 1): ["采购品目大类", "专项名称", "经济科目", "采购物品名称", "采购组织形式", "总计"],
        (20, 2, 4): [
            "",
            "网络、电子检务、实验室、机要通道、档案数字化系统运行维护费",
            "信息网络及软件购置更新",
            "",
            "",
            "60.00",
        ],
        (20, 2, 5): ["", "", "", "PC服务器", "部门集中采购", "40.00"],
    },
    # A form with its title inside.
    "shanghai-putuo-wanli-2023-budget": {
        (34, 1, 1): ["财政项目支出绩效目标填报表", "", "", "", "", "", "", ""],
        (34, 1, 3): ["项目名称", "", "各类工作经费", "", "项目性质", "经常性项目", "项目类别", "特定目标类"],
        (34, 1, 7): ["", "", "其中：财政资金", "", "7595500.00", "其中：当年财政拨款", "", "7595500.00"],
        (34, 1, 8): ["", "", "", "", "", "上年结转资金", "", "0.00"],
        (34, 1, 13): ["绩效指标", "产出指标", "数量指标", "成立社戒社康人员习得规范小组", "", "", ">6.00(次)", ""],
        (34, 1, 51): ["", "", "", "特殊人员及群体满意", "", "", "90.00(度)", ""],
    },
    # The second line of a head is cut off by its cell.
    "jiangsu-party-office-2019-tables": {
        (12, 1, 1): ["采购品目大类", "专项名称", "经济科目", "采购物品名称", "采购组织形式", "总计"],
        (12, 1, 2): ["合计", "", "", "", "", "1,422.50"],
    },
    # In the head the first column is wider than in the rows.
    "jiangsu-procuratorate-2019": {
        (16, 2, 1): ["功能科目代码", "功能科目名称", "金额"],
        (16, 2, 2): ["合 计", "", "24,169.74"],
        (16, 2, 12): ["2080504", "未归口管理的行政单位离退休", "400.02"],
    },
}
# How many tables each document prints, counted in the rendered pages.
COUNTS = {
    "jiangsu-party-office-2017-narrative": 0,
    "jiangsu-party-office-2017-tables": 12,
    "jiangsu-party-office-2018-narrative": 0,
    "jiangsu-party-office-2018-tables": 12,
    "jiangsu-party-office-2019-narrative": 0,
    "jiangsu-party-office-2019-tables": 12,
    "jiangsu-procuratorate-2017": 12,
    "jiangsu-procuratorate-2018": 12,
    "jiangsu-procuratorate-2019": 12,
    "shanghai-putuo-commerce-2025-budget-department": 9,
    "shanghai-putuo-commerce-2025-budget-unit": 9,
    "shanghai-putuo-finance-2024-final": 10,
    "shanghai-putuo-finance-2025-budget": 9,
    "shanghai-putuo-wanli-2023-budget": 14,
    "shanghai-putuo-wanli-2024-budget": 9,
    "shanghai-putuo-wanli-2025-budget": 9,
}


@pytest.fixture(scope="module")
def wild(shared: Path) -> dict[str, tuple[bytes, Document]]:
    """The published PDFs: name → bytes and what is read from them."""
    files = sorted((shared / "corpus" / "wild").glob("*.pdf"))
    return {file.stem: (data := file.read_bytes(), pdf.read(data)) for file in files}


def _rows_by_place(document: Document) -> dict[tuple[int, int, int], list[str]]:
    found = {}
    for block in document.blocks:
        if isinstance(block, Table):
            for row in block.rows:
                assert len(row.cells) == len(block.rows[0].cells)
                page, spot = row.cells[0].place.part, row.cells[0].place.spot
                table, cell = spot.removeprefix("table ").split(" ")
                found[int(page.removeprefix("page ")), int(table), int(cell[1 : cell.index("C")])] = row.texts
    return found


@pytest.mark.parametrize("name", sorted(SEEN))
def test_cells_that_were_checked_by_eye(name: str, wild: dict[str, tuple[bytes, Document]]) -> None:
    rows = _rows_by_place(wild[name][1])

    for place, texts in SEEN[name].items():
        assert rows[place] == texts, place


def test_every_table_is_found_once_and_none_is_made_up(wild: dict[str, tuple[bytes, Document]]) -> None:
    assert {name: len(tables(document)) for name, (_, document) in wild.items()} == COUNTS
    # The two covers with a painted background, and no page with a table.
    told = {name: document.notices for name, (_, document) in wild.items() if document.notices}
    assert told == {
        f"jiangsu-procuratorate-{year}": (
            f"page 1 has images over {share} of it, not read: a table among them would be missing",
        )
        for year, share in ((2017, "54%"), (2018, "8%"))
    }


def test_titles_owners_and_units_are_paragraphs_of_their_own(wild: dict[str, tuple[bytes, Document]]) -> None:
    texts = paragraphs(wild["shanghai-putuo-finance-2025-budget"][1])
    at = texts.index("2025年部门一般公共预算支出功能分类预算表")

    assert texts[at : at + 3] == [
        "2025年部门一般公共预算支出功能分类预算表",
        "编制部门：上海市普陀区财政局",
        "单位：元",
    ]
    for name, (_, document) in wild.items():
        units = [
            text for text in paragraphs(document) if text.replace(":", "：") in ("单位：元", "单位：万元", "单位:元")
        ]
        assert len(units) in (0, COUNTS[name], COUNTS[name] - 1, COUNTS[name] - 5), name


# Pages that have the whole text of a cell that stands on both, and show a part: see the test of page 3 and 4.
PRINTED_OVER_TWO_PAGES = {
    ("shanghai-putuo-commerce-2025-budget-department", 3),
    ("shanghai-putuo-commerce-2025-budget-department", 4),
    ("shanghai-putuo-commerce-2025-budget-unit", 3),
    ("shanghai-putuo-commerce-2025-budget-unit", 4),
    ("shanghai-putuo-finance-2025-budget", 7),
    ("shanghai-putuo-finance-2025-budget", 8),
}
# What a page prints twice at one place, as bold type is made.
PRINTED_TWICE = {"jiangsu-procuratorate-2019": "单位：万元"}


def _is_on(cell: Cell, name: str, pages: set[tuple[str, int]]) -> bool:
    return (name, int(cell.place.part.removeprefix("page "))) in pages


def test_text_that_is_cut_off_is_read_once_where_it_shows(wild: dict[str, tuple[bytes, Document]]) -> None:
    """The duties stand in one cell over pages 3 and 4; item 9 is cut between two lines."""
    texts = paragraphs(wild["shanghai-putuo-commerce-2025-budget-department"][1])
    duties = texts.index("上海市普陀区商务委员会主要职能")
    until = texts.index("上海市普陀区商务委员会机构设置")

    numbers = [text.split("、")[0] for text in texts[duties + 3 : until]]

    assert numbers == [str(number) for number in range(1, 14)]


def _printed(texts: Sequence[str]) -> Counter[str]:
    return Counter("".join("".join(texts).split()))


def test_no_character_is_lost_or_read_twice(wild: dict[str, tuple[bytes, Document]]) -> None:
    """All that PDFium's own text has is in the document, but for heads repeated on a next page."""
    checked = 0
    for name, (data, document) in wild.items():
        source: Counter[str] = Counter()
        with pypdfium2.PdfDocument(data) as opened:
            for number, page in enumerate(opened, start=1):
                if (name, number) not in PRINTED_OVER_TWO_PAGES:
                    text = page.get_textpage().get_text_range()
                    source += _printed([text.replace("\ufffe", "-").replace("\x02", "-")])
                    checked += 1
        read = _printed([cell.text for cell in document.cells() if not _is_on(cell, name, PRINTED_OVER_TWO_PAGES)])
        assert not read - source, name
        missing = source - read - _printed([PRINTED_TWICE.get(name, "")])
        heads = _printed([text for table in tables(document) for row in table[:4] for text in row])
        assert set(missing) <= set(heads), (name, missing)
        assert sum(missing.values()) == 0 or name.startswith("shanghai"), (name, missing)  # no other repeats its heads
    assert checked > 350


# --- second opinion ----------------------------------------------------------------------------------------------

# White areas behind the text, which nobody sees, are kept from pdfplumber: it takes their edges for rules, and beside
# lines drawn as hair-line boxes they tear texts and rows in two. With that, one row of all differs: a head of two lines
# (采购组织形式) whose second line its cell cuts off; pdfplumber finds that in the row below, where it would stand.
EXPLAINED = [("jiangsu-party-office-2019-tables", 12)]


def _is_seen(item: dict[str, Any]) -> bool:
    """False for a filled area, which is shading and no rule, and for a white line."""
    if item["object_type"] != "rect" or item["stroke"]:
        return True
    colour = item["non_stroking_color"]
    is_white = isinstance(colour, tuple) and all(part == 1 for part in colour)
    return min(item["width"], item["height"]) <= 3 and not is_white


def test_pdfplumber_reads_the_same_cells_from_ruled_tables(wild: dict[str, tuple[bytes, Document]]) -> None:
    """Row by row, the non-empty texts in order; white space is not compared. What differs is explained."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    differences = []
    compared = 0
    for name, (data, _) in wild.items():
        with pdfplumber.open(io.BytesIO(data)) as opened, pypdfium2.PdfDocument(data) as mine:
            for number, page in enumerate(opened.pages, start=1):
                content = pdf.page_content(mine, number)
                if not (content.across and content.down):
                    continue  # no table; that none is missed, the counts above tell
                parts = [part for part in pdf._page_blocks(number, content) if isinstance(part, pdf._Part)]
                ours = Counter(row for part in parts for row in _filled(part.rows))
                found = page.filter(_is_seen).find_tables()
                theirs = Counter(row for table in found for row in _filled(table.extract()))
                compared += ours.total()
                if ours != theirs:
                    differences.append((name, number))
    assert compared > 2500
    assert differences == EXPLAINED


def _filled(rows: Sequence[Sequence[str | None]]) -> list[tuple[str, ...]]:
    texts = [["".join((text or "").split()) for text in row] for row in rows]
    return [tuple(text for text in row if text) for row in texts if any(row)]
