"""What a sheet shows for a stored number, by format code: by hand from the rules that Excel documents."""

from __future__ import annotations

import csv
import io
import shutil
import struct
import subprocess
from pathlib import Path

import openpyxl
import pytest

from loaders import text as rules
from loaders.readers import biff, binary_workbook, number_format, open_document, sheet

# (format, stored number, shown)
SHOWN: list[tuple[str, float, str]] = [
    # Digits, separators, rounding.
    ("0.00", 720.0, "720.00"),
    ("0.00", -12.3, "-12.30"),
    ("0", 0.95, "1"),
    ("0.0", 0.25, "0.3"),
    ("0.00", 82800.920000000013, "82800.92"),
    ("0.00", 1.005, "1.01"),
    ("0.00", 1e20, "100000000000000000000.00"),
    ("#,##0.00", 1234567.891, "1,234,567.89"),
    ("#,##0", 999.5, "1,000"),
    ("#,##0", 0.0, "0"),
    ("#,###", 0.0, ""),
    ("#,##0.##", 1234.5, "1,234.5"),
    ("0.0#", 3.0, "3.0"),
    ("#.00", 0.5, ".50"),
    ("000000", 42.0, "000042"),
    ("000,000", 1234.0, "001,234"),
    ("???0.0?", 7.5, "7.5"),
    # A point that is a literal text divides what is read: 万元 shown by format.
    ("0!.0000", 15000.0, "1.5000"),
    ("0!.0000", 123.0, "0.0123"),
    ("0!.0000", -15000.0, "-1.5000"),
    ("0!.0,", 15000.0, "1.5"),
    ("0!.0,", 15500.0, "1.6"),
    ("0\\.0,", 15000.0, "1.5"),
    ('0"."0000', 15000.0, "1.5000"),
    ('0"."0,"万元"', 255000.0, "25.5万元"),
    ("#!.0000", 98765432.0, "9876.5432"),
    # Commas behind the last place divide by a thousand each.
    ("#,##0,", 1234567.0, "1,235"),
    ("#,##0.00,", 1234567.0, "1,234.57"),
    ("0.00,,", 1234567890.0, "1234.57"),
    ('0.0,"千元"', 15000.0, "15.0千元"),
    ('#,##0.00,," 百万元"', 2500000.0, "2.50 百万元"),
    ("0,.00", 15000.0, "15.00"),
    # Escaped and quoted texts, blanks, fillers.
    ("0\\元", 5.0, "5元"),
    ("0!元", 5.0, "5元"),
    ('0.00"万元"', 12.5, "12.50万元"),
    ('"约 "0', 8.0, "约 8"),
    ("0.00_ ", 20140.0, "20140.00"),
    ("¥* #,##0.00", 1234.5, "¥1,234.50"),
    ("*-0", 6.0, "6"),
    ("0_);(0)", 6.0, "6"),
    ("000-000", 5.0, "000-005"),
    # Currency and language.
    ("¥#,##0.00", 45000.0, "¥45,000.00"),
    ("￥#,##0.00", 45000.0, "￥45,000.00"),
    ("[$¥-804]#,##0.00", 1234.5, "¥1,234.50"),
    ("[$-804]0.00", 1234.5, "1234.50"),
    ('"¥"#,##0.00;\\-"¥"#,##0.00', -9.9, "-¥9.90"),
    ("$#,##0", 1234.0, "$1,234"),
    # Accounting.
    ('_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', 1234.5, "1,234.50"),
    ('_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', -1234.5, "(1,234.50)"),
    ('_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', 0.0, "-"),
    ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', -1234.5, "-1,234.50"),
    # Sections: positive; negative; zero; text.
    ("#,##0.00_ ;[Red]\\-#,##0.00\\ ", -1234.5, "-1,234.50"),
    ("0.00_);[Red]\\(0.00\\)", -3.5, "(3.50)"),
    ("0.00;△0.00", -3.5, "△3.50"),
    ('#,##0.00;-#,##0.00;"--"', 0.0, "--"),
    ("0.00;-0.00;——", 0.0, "——"),
    ("0.00;-0.00;", 0.0, ""),
    ("0.00;;", -5.0, ""),
    (";;;@", 5.0, ""),
    ("0.00;0.00", -5.0, "5.00"),
    ("0.00;@", -5.0, "-5.00"),
    ("0.0;-0.0;0;@", 0.0, "0"),
    # Conditions.
    ("[<1]0.00;0", 0.5, "0.50"),
    ("[<1]0.00;0", 5.0, "5"),
    ('[<>0]#,##0.00;"--"', 0.0, "--"),
    ('[<>0]#,##0.00;"--"', 1234.5, "1,234.50"),
    ("[=0]\\-;0.0", 2.25, "2.3"),
    ('[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', 1234567890.0, "12.35亿"),
    ('[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', 15000.0, "1.5万"),
    ('[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', 9999.0, "9999"),
    # Per cent, scientific, fractions.
    ("0%", 0.95, "95%"),
    ("0.00%", 0.12345, "12.35%"),
    ("0%;-0%", -0.5, "-50%"),
    ("0.00E+00", 12345.678, "1.23E+04"),
    ("0.0E+0", 0.00012, "1.2E-4"),
    ("##0.0E+0", 12345.678, "12.3E+3"),
    ("# ?/?", 1.5, "1 1/2"),
    ("# ??/??", 0.0, "0"),
    ("# ?/4", 3.75, "3 3/4"),
    ("?/?", 1.5, "3/2"),
    # General beside a text.
    ('General"元"', 5.5, "5.5元"),
    ('G/通用格式"人"', 12.0, "12人"),
]  # fmt: skip

# What a text must say in another way than the sheet: red for negative, figures of another script. Same number.
SAID_OTHERWISE = [
    ("0.00;[Red]0.00", -5.0, "-5.00"),
    ("0.00;[红色]0.00", -5.0, "-5.00"),
    ("[DBNum1]0", 1234.0, "1234"),
    ("[DBNum2][$-804]General", 15000.0, "15000"),
    ("[DBNum3]0.00", 1.5, "1.50"),
    ("#,##0.##", 5.0, "5"),
    ("[<1]0.00;0", -5.0, "-5.00"),
]

UNKNOWN = [
    ("yyyy-mm-dd", 45000.0), ("[$-804]aaaa", 45000.0), ("[h]:mm", 1.5), ("[$-F800]0", 45000.0), ("e", 45000.0),
    ("#,##0!.0000", 15000.0), ("0,!.0", 15000.0), ("0.0,0", 15000.0), ("[<1]0", 5.0), ("0;", -5.0), ("0;0;0;0", 5.0),
    ("[>9]0;[>5]0.0;0.00;00", 5.0), ("[=1]0;0.0;0.00", 5.0), ("0.00;[>5]0", 5.0), ("[Foo]0", 5.0), ("0 X", 5.0),
    ('0"元', 5.0), ("0" * 300, 5.0), ("0.0.0", 5.0), ("0/0/0", 5.0), ("0.00@", 5.0), ("0 1", 5.0), ("0E0", 5.0),
]  # fmt: skip


@pytest.mark.parametrize(("code", "number", "text"), [*SHOWN, *SAID_OTHERWISE], ids=str)
def test_a_format_shows_a_number(code: str, number: float, text: str) -> None:
    found = number_format.format_of(code)
    assert found is not None
    assert found.show(number) == text


@pytest.mark.parametrize(("code", "number"), UNKNOWN, ids=str)
def test_what_a_format_shows_is_not_guessed(code: str, number: float) -> None:
    found = number_format.format_of(code)
    assert found is None or found.show(number) is None


def test_built_in_formats_are_read() -> None:
    for number, code in number_format.BUILT_IN.items():
        assert number_format.is_as_stored(code) or number_format.format_of(code), number


def workbook_of(rows: list[tuple[str, float]]) -> bytes:
    """A workbook that another program wrote: a number in column B of each row."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "决算"
    page.append(["科目", "金额"])
    for row, (code, number) in enumerate(rows, start=2):
        page.cell(row, 1, f"第{row}行")
        page.cell(row, 2, number).number_format = code
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read_column(data: bytes) -> tuple[list[str], tuple[str, ...]]:
    """Column B without its head, blanks included, and the notices."""
    document = sheet.read(data)
    cells = {cell.place.spot: cell.text for cell in document.cells()}
    last = max(int(spot[1:]) for spot in cells)
    return [cells.get(f"B{row}", "") for row in range(2, last + 1)], document.notices


def test_numbers_of_a_workbook_are_read_as_they_are_shown() -> None:
    by_number = "_(* #,##0.00_)"  # written as built-in 43, whose negative numbers depend on the language
    rows = [row for row in SHOWN if not row[0].startswith(by_number)]
    rows += [("General", 720.0, "720"), ("@", 0.5, "0.5"), ("yyyy-mm-dd", 45000.0, "2023-03-15")]
    texts, notices = read_column(workbook_of([(code, number) for code, number, _ in rows]))
    assert texts == [text for _, _, text in rows]
    assert [line.partition(":")[0] for line in notices] == [
        "sheet 决算 shows numbers with fewer digits than it stores, read as shown",
        "sheet 决算 hides numbers by their format, read as empty",
    ]


def test_a_harmless_format_draws_no_warning() -> None:
    codes = [
        "¥#,##0.00",
        "[$¥-804]#,##0.00",
        "0.00_ ",
        '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
        "0!.0000",
    ]
    assert read_column(workbook_of([(code, 45000.0) for code in codes]))[1] == ()


def test_a_number_of_which_nobody_knows_what_is_shown_is_left_out_and_named() -> None:
    """Never the stored number: it may be ten thousand times that which the sheet shows."""
    texts, notices = read_column(workbook_of([("#,##0!.0000", 15000.0), ("0.00", 1.5), ("0.00!d", 45000.0)]))
    assert texts == [rules.UNKNOWN_DISPLAY, "1.50", rules.UNKNOWN_DISPLAY]
    assert notices == ("sheet 决算 shows numbers in formats that are not read, they are left out: B2, B4",)


def test_a_number_in_figures_of_another_script_is_named() -> None:
    texts, notices = read_column(workbook_of([("[DBNum2][$-804]General", 15000.0)]))
    assert texts == ["15000"]
    assert notices == ("sheet 决算 shows numbers in figures of another script, read as digits: B2",)


# --- other files -----------------------------------------------------------------------------------------------


def converted(data: bytes, kind: str, folder: Path) -> bytes:
    """The workbook as LibreOffice writes it."""
    source = folder / "book.xlsx"
    source.write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind]
    subprocess.run([*command, "--outdir", str(folder), str(source)], check=True, capture_output=True, timeout=120)
    return (folder / f"book.{kind.partition(':')[0]}").read_bytes()


# Where LibreOffice differs from Excel, and why.
DIFFERS = {
    "0,.00",  # takes the comma for a separator of thousands
    'G/通用格式"人"',  # does not know the word
}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is the witness")
def test_another_program_shows_the_same(tmp_path: Path) -> None:
    # It knows the sign of escape of Excel's Chinese users only in its other spelling.
    rows = [(code.replace("!", "\\"), number, text) for code, number, text in SHOWN if code not in DIFFERS]
    data = workbook_of([(code, number) for code, number, _ in rows])
    shown = converted(data, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true", tmp_path).decode()
    witness = {row: cells[1].strip() for row, cells in enumerate(csv.reader(io.StringIO(shown))) if row}
    differing = {
        (code, number): (text, witness[at])
        for at, (code, number, text) in enumerate(rows, start=1)
        if witness[at].replace(" ", "") != text.replace(" ", "")
    }
    assert differing == {}


OTHER_FILES = [
    ("0\\.0000", 15000.0, "1.5000"),
    ("#,##0.00,", 1234567.0, "1,234.57"),
    ("0.00", -12.3, "-12.30"),
    ("0%", 0.95, "95%"),
    ('0.00"万元"', 12.5, "12.50万元"),
    ('#,##0.00;-#,##0.00;"--"', 0.0, "--"),
    ("General", 720.5, "720.5"),
]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice writes the files")
@pytest.mark.parametrize("kind", ["xls:MS Excel 97", "ods"])
def test_other_workbooks_are_read_as_they_are_shown(kind: str, tmp_path: Path) -> None:
    data = converted(workbook_of([(code, number) for code, number, _ in OTHER_FILES]), kind, tmp_path)
    assert read_column(data)[0] == [text for _, _, text in OTHER_FILES]


def test_a_workbook_of_an_older_version_names_its_formats_in_bytes() -> None:
    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    code, name = b"0!.0000", "表".encode("gbk")
    start = record(0x0809, struct.pack("<HHHH", 0x0500, 5, 0, 0)) + record(0x0042, struct.pack("<H", 936))
    start += record(0x041E, struct.pack("<HB", 200, len(code)) + code)
    start += record(0x00E0, struct.pack("<HHHHHHHH", 0, 200, 0, 0, 0, 0, 0, 0))
    begin = len(start) + 4 + 7 + len(name)
    start += record(0x0085, struct.pack("<IBBB", begin, 0, 0, len(name)) + name)
    page = record(0x0809, struct.pack("<HHHH", 0x0500, 16, 0, 0))
    page += record(0x0203, struct.pack("<HHHd", 1, 2, 0, 15000.0))
    assert biff.facts_of(start + page)["表"].formats == {(1, 2): number_format.format_of("0!.0000")}


def content_of(cells: str) -> bytes:
    spaces = " ".join(f'xmlns:{name}="urn:oasis:{name}"' for name in ("office", "table", "text"))
    return (
        f'<office:document {spaces}><table:table table:name="表"><table:table-row table:number-rows-repeated="2">'
        f"{cells}</table:table-row></table:table></office:document>"
    ).encode()


def test_an_open_document_says_itself_how_its_numbers_are_shown() -> None:
    cells = (
        '<table:table-cell office:value-type="string"><text:p>9</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="15000">'
        "<office:annotation><text:p>批注</text:p></office:annotation><text:p>1.5<text:s/>万元</text:p></table:table-cell>"
        '<table:table-cell office:value-type="currency" office:value="15000"/>'
    )
    shown = open_document.facts_of(content_of(cells))["表"].shown
    assert shown == {(row, at): text for row in (0, 1) for at, text in ((1, "1.5 万元"), (2, "1.5 万元"), (3, None))}


def record(kind: int, content: bytes) -> bytes:
    """A record of a binary workbook: its type and its length in one byte a seven bits."""
    number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return number + bytes([len(content)]) + content


def binary_text(text: str) -> bytes:
    return len(text).to_bytes(4, "little") + text.encode("utf-16-le")


def test_a_binary_workbook_names_the_formats_of_its_cells() -> None:
    styles = b"".join(
        (
            record(44, (200).to_bytes(2, "little") + binary_text("0!.0000")),
            record(47, bytes(16)),  # a style that cells are derived from, not of a cell
            record(617, b""),
            *(record(47, bytes(2) + number.to_bytes(2, "little") + bytes(12)) for number in (0, 200, 14)),
            record(618, b""),
        )
    )
    cells = [(0, 5, 0), (1, 5, 1), (2, 2, 1), (3, 9, 2), (4, 7, 1)]  # column, type, style
    page = record(0, (3).to_bytes(4, "little")) + b"".join(
        record(kind, column.to_bytes(4, "little") + style.to_bytes(4, "little") + bytes(8))
        for column, kind, style in cells
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    parts = {
        "xl/workbook.bin": record(156, bytes(8) + binary_text("rId1") + binary_text("表")),
        "xl/_rels/workbook.bin.rels": relations.encode(),
        "xl/worksheets/sheet1.bin": page,
        "xl/styles.bin": styles,
    }
    scaled = number_format.format_of("0!.0000")
    assert binary_workbook.facts_of(parts)["表"].formats == {(3, 1): scaled, (3, 2): scaled, (3, 3): None}
