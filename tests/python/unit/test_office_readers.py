"""Word, spreadsheets, web pages and archives: hand-made files read cell by cell, and hostile ones refused in time.

Every file is written here, byte by byte where no writer exists, so that each says exactly one thing.
"""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.document import Document, Table
from loaders.errors import RefusedDocument
from loaders.readers import archive, biff, docx, html, legacy, sheet, sniff
from loaders.readers.ole import OleFile

from ..support.processes import wait_for_the_end_of

# --- writers -------------------------------------------------------------------------------------------------------

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def zipped(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return file.getvalue()


def relations(*entries: tuple[str, str, str]) -> str:
    """(id, last word of the type, target) → a .rels part."""
    body = "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in entries)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{body}</Relationships>'


TYPES: dict[str, bytes | str] = {"[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>'}


def docx_of(
    body: str, namespace: str = W, main: str = "word/document.xml", parts: Mapping[str, bytes | str] | None = None
) -> bytes:
    document = f'<w:document xmlns:w="{namespace}" xmlns:mc="{MC}"><w:body>{body}</w:body></w:document>'
    return zipped(
        TYPES | {"_rels/.rels": relations(("rId1", "officeDocument", main)), main: document} | dict(parts or {})
    )


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def tc(content: str, span: int = 1, merge: str | None = None) -> str:
    merged = {None: "", "restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}[merge]
    content = content if content.startswith("<") else p(content)
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{content}</w:tc>'


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def tbl(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def xlsx_of(*sheets: tuple[str, str] | tuple[str, str, str], **parts: bytes | str) -> bytes:
    """(name, content of <worksheet>[, state]) a sheet → .xlsx. Style 1 is a date, 2 a percentage."""
    ns = f'xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"'
    members: dict[str, bytes | str] = dict(TYPES)
    listed = entries = ""
    for number, (name, content, *state) in enumerate(sheets, start=1):
        listed += f'<sheet name="{name}" sheetId="{number}" {state[0] if state else ""} r:id="rId{number}"/>'
        entries += f"{number} "
        members[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {ns}>{content}</worksheet>"
    members["_rels/.rels"] = relations(("rId1", "officeDocument", "xl/workbook.xml"))
    members["xl/workbook.xml"] = f"<workbook {ns}><sheets>{listed}</sheets></workbook>"
    members["xl/_rels/workbook.xml.rels"] = relations(
        *((f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in entries.split()),
        ("rId900", "styles", "styles.xml"),
    )
    members["xl/styles.xml"] = (
        f'<styleSheet {ns}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/></cellXfs></styleSheet>'
    )
    return zipped(members | parts)


def rows_of(*rows: dict[str, object], first: int = 1) -> str:
    """Column letter → value, a row each; empty dicts leave the row out → <sheetData>."""
    lines = []
    for number, row in enumerate(rows, start=first):
        cells = "".join(
            f'<c r="{column}{number}"><v>{value}</v></c>'
            if isinstance(value, (int, float))
            else f'<c r="{column}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
            for column, value in row.items()
        )
        lines.append(f'<row r="{number}">{cells}</row>' if cells else "")
    return f"<sheetData>{''.join(lines)}</sheetData>"


def merged(*ranges: str) -> str:
    return f"<mergeCells>{''.join(f'<mergeCell ref={chr(34)}{r}{chr(34)}/>' for r in ranges)}</mergeCells>"


def ole_of(*streams: tuple[str, bytes]) -> bytes:
    """An OLE file (512-byte sectors) with these streams in its root; short ones are filled up to 4096 bytes."""
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    sectors: list[bytes] = []
    fat: list[int] = [fat_mark]
    placed = []
    directory_sectors = (len(streams) + 1 + 3) // 4
    fat += [*range(2, directory_sectors + 1), end]
    for name, content in streams:
        count = max(8, -(-len(content) // 512))
        placed.append((name, len(fat), count * 512))
        fat += [*range(len(fat) + 1, len(fat) + count), end]
        sectors.append(content.ljust(count * 512, b"\0"))
    assert len(fat) <= 128, "one sector of the allocation table holds 128 entries"

    def entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
        packed = (name + "\0").encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII16sIQQIQ", packed, len(packed), kind, 1, free, right, child, b"", 0, 0, 0, start, size
        )

    entries = [entry("Root Entry", 5, free, 1 if streams else free, end, 0)]
    for number, (name, start, size) in enumerate(placed, start=1):
        entries.append(entry(name, 2, number + 1 if number < len(placed) else free, free, start, size))
    directory = b"".join(entries).ljust(directory_sectors * 512, b"\0")
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII109I",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b""),
        *(0, 1, 1, 0, 4096, end, 0, end, 0, 0, *[free] * 108),
    )
    table = b"".join(struct.pack("<I", n) for n in fat + [free] * (128 - len(fat)))
    return header + table + directory + b"".join(sectors)


def xls_of(name: str, cells: dict[tuple[int, int], str | float], merges: list[tuple[int, int, int, int]]) -> bytes:
    """One sheet of a BIFF8 workbook; merges as (first row, last row, first column, last column)."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def text(value: str, length: str) -> bytes:
        return struct.pack(length, len(value)) + b"\x01" + value.encode("utf-16-le")

    body = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 1996, 0, 6))
    for (row, column), value in cells.items():
        at = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            body += record(0x0204, at + text(value, "<H"))
        else:
            body += record(0x0203, at + struct.pack("<d", value))
    body += record(0x00E5, struct.pack("<H", len(merges)) + b"".join(struct.pack("<HHHH", *m) for m in merges))
    body += record(0x000A, b"")
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 1996, 0, 6))
    start += record(0x0042, struct.pack("<H", 1200))
    sheet_name = struct.pack("<B", len(name)) + b"\x01" + name.encode("utf-16-le")
    offset = len(start) + 4 + 6 + len(sheet_name) + 4
    start += record(0x0085, struct.pack("<IBB", offset, 0, 0) + sheet_name) + record(0x000A, b"")
    return ole_of(("Workbook", start + body))


# --- looking at documents ------------------------------------------------------------------------------------------


def tables(document: Document) -> list[list[list[str]]]:
    return [[row.texts for row in block.rows] for block in document.blocks if isinstance(block, Table)]


def paragraphs(document: Document) -> list[str]:
    return [block.text for block in document.blocks if not isinstance(block, Table)]


def kinds(document: Document) -> str:
    """The order of blocks: P and T."""
    return "".join("T" if isinstance(block, Table) else "P" for block in document.blocks)


def places(document: Document) -> dict[str, str]:
    """Text → where it stands, for texts that occur once."""
    return {cell.text: str(cell.place) for cell in document.cells() if cell.text}


def refused(read: Callable[[bytes], object], data: bytes) -> str:
    """The code of the refusal; its reason is one line."""
    with pytest.raises(RefusedDocument) as caught:
        read(data)
    assert caught.value.reason
    assert "\n" not in caught.value.reason
    return caught.value.code


# --- telling types -------------------------------------------------------------------------------------------------

KINDS = {
    "pdf": b"%PDF-1.7\n",
    "pdf after a mark": b"\xef\xbb\xbf\n%PDF-1.4\n",
    "docx": docx_of(p("x")),
    "xlsx": xlsx_of(("a", rows_of({"A": 1}))),
    "ods": zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
    "odt": zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
    "pptx": zipped(TYPES | {"ppt/presentation.xml": "<x/>"}),
    "ofd": zipped({"OFD.xml": "<x/>", "Doc_0/Document.xml": "<x/>"}),
    "zip": zipped({"word/notes.txt": "a folder that happens to be called word"}),
    "zip without members": zipped({}),
    "zip cut short": zipped({"a.txt": "x" * 100})[:40],
    "xls": ole_of(("Workbook", b"")),
    "xls of 1995": ole_of(("Book", b"")),
    "doc": ole_of(("1Table", b""), ("WordDocument", b"")),
    "encrypted": ole_of(("EncryptionInfo", b""), ("EncryptedPackage", b"")),
    "encrypted text": ole_of(("WordDocument", b"\xec\xa5\xc1\x00" + b"\0" * 7 + b"\x01")),
    "encrypted workbook": ole_of(("Workbook", b"\x09\x08\x02\x00\x00\x06\x2f\x00\x02\x00\x01\x00")),
    "ole": ole_of(("PowerPoint Document", b"")),
    "ole cut short": ole_of(("Workbook", b""))[:600],
    "rtf": b"{\\rtf1\\ansi x}",
    "image": b"\x89PNG\r\n\x1a\n",
    "image by its size": struct.pack("<2sIIII", b"BM", 40, 0, 26, 12).ljust(40, b"\0"),
    "archive": b"Rar!\x1a\x07\x00",
    "html": "\ufeff \r\n<!DOCTYPE html><html>".encode(),
    "html in UTF-16": "<html><body>".encode("utf-16"),
    "html behind a comment": b"<?xml version='1.0'?><!-- saved -->\n<HTML lang=zh>",
    "html of a fragment": b"\n<div class='x'>" + b"x" * 9000,
    "html of a table": "标题\n<table border=1>".encode("gbk"),
    "xml": b"<?xml version='1.0'?><Workbook/>",
    "text": "BM单位：万元\n预算".encode(),
    "text that compares": "支出<预算，<10%".encode(),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_type_is_told_from_the_bytes(name: str) -> None:
    expected = name.split()[0]
    assert sniff.kind_of(KINDS[name]) == expected


def test_an_embedded_workbook_does_not_make_a_text_a_workbook() -> None:
    # Only the children of the root count: here "Workbook" is an entry that the root does not lead to.
    data = bytearray(ole_of(("WordDocument", b""), ("Workbook", b"")))
    first_child = data.index("WordDocument".encode("utf-16-le"))
    data[first_child + 72 : first_child + 76] = b"\xff" * 4
    assert sniff.kind_of(bytes(data)) == "doc"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("image", "images_only"),
        ("encrypted", "encrypted"),
        ("archive", "unsupported_format"),
        ("zip", "unsupported_format"),
    ],
)
def test_what_has_no_reader_is_refused_with_a_reason(kind: str, code: str) -> None:
    assert sniff.refusal(kind).code == code


# --- docx ----------------------------------------------------------------------------------------------------------


def test_docx_grid_with_merged_cells() -> None:
    document = docx.read(
        docx_of(
            p("部门收支总表")
            + tbl(
                tr(tc("科目", 2), tc("合计", merge="restart"), tc("备注")),
                tr(tc("编码"), tc("名称"), tc("", merge="continue"), tc("甲")),
                tr(tc("204"), tc("公共安全"), tc("12.50"), tc("乙")),
            )
            + p("注：无")
        )
    )
    assert kinds(document) == "PTP"
    assert tables(document) == [
        [["科目", "", "合计", "备注"], ["编码", "名称", "", "甲"], ["204", "公共安全", "12.50", "乙"]]
    ]
    assert places(document)["部门收支总表"] == "paragraph 1"
    assert places(document)["合计"] == "table 1 R1C3"
    assert places(document)["12.50"] == "table 1 R3C3"
    assert places(document)["注：无"] == "paragraph 2"
    assert [cell.no for cell in document.cells()] == list(range(1, 15))
    assert document.media_type.endswith("wordprocessingml.document")
    assert document.line_count == 5


def test_docx_rows_that_begin_late_or_end_early_keep_the_grid() -> None:
    document = docx.read(
        docx_of(
            tbl(
                tr(tc("a"), tc("b"), tc("c"), tc("d")),
                tr(tc("x"), properties='<w:gridBefore w:val="2"/><w:gridAfter w:val="1"/>'),
                tr(tc("y")),
            )
        )
    )
    assert tables(document) == [[["a", "b", "c", "d"], ["", "", "x", ""], ["y", "", "", ""]]]


def test_docx_vertical_merges_end_where_another_cell_begins() -> None:
    document = docx.read(
        docx_of(
            tbl(
                tr(tc("产出指标", merge="restart"), tc("1")),
                tr(tc("不印", merge="continue"), tc("2")),
                tr(tc("效益指标", merge="restart"), tc("3")),
                tr(tc("满意度", 2)),
                tr(tc("孤行", merge="continue"), tc("4")),
            )
        )
    )
    # What stands in a continued cell is not printed; one that continues nothing is a cell of its own.
    assert tables(document) == [
        [["产出指标", "1"], ["", "2"], ["效益指标", "3"], ["满意度", ""], ["孤行", "4"]]
    ]  # fmt: skip


def test_docx_nested_table_follows_and_is_not_repeated() -> None:
    inner = tbl(tr(tc("里甲"), tc("里乙")))
    document = docx.read(docx_of(tbl(tr(tc(p("外前") + inner + p("外后")), tc("旁"))) + p("尾")))
    assert kinds(document) == "TTP"
    assert tables(document) == [[["外前\n外后", "旁"]], [["里甲", "里乙"]]]
    assert places(document)["里乙"] == "table 2 R1C2"


def test_docx_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('单位：万元')}</w:txbxContent>"
    drawn = (
        "<w:r><mc:AlternateContent>"
        f"<mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    document = docx.read(
        docx_of(f"<w:p><w:r><w:t>收支总表</w:t></w:r>{drawn}</w:p>" + tbl(tr(tc(f"<w:p>{drawn}</w:p>"))))
    )
    # The table has no text of its own: its box is all there is to read.
    assert paragraphs(document) == ["收支总表", "单位：万元", "单位：万元"]
    assert kinds(document) == "PPP"


def test_docx_breaks_tabs_and_signs_inside_a_cell() -> None:
    cell = (
        "<w:p><w:r><w:t>目标1</w:t><w:br/><w:t>目标2</w:t></w:r></w:p><w:p/>"
        "<w:p><w:r><w:t xml:space='preserve'>甲 </w:t><w:tab/><w:t>乙</w:t></w:r></w:p>"
        "<w:p><w:r><w:sym w:font='Symbol' w:char='F0B3'/><w:t>95%</w:t><w:noBreakHyphen/></w:r></w:p>"
    )
    assert tables(docx.read(docx_of(tbl(tr(tc(cell), tc("z")))))) == [[["目标1\n目标2\n甲 \t乙\n≥95%-", "z"]]]


def test_docx_prints_neither_field_codes_nor_deletions_nor_hidden_text() -> None:
    paragraph = (
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr><w:tabs><w:tab/></w:tabs></w:pPr>"
        "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> TC \"表\" \\f C </w:instrText></w:r>"
        "<w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>第</w:t></w:r>"
        "<w:fldSimple w:instr='PAGE'><w:r><w:t>3</w:t></w:r></w:fldSimple>"
        "<w:del><w:r><w:delText>旧</w:delText></w:r><w:r><w:t>旧</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>部分</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>！</w:t></w:r></w:moveTo>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>显</w:t></w:r>"
        "<w:hyperlink><w:r><w:t>链</w:t></w:r></w:hyperlink></w:p>"
    )
    deleted = tr(tc("删"), tc("除"), properties="<w:del/>")
    document = docx.read(
        docx_of(
            f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{paragraph}</w:sdtContent></w:sdt>"
            + tbl(tr(tc("a"), tc("b")), deleted),
            parts={"word/header1.xml": f"<w:hdr xmlns:w='{W}'>{p('页眉')}</w:hdr>"},
        )
    )
    assert paragraphs(document) == ["第3部分！显链"]
    assert tables(document) == [[["a", "b"]]]


def test_docx_in_the_strict_namespace_with_another_main_part() -> None:
    assert paragraphs(docx.read(docx_of(p("公开"), namespace=STRICT, main="word/document2.xml"))) == ["公开"]


def test_docx_of_pictures() -> None:
    picture: dict[str, bytes | str] = {"word/media/image1.png": b"\x89PNG"}
    assert refused(docx.read, docx_of("<w:p><w:r><w:drawing/></w:r></w:p>", parts=picture)) == "images_only"
    assert docx.read(docx_of(p("预算公开"), parts=picture)).notices == (
        "the document has 1 images and no table: tables in it may be images, not read",
    )
    assert docx.read(docx_of(p("预算公开") + tbl(tr(tc("a"))), parts=picture)).notices == ()
    assert refused(docx.read, docx_of("<w:p/>")) == "empty"


DRAWN = "http://schemas.openxmlformats.org/drawingml/2006"


def inline(width: int, height: int) -> str:
    """A picture of so many points in a paragraph."""
    extent = f'<wp:extent cx="{width * 12700}" cy="{height * 12700}"/>'
    blip = '<a:graphic><pic:pic><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill></pic:pic></a:graphic>'
    spaces = f'xmlns:wp="{DRAWN}/wordprocessingDrawing" xmlns:a="{DRAWN}/main" xmlns:pic="{DRAWN}/picture"'
    drawn = f'<wp:inline {spaces} xmlns:r="{OFFICE}">{extent}{blip}</wp:inline>'
    return f"<w:p><w:r><w:drawing>{drawn}</w:drawing></w:r></w:p>"


def shape(style: str) -> str:
    """A picture as older programs set it, that of an embedded workbook for one."""
    return (
        f'<w:p><w:r><w:object><v:shape xmlns:v="urn:schemas-microsoft-com:vml" style="{style}"><v:imagedata/></v:shape>'
        "</w:object></w:r></w:p>"
    )


@pytest.mark.parametrize(
    ("picture", "is_told"),
    [
        (inline(450, 300), True),
        (inline(90, 90), False),  # a seal
        (shape("width:415.3pt;height:120pt"), True),
        (shape("width:60pt;height:60pt"), False),
        (shape(""), True),
    ],
)
def test_docx_with_a_picture_in_place_of_one_of_its_tables(picture: str, is_told: bool) -> None:
    parts: dict[str, bytes | str] = {"word/media/image1.png": b"\x89PNG"}
    document = docx.read(docx_of(p("表一") + tbl(tr(tc("a"), tc("b"))) + p("表二") + picture, parts=parts))
    told = ("the document has 1 large images, not read: a table among them would be missing",)
    assert document.notices == (told if is_told else ())


def test_html_of_pictures() -> None:
    told = ("the page has 2 images and no table: tables in it may be images, not read",)
    assert html.read(page("<p>收支总表</p><img src=a.png><img src=b.png>")).notices == told
    assert html.read(page("<img src=a.png><table><tr><td>a<td>b</table>")).notices == ()


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
)


def test_docx_with_a_document_type_is_refused() -> None:
    document = f'{LAUGHS}<w:document xmlns:w="{W}"><w:body>{p("&c;&f;")}</w:body></w:document>'
    assert refused(docx.read, zipped(TYPES | {"word/document.xml": document})) == "unsafe_xml"
    hidden = '<?xml version="1.0" encoding="UTF-7"?>' + document.replace("<!DOCTYPE", "+ADwAIQ-DOCTYPE")
    assert refused(docx.read, zipped(TYPES | {"word/document.xml": hidden})) in ("unsafe_xml", "malformed")
    assert refused(docx.read, zipped(TYPES | {"word/document.xml": document.encode("utf-16")})) == "malformed"


def test_docx_damaged() -> None:
    whole = docx_of(tbl(tr(tc("a"), tc("b"))) + p("x" * 500))
    for size in (10, len(whole) // 2, len(whole) - 10):
        assert refused(docx.read, whole[:size]) == "malformed"
    assert refused(docx.read, docx_of("<w:p>")) == "malformed"
    assert refused(docx.read, zipped(TYPES | {"word/other.xml": "<x/>"})) == "malformed"
    assert refused(docx.read, zipped(TYPES | {"word/document.xml": f'<w:document xmlns:w="{W}"/>'})) == "malformed"
    assert refused(docx.read, docx_of("<w:sdt>" * 400 + p("x") + "</w:sdt>" * 400)) == "malformed"


def test_docx_spans_are_bounded() -> None:
    wide = tables(docx.read(docx_of(tbl(tr(tc("a", 999_999_999), tc("b"))))))[0][0]
    assert (len(wide), wide[1000]) == (1001, "b")
    many = "".join(tr(tc("a", 1000)) for _ in range(1200))
    assert refused(docx.read, docx_of(tbl(many))) == "too_large"


def test_docx_that_unpacks_without_end_is_refused() -> None:
    bomb = docx_of(p("x"), parts={"word/styles.xml": b" " * (80 * 1024 * 1024)})
    assert len(bomb) < 200_000
    assert refused(docx.read, bomb) == "hostile_archive"


# --- sheets --------------------------------------------------------------------------------------------------------


def test_sheet_values_are_texts_as_the_sheet_shows_them() -> None:
    content = (
        "<sheetData><row r='2'><c r='B2'><v>720</v></c><c r='C2'><v>204</v></c><c r='D2'><v>82800.920000000013</v></c>"
        "<c r='E2'><v>0.1</v></c><c r='F2'><v>1e20</v></c><c r='G2'><v>-0</v></c><c r='H2' s='1'><v>45000</v></c>"
        "<c r='I2' t='b'><v>1</v></c><c r='J2' t='e'><v>#REF!</v></c><c r='K2' s='2'><v>0.5</v></c>"
        "<c r='L2' t='inlineStr'><is><t xml:space='preserve'> 甲&#13;&#10;乙 </t></is></c><c r='M2'><v>1E-7</v></c>"
        "<c r='N2'><v>-12.30</v></c></row></sheetData>"
    )
    document = sheet.read(xlsx_of(("表", content)))
    numbers = ["720", "204", "82800.92", "0.1", "100000000000000000000", "0"]
    others = ["2023-03-15", "TRUE", "#REF!", "50%", "甲\n乙", "0.0000001", "-12.3"]
    assert tables(document) == [[[*numbers, *others]]]
    assert places(document)["720"] == "sheet 表 B2"
    assert places(document)["0.0000001"] == "sheet 表 M2"
    assert document.notices == ()


def test_sheet_titles_are_paragraphs_and_merged_cells_a_grid() -> None:
    content = rows_of(
        {"A": "收支总表"},
        {"C": "单位：万元"},
        {"A": "科目", "B": "合计", "C": "多余"},
        {"B": "上年", "C": "本年"},
        {"A": "收入", "B": 1, "C": 2.5},
        {"A": "注：数据取自决算"},
    ) + merged("A1:C1", "A3:A4", "B3:C3")
    document = sheet.read(xlsx_of(("收支", content)))
    assert kinds(document) == "PPTP"
    assert paragraphs(document) == ["收支总表", "单位：万元", "注：数据取自决算"]
    assert tables(document) == [[["科目", "合计", ""], ["", "上年", "本年"], ["收入", "1", "2.5"]]]
    assert places(document)["单位：万元"] == "sheet 收支 C2"
    assert places(document)["2.5"] == "sheet 收支 C5"


def test_sheet_with_several_forms_is_cut_at_empty_rows() -> None:
    content = rows_of(
        {"A": "表一"}, {"A": "项目", "B": "金额", "C": "备注"}, {"A": "甲", "B": 1, "C": "x"}, {}, {},
        {"A": "表二"}, {"B": "项目", "C": "金额"}, {"B": "乙", "C": 2}, {},
        {"B": "丙", "C": 3}, {"C": 4},
    )  # fmt: skip
    document = sheet.read(xlsx_of(("a", content)))
    assert kinds(document) == "PTPTT"
    assert tables(document) == [
        [["项目", "金额", "备注"], ["甲", "1", "x"]],
        [["项目", "金额"], ["乙", "2"]],
        [["丙", "3"], ["", "4"]],
    ]


def test_a_body_below_an_empty_row_keeps_the_columns_of_its_header() -> None:
    content = rows_of({"A": "编码", "B": "名称", "C": "金额"}, {"A": 1, "B": "甲", "C": 5}, {}, {"B": "合计", "C": 5})
    assert tables(sheet.read(xlsx_of(("a", content)))) == [
        [["编码", "名称", "金额"], ["1", "甲", "5"]],
        [["", "合计", "5"]],
    ]


def test_a_row_under_a_merged_cell_is_not_empty() -> None:
    content = rows_of({"A": "指标", "B": "x"}, {}, {"B": "y"}, {"A": "末", "B": "z"}) + merged("A1:A3")
    assert tables(sheet.read(xlsx_of(("a", content)))) == [[["指标", "x"], ["", ""], ["", "y"], ["末", "z"]]]


def test_what_a_merged_cell_covers_is_not_shown() -> None:
    content = rows_of({"A": "a", "B": "不显示"}, {"A": "c", "B": "d"}) + merged("A1:B1")
    document = sheet.read(xlsx_of(("a", content)))
    assert [cell.text for cell in document.cells()] == ["a", "c", "d"]


def test_hidden_sheets_are_named_and_not_read() -> None:
    one = rows_of({"A": "甲", "B": 1})
    document = sheet.read(xlsx_of(("看", one), ("藏", one, 'state="hidden"'), ("深藏", one, 'state="veryHidden"')))
    assert {cell.place.part for cell in document.cells()} == {"sheet 看"}
    assert document.notices == ("sheet 藏 is hidden and was not read", "sheet 深藏 is hidden and was not read")
    assert refused(sheet.read, xlsx_of(("空", "<sheetData/>"), ("藏", one, 'state="hidden"'))) == "empty"


def test_hidden_rows_are_read_and_counted() -> None:
    content = (
        "<sheetData><row r='1'><c r='A1'><v>1</v></c><c r='B1'><v>2</v></c></row><row r='2' hidden='1'><c r='A2'>"
        "<v>3</v></c><c r='B2'><v>4</v></c></row><row r='3' hidden='1'/></sheetData>"
    )
    document = sheet.read(xlsx_of(("a", content)))
    assert tables(document) == [[["1", "2"], ["3", "4"]]]
    assert document.notices == ("sheet a has 1 hidden rows, read like the others",)


def test_formulas_without_a_result_are_empty_and_named() -> None:
    content = (
        "<sheetData><row r='1'><c r='A1' t='str'><f>X</f><v>有</v></c><c r='B1'><f>SUM(C1)</f></c>"
        "<c r='C1'><f>1+1</f><v></v></c><c r='D1' t='str'><f>\"\"</f><v></v></c><c r='E1'><f>3</f><v>3</v></c></row>"
        "<row><c><v>7</v></c><c><f>A2</f></c></row></sheetData>"
    )
    document = sheet.read(xlsx_of(("a", content)))
    assert tables(document) == [[["有", "", "", "", "3"], ["7", "", "", "", ""]]]
    assert document.notices == ("sheet a has formulas without a stored result, read as empty: B1, C1, B2",)


def drawing(number: int) -> dict[str, str]:
    return {
        f"xl/worksheets/_rels/sheet{number}.xml.rels": relations(("d", "drawing", f"../drawings/drawing{number}.xml")),
        f"xl/drawings/drawing{number}.xml": "<x/>",
        f"xl/drawings/_rels/drawing{number}.xml.rels": relations(
            ("i", "image", "../media/1.png"), ("j", "image", "../media/2.png")
        ),
        "xl/media/1.png": "",
        "xl/media/2.png": "",
    }


def test_sheets_of_pictures_are_named_or_refused() -> None:
    pictures = ("扫描", "<sheetData/><drawing r:id='d'/>")
    assert refused(sheet.read, xlsx_of(pictures, **drawing(1))) == "images_only"
    document = sheet.read(xlsx_of(("表", rows_of({"A": 1, "B": 2})), pictures, **drawing(2)))
    assert document.notices == ("sheet 扫描 holds 2 images and no table: its tables are images, not read",)
    with_cells = rows_of({"A": "甲", "B": 1}, {"A": "乙", "B": '=DISPIMG("ID_1",1)'})
    assert sheet.read(xlsx_of(("表", with_cells))).notices == ("sheet 表 has 1 cells that hold images, read as empty",)
    beside = sheet.read(xlsx_of(("表", rows_of({"A": 1, "B": 2})), **drawing(1)))
    assert beside.notices == ("sheet 表 has 2 images beside its cells, not read: a table among them would be missing",)
    titled = sheet.read(xlsx_of(("表", rows_of({"A": "收支总表"}) + "<drawing r:id='d'/>"), **drawing(1)))
    assert titled.notices == ("sheet 表 holds 2 images and no table: its tables are images, not read",)
    in_cell = rows_of({"A": '=DISPIMG("ID_1",1)'})
    assert refused(sheet.read, xlsx_of(("图", in_cell))) == "images_only"


def test_sheet_markup_with_a_prefix_and_without_addresses() -> None:
    cells = "<x:c><x:v>1</x:v></x:c><x:c><x:f>1</x:f></x:c><x:c><x:v>3</x:v></x:c>"
    content = f"<x:sheetData><x:row>{cells}</x:row></x:sheetData>"
    part = f'<x:worksheet xmlns:x="{SPREADSHEET}">{content}</x:worksheet>'
    document = sheet.read(xlsx_of(("a", ""), **{"xl/worksheets/sheet1.xml": part}))
    assert tables(document) == [[["1", "", "3"]]]
    assert document.notices == ("sheet a has formulas without a stored result, read as empty: B1",)


def test_a_million_empty_rows_take_seconds() -> None:
    rows = "".join(f'<row r="{n}" spans="1:2"/>' for n in range(3, 1_048_576))
    content = (
        '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
        + rows
        + '<row r="1048576"><c r="A1048576"><v>8</v></c><c r="B1048576"><v>9</v></c></row></sheetData>'
    )
    data = xlsx_of(("a", content))
    began = time.process_time()
    document = sheet.read(data)
    assert time.process_time() - began < 10
    assert tables(document) == [[["1", "2"]], [["8", "9"]]]
    assert places(document)["9"] == "sheet a B1048576"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (rows_of({"A": 1}) + "", None),
        ("<sheetData><row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
         "</sheetData>", "too_large"),
        ("<sheetData><row r='1'><c><v>1</v></c></row><row r='1048576'>" + "<c><v>1</v></c>" * 50 + "</row></sheetData>",
         "too_large"),
        ("<sheetData><row r='1'><c r='ZZZZZZ99999999999'><v>1</v></c></row></sheetData>", "malformed"),
        ("<sheetData><row r='1'><c r='ZZZ1'><v>1</v></c></row></sheetData>", "malformed"),
        ("<sheetData><row r='4000000000'><c><v>1</v></c></row></sheetData>", "malformed"),
        ("<sheetData><row r='1'><c r='A1'>", "malformed"),
        (rows_of({"A": 1}) + merged(*["A1:XFD1048576"] * 20), None),
        ("<sheetData><row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='A1048576'><v>1</v></c></row>"
         "</sheetData>" + merged("A1:A1048575"), "too_large"),
    ],
)  # fmt: skip
def test_sheets_that_reach_too_far(content: str, code: str | None) -> None:
    data = xlsx_of(("a", content))
    began = time.process_time()
    if code is None:
        assert paragraphs(sheet.read(data)) == ["1"]
    else:
        assert refused(sheet.read, data) == code
    assert time.process_time() - began < 5


def test_sheets_damaged_or_hostile() -> None:
    whole = xlsx_of(("a", rows_of({"A": "x", "B": 2})))
    for size in (10, len(whole) // 2, len(whole) - 10):
        assert refused(sheet.read, whole[:size]) == "malformed"
    typed = {"xl/sharedStrings.xml": f'{LAUGHS}<sst xmlns="{SPREADSHEET}"><si><t>&c;&f;</t></si></sst>'}
    assert refused(sheet.read, xlsx_of(("a", rows_of({"A": 1})), **typed)) == "unsafe_xml"
    assert refused(sheet.read, ole_of(("Workbook", b"\x09\x08\x10\x00" + b"\xff" * 50))) in ("malformed", "empty")
    assert refused(sheet.read, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "malformed"


def test_old_workbooks() -> None:
    cells: dict[tuple[int, int], str | float] = {
        (0, 0): "收支总表", (2, 1): "科目", (2, 2): "金额", (3, 1): "合计", (3, 2): 720.0, (4, 1): "其中", (4, 2): 0.5,
    }  # fmt: skip
    data = xls_of("公开01表", cells, [(0, 0, 0, 2)])
    assert sniff.kind_of(data) == "xls"
    document = sheet.read(data)
    assert paragraphs(document) == ["收支总表"]
    assert tables(document) == [[["科目", "金额"], ["合计", "720"], ["其中", "0.5"]]]
    assert places(document)["720"] == "sheet 公开01表 C4"
    assert document.media_type == "application/vnd.ms-excel"


def test_an_old_workbook_that_reaches_too_far() -> None:
    cells: dict[tuple[int, int], str | float] = {(0, 0): 1.0, (65535, 4095): 1.0}
    assert refused(sheet.read, xls_of("a", cells, [])) == "too_large"
    # One record may hold the numbers of many columns: its last field is the last of them.
    number = struct.pack("<HHHHHd", 0x0203, 14, 0, 0, 0, 1.0)
    many = struct.pack("<HHHHHIH", 0x00BD, 12, 65535, 0, 0, 0, 60000)
    assert refused(biff.check_rectangles, number + many) == "too_large"
    # Sheets are measured one by one.
    begin = struct.pack("<HH", 0x0809, 0)
    biff.check_rectangles(begin + number + begin + struct.pack("<HHHHHd", 0x0203, 14, 65535, 4095, 0, 1.0))


def test_binary_sheets_that_reach_too_far() -> None:
    def far(row: int, column: int) -> bytes:
        return b"".join(
            struct.pack("<BBI", 0, 4, r) + struct.pack("<BBII", 2, 8, c, 0) for r, c in ((0, 0), (row, column))
        )

    def book(part: bytes) -> bytes:
        return zipped(TYPES | {"xl/workbook.bin": b"", "xl/worksheets/sheet1.bin": part})

    assert refused(sheet.read, book(far(1_000_000, 16_000))) == "too_large"
    assert refused(sheet.read, book(far(10, 10))) == "malformed"  # small enough, but there is no workbook


def test_short_streams_of_an_old_file() -> None:
    # Streams below the limit stand in sectors of 64 bytes inside the stream of the root.
    host = b"x" * 64 + b"C" * 64 + b"B" * 64
    data = bytearray(ole_of(("Mini", struct.pack("<3I", 2, 0xFFFFFFFE, 1)), ("Host", host)))
    struct.pack_into("<II", data, 60, 2, 1)  # the table of short sectors is the stream Mini, which begins in sector 2
    struct.pack_into("<IQ", data, 1024 + 116, 10, len(host))  # the root has the sectors of Host
    struct.pack_into("<IQ", data, 1024 + 128 + 116, 0, 130)  # the stream Mini itself becomes the short sectors 0, 2, 1
    file = OleFile(bytes(data))
    assert file.read("Mini") == b"x" * 64 + b"B" * 64 + b"C" * 2
    assert file.read("Host") == host.ljust(4096, b"\0")


def test_an_old_workbook_of_pictures() -> None:
    data = xls_of("a", {}, [])
    assert refused(sheet.read, data) == "empty"
    assert refused(sheet.read, data + b"\x89PNG\r\n\x1a\n") == "images_only"
    told = ("the workbook holds images, not read: a table among them would be missing",)
    for cells in ({(0, 0): "收支总表"}, {(0, 0): "项目", (0, 1): "金额"}):
        filled = xls_of("a", dict(cells), [])
        assert sheet.read(filled).notices == ()
        assert sheet.read(filled + b"\x89PNG\r\n\x1a\n").notices == told


def test_an_old_workbook_with_a_password() -> None:
    start = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 0x0005, 0x0DBB, 1996, 0, 6)
    protected = start + struct.pack("<HH", 0x002F, 54) + struct.pack("<H", 1) + b"\x01" * 52
    assert refused(sheet.read, ole_of(("Workbook", protected))) == "encrypted"


def ods_of(rows: str) -> bytes:
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {namespaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="表">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": "<manifest/>",
        },
        zipfile.ZIP_STORED,
    )


def ods_cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def test_open_document_sheets() -> None:
    empty = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    data = ods_of(f"<table:table-row>{ods_cell('科目')}{ods_cell('金额')}</table:table-row>{empty}")
    document = sheet.read(data)
    assert tables(document) == [[["科目", "金额"]]]
    assert places(document)["金额"] == "sheet 表 B1"
    row = f'<table:table-row table:number-rows-repeated="1000000">{ods_cell("x")}{ods_cell("y")}</table:table-row>'
    assert refused(sheet.read, ods_of(row)) == "too_large"
    wide = ods_cell("x", 'table:number-columns-repeated="1000"')
    began = time.process_time()
    assert refused(sheet.read, ods_of(row.replace("</table:table-row>", wide + "</table:table-row>"))) == "too_large"
    assert time.process_time() - began < 1


# By eye from the markup of the sheet and its table of strings, not from any library.
ZHANJIANG = {
    "A1": "2023年市级部门整体预算绩效目标表", "A2": "部门名称", "B2": "湛江市人力资源和社会保障局", "A3": "基本信息",
    "B3": "财政供养人员数", "C3": "750", "D3": "下属二级单位数", "E3": "10", "A4": "预算整体情况", "B4": "部门预算支出",
    "C4": "预算金额（万元）", "D4": "收入来源", "A5": "", "B5": "基本支出", "C5": "10596.35", "D5": "财政拨款",
    "E5": "82800.92", "B6": "项目支出", "C6": "72204.57", "D6": "其他资金", "E6": "0", "C8": "", "E8": "",
    "B9": "其他事业发展性支出", "D9": "拟用于对下转移支付资金", "C10": "", "D11": "拟投入的资金（万元）",
    "B12": "城乡居民养老保险政府补贴资金", "D12": "20140", "D13": "790", "D14": "500",
    "A15": "其他需完成的任务 （可选填）",
    "A16": "", "A17": "绩效指标", "D17": "三级指标", "B18": "产出指标", "C18": "数量指标", "E18": "≥200元每人每月",
    "B19": "", "C19": "", "D19": "发放创业担保贷款金额", "E19": "5000万元", "E22": "≧90%", "C24": "时效指标",
    "E24": "100%",
    "E25": "合规", "C27": "成本指标", "D27": "", "B29": "效益指标", "D32": "扶持创业企业（项目）数", "E32": "650",
    "C35": "可持续影响指标", "B37": "满意度指标", "C37": "服务对象满意度指标", "E37": "≥75%", "D39": "公共服务满意度",
    "E39": "≧95%",
}  # fmt: skip


def test_a_published_sheet(shared: Path) -> None:
    file = shared / "corpus" / "wild" / "zhanjiang-labour-2023-performance.xlsx"
    if not file.is_file():
        pytest.skip("the published sheet is not in the shared corpus")
    document = sheet.read(file.read_bytes())
    assert kinds(document) == "PT"
    assert {len(row) for row in tables(document)[0]} == {5}
    assert len(tables(document)[0]) == 38
    found = {cell.place.spot: cell.text for cell in document.cells()}
    assert {spot: found[spot] for spot in ZHANJIANG} == ZHANJIANG
    assert document.notices == ()


# --- html ----------------------------------------------------------------------------------------------------------


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def test_html_spans_make_a_grid() -> None:
    document = html.read(
        page(
            "<h1>收支总表</h1><p>单位：万元</p><table><thead><tr><th rowspan=2>科目<th colspan='2'>合计</thead>"
            "<tbody><tr><td>上年<td>本年</tr><tr><td>甲<td rowspan=99>1<td>2<tr><td>乙<td>3</tbody></table>尾"
        )
    )
    assert kinds(document) == "PPTP"
    assert tables(document) == [
        [["科目", "合计", ""], ["", "上年", "本年"], ["甲", "1", "2"], ["乙", "", "3"]],
    ]  # fmt: skip
    assert places(document)["本年"] == "table 1 R2C3"
    assert places(document)["3"] == "table 1 R4C3"
    assert places(document)["尾"] == "paragraph 3"
    assert document.media_type == "text/html"


def test_html_tables_that_arrange_are_no_tables() -> None:
    data = "<table><tr><td>科目</td><td>金额</td></tr><tr><td>甲</td><td>1</td></tr></table>"
    frame = f"<table><tr><td>导航</td><td><table><tr><td><p>标题</p>{data}</td></tr></table></td></tr></table>"
    document = html.read(page(frame))
    assert kinds(document) == "PPT"
    assert paragraphs(document) == ["导航", "标题"]
    assert tables(document) == [[["科目", "金额"], ["甲", "1"]]]
    assert places(document)["1"] == "table 1 R2C2"


def test_html_table_inside_a_table_of_data_follows_it() -> None:
    inner = "<table><tr><td>里甲</td><td>里乙</td></tr></table>"
    outer = f"<table><tr><td>a<td>b<tr><td>c<td>d<tr><td>e<td>前{inner}后</table>"
    assert tables(html.read(page(outer))) == [[["a", "b"], ["c", "d"], ["e", "前\n后"]], [["里甲", "里乙"]]]


def test_html_box_of_prose_is_paragraphs_and_one_cell_a_table() -> None:
    assert paragraphs(html.read(page("<table><tr><td><p>一、概况</p><p>二、职责</p></td></tr></table>"))) == [
        "一、概况",
        "二、职责",
    ]
    assert tables(html.read(page("<table><tr><td>12.50</td></tr></table>"))) == [[["12.50"]]]


def test_html_breaks_entities_and_white_space() -> None:
    document = html.read(
        page(
            "第一行<br>第二行<p>项目\n   支出 a\n b</p>"
            "<table><tr><td>目标1<br/>目标2<p>&lt;5%&nbsp;&#8805;3</p><td> x\t y <b>z</b></table>"
        )
    )
    assert paragraphs(document) == ["第一行", "第二行", "项目支出 a b"]
    assert tables(document) == [[["目标1\n目标2\n<5%\xa0≥3", "x y z"]]]


def test_html_shows_no_scripts_and_nothing_hidden() -> None:
    hidden = "<tr style='DISPLAY : none'><td>h<td>h</tr>"
    document = html.read(
        page(
            "<script>s</script><style>s</style><noscript>n</noscript><div hidden>h</div><!-- c -->"
            "<p style='visibility:hidden'>h</p><select><option>o</select>见"
            f"<table><caption>表名</caption>{hidden}<tr><td>a<td style='display:none'>h<td>b</table>",
            head="<title>t</title>",
        )
    )
    assert paragraphs(document) == ["见", "表名"]
    assert tables(document) == [[["a", "b"]]]


@pytest.mark.parametrize(
    ("said", "used", "encoding"),
    [
        ("gb2312", "gb18030", "gb18030"),
        ("utf-8", "gb18030", "gb18030"),
        ("gbk", "utf-8-sig", "utf-8-sig"),
        ("", "gb18030", "gb18030"),
        ("", "utf-8", "utf-8"),
        ("", "utf-16", "utf-16"),
    ],
)
def test_html_encodings(said: str, used: str, encoding: str) -> None:
    head = f"<html><head><meta http-equiv=Content-Type content='text/html; charset={said}'></head>"
    text = head + "<p>部门预算镕公开说明表</p>"
    document = html.read(text.encode(used))
    assert paragraphs(document) == ["部门预算镕公开说明表"]
    assert document.encoding == encoding


def test_html_hostile() -> None:
    row = "<tr>" + "<td colspan=1000 rowspan=1000>x</td>" * 20 + "</tr>"
    began = time.process_time()
    assert refused(html.read, page(f"<table>{row * 100}</table>")) == "too_large"
    wide = tables(html.read(page("<table><tr><td colspan=999999999>x<td rowspan=0>y<tr><td>z</table>")))[0]
    assert ([len(row) for row in wide], wide[0][1000], wide[1][0]) == ([1001, 1001], "y", "z")
    assert refused(html.read, page("<div>" * 5000 + "x")) == "malformed"
    assert time.process_time() - began < 10
    assert refused(html.read, page("<img src=a.png>")) == "images_only"
    assert refused(html.read, page("<p> &nbsp; </p>")) == "empty"
    assert refused(html.read, b"<html>\x00\x01\x02") == "binary"
    entity = b'<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/hostname">]><html><body>&f;x</body></html>'
    assert all("x" in text for text in paragraphs(html.read(entity)))


# --- archives ------------------------------------------------------------------------------------------------------


def with_flags(data: bytes, flags: int, central_offset: int = 8, local_offset: int = 6) -> bytes:
    """A zip with bits of the flags of all its members set."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x01\x02", central_offset), (b"PK\x03\x04", local_offset)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset] |= flags
            at = changed.find(mark, at + 4)
    return bytes(changed)


def test_zip_members_in_the_order_of_their_names() -> None:
    inner = zipped({"甲.txt": "1"})
    word = docx_of(p("x"))
    data = zipped({"b/": "", "b/2.txt": "二", "a.docx": word, "c.zip": inner, "__MACOSX/._a": "x", "b/.DS_Store": "x"})
    assert list(archive.read_members(data)) == [
        ("a.docx", word),
        ("b/2.txt", "二".encode()),
        ("c.zip/甲.txt", b"1"),
    ]


def test_zip_names_in_gbk() -> None:
    name = "部门预算.txt"
    raw = zipped({"x" * len(name.encode("gbk")): "1"})
    data = raw.replace(b"x" * len(name.encode("gbk")), name.encode("gbk"))
    assert [member for member, _ in archive.read_members(data)] == [name]


def test_zip_names_with_backslashes_are_paths() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        member = zipfile.ZipInfo("a.txt")
        member.filename = "2024\\a.txt"
        package.writestr(member, "1")
    assert [member for member, _ in archive.read_members(file.getvalue())] == ["2024/a.txt"]


@pytest.mark.parametrize("name", ["../a.txt", "a/../../b.txt", "/etc/passwd", "C:/a.txt", "..\\a.txt", "\\\\host\\a"])
def test_zip_names_that_lead_outside(name: str) -> None:
    assert refused(archive.read_members, zipped({"good.txt": "x", name: "x"})) == "hostile_archive"


def test_zip_with_a_link() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        package.writestr(link, "/etc/passwd")
    assert refused(archive.read_members, file.getvalue()) == "hostile_archive"


def test_zip_with_a_password() -> None:
    data = with_flags(zipped({"a.txt": "x"}), 1)
    assert refused(archive.read_members, data) == "hostile_archive"
    assert refused(docx.read, with_flags(docx_of(p("x")), 1)) == "encrypted"


def test_zip_with_too_many_members() -> None:
    few = {f"{n}.txt": "" for n in range(1000)}
    assert len(list(archive.read_members(zipped(few)))) == 1000
    assert refused(archive.read_members, zipped(few | {"more.txt": ""})) == "hostile_archive"
    halves = {f"{n}.zip": zipped({f"{m}.txt": "" for m in range(300)}) for n in range(4)}
    assert refused(archive.read_members, zipped(halves)) == "hostile_archive"
    many = zipped({f"{n}": "" for n in range(10_000)}, zipfile.ZIP_STORED)
    assert refused(archive.read_members, many) == "hostile_archive"
    assert refused(archive.read_members, many + b"PK\x01\x02" * 100_000) == "hostile_archive"


def test_zip_bombs() -> None:
    zeros = b"\0" * (10 * 1024 * 1024)
    assert refused(archive.read_members, zipped({"a.txt": zeros})) == "hostile_archive"
    assert refused(archive.read_members, zipped({"a.zip": zipped({"a.txt": zeros})})) == "hostile_archive"
    # A member that announces less than it holds is not unpacked further than it announces.
    lying = zipped({"a.txt": zeros}).replace(struct.pack("<I", len(zeros)), struct.pack("<I", 100))
    assert refused(archive.read_members, lying) == "malformed"
    assert refused(archive.read_members, zipped({"a.txt": b"x"}, zipfile.ZIP_BZIP2)) == "malformed"


def test_a_repetitive_text_is_no_bomb() -> None:
    text = "预算公开".encode() * 40_000
    assert [content for _, content in archive.read_members(zipped({"a.txt": text}))] == [text]


def test_zip_depth() -> None:
    two = zipped({"b.zip": zipped({"a.txt": "x"})})
    assert [name for name, _ in archive.read_members(two)] == ["b.zip/a.txt"]
    assert refused(archive.read_members, zipped({"c.zip": two})) == "hostile_archive"


def test_zip_damaged() -> None:
    whole = bytearray(zipped({"a.txt": "x" * 1000, "b.txt": "y"}, zipfile.ZIP_STORED))
    assert refused(archive.read_members, bytes(whole[:-30])) == "malformed"
    whole[200] ^= 1
    assert refused(archive.read_members, bytes(whole)) == "malformed"
    assert refused(archive.read_members, zipped({})) == "empty"


# --- through LibreOffice -------------------------------------------------------------------------------------------

DOC = ole_of(("WordDocument", b""))


@pytest.fixture
def soffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a script in the place of LibreOffice, and nothing else of that name on the path."""

    def install(script: str) -> Path:
        command = tmp_path / "soffice"
        command.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return command

    return install


def test_doc_without_libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedDocument, match="install LibreOffice \\(soffice\\)") as caught:
        legacy.read(DOC)
    assert caught.value.code == "needs_libreoffice"


def test_doc_through_libreoffice(soffice: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "made.docx").write_bytes(docx_of(p("题") + tbl(tr(tc("a"), tc("b")))))
    log = tmp_path / "log"
    soffice(
        f'echo "$@" > {log}; while [ $# -gt 1 ]; do [ "$1" = --outdir ] && out=$2; shift; done\n'
        f'cmp -s "$1" {tmp_path}/given || exit 1; mkdir -p "$out" && cp {tmp_path}/made.docx "$out/document.docx"'
    )
    for data, media_type in ((DOC, "application/msword"), (b"{\\rtf1 x}", "application/rtf")):
        (tmp_path / "given").write_bytes(data)
        document = legacy.read(data)
        assert kinds(document) == "PT"
        assert places(document)["b"] == "table 1 R1C2"
        assert document.media_type == media_type
        arguments = log.read_text("utf-8").split()
        assert "--headless" in arguments
        profile = next(a for a in arguments if a.startswith("-env:UserInstallation=file:///"))
        assert not Path(profile.removeprefix("-env:UserInstallation=file://")).parent.exists(), "nothing is left behind"


def test_doc_that_libreoffice_does_not_convert(soffice: Callable[[str], Path]) -> None:
    soffice("exit 0")
    assert refused(legacy.read, DOC) == "conversion_failed"


def test_doc_that_hangs_libreoffice(soffice: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    minute = f"60.{os.getpid()}"  # no other process sleeps as long
    soffice(f"sleep {minute} & wait")
    monkeypatch.setattr(legacy, "TIMEOUT_S", 0.5)
    assert refused(legacy.read, DOC) == "timeout"
    wait_for_the_end_of(minute)  # what LibreOffice started has ended with it


def test_legacy_refuses_what_it_does_not_convert() -> None:
    assert refused(legacy.read, ole_of(("EncryptedPackage", b""))) == "encrypted"
    assert refused(legacy.read, b"text") == "malformed"


# --- any bytes -----------------------------------------------------------------------------------------------------

READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "docx": (docx.read, docx_of(p("题") + tbl(tr(tc("a", 2), tc("b", merge="restart"))))),
    "docx markup": (
        lambda data: docx.read(zipped(TYPES | {"word/document.xml": data})),
        f'<w:document xmlns:w="{W}"><w:body>{tbl(tr(tc("a", 2), tc("b")))}{p("题")}</w:body></w:document>'.encode(),
    ),
    "xlsx": (sheet.read, xlsx_of(("a", rows_of({"A": "x", "B": 2})))),
    "sheet markup": (
        lambda data: sheet.read(xlsx_of(("a", ""), **{"xl/worksheets/sheet1.xml": data})),
        f'<worksheet xmlns="{SPREADSHEET}">{rows_of({"A": "x", "B": 2})}{merged("A1:B2")}</worksheet>'.encode(),
    ),
    "xls": (sheet.read, xls_of("a", {(0, 0): "x", (1, 1): 2.0}, [(0, 0, 0, 1)])),
    "ods": (sheet.read, ods_of(f"<table:table-row>{ods_cell('x')}</table:table-row>")),
    "html": (html.read, page("<p>题</p><table><tr><td rowspan=2>a<td colspan=3>b<tr><td>c</table>")),
    "zip": (lambda data: list(archive.read_members(data)), zipped({"a.txt": "x", "b.zip": zipped({"c": "y"})})),
    "kind": (sniff.kind_of, ole_of(("WordDocument", b""))),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=5000, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_damage_is_read_or_refused(name: str, data: st.DataObject) -> None:
    read, whole = READERS[name]
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(changed) - 1))
        change = data.draw(st.sampled_from(["byte", "cut", "double", "digits"]))
        if change == "byte":
            changed[at] = data.draw(st.integers(0, 255))
        elif change == "cut":
            del changed[at : at + data.draw(st.integers(1, 40))]
        elif change == "double":
            changed[at:at] = changed[at : at + 40]
        else:
            changed[at : at + 1] = b"99999999"
        if not changed:
            return
    try:
        found = read(bytes(changed))
    except RefusedDocument:
        return
    if isinstance(found, Document):
        assert [cell.no for cell in found.cells()] == list(range(1, 1 + sum(1 for _ in found.cells())))
        for grid in tables(found):
            assert len({len(row) for row in grid}) == 1
    else:
        assert found is not None
