"""A workbook with a sheet a form."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from decimal import Decimal

from simulation.grid import Block, Grid
from simulation.writers.package import OFFICE, PACKAGE, package

_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# What a number cell can show: amounts, and codes and years too.
_AMOUNT = re.compile(r"-?(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.[0-9]{1,4})?%?")
_NUMBER_STYLES = [
    f"{whole}{'.' * bool(decimals)}{'0' * decimals}{percent}"
    for whole in ("0", "#,##0")
    for decimals in range(5)
    for percent in ("", "%")
]


def as_xlsx_of_numbers(blocks: Sequence[Block]) -> bytes:
    """The same workbook with amounts as numbers, which only their formats make look as they are printed."""
    return as_xlsx(blocks, numbers=True)


def as_xlsx(blocks: Sequence[Block], notice: str = "", numbers: bool = False) -> bytes:
    """A workbook with a sheet a form, what stands above it on its top; the lines of a paragraph are rows.

    `notice` stands at the head of every printed page; with `numbers` amounts are numbers.
    """
    head = f"<headerFooter><oddHeader>&amp;C{html.escape(notice)}</oddHeader></headerFooter>" if notice else ""
    sheets: list[list[Block]] = [[]]
    for block in blocks:
        if any(isinstance(above, Grid) for above in sheets[-1]) and not _is_note(block):
            sheets.append([])
        sheets[-1].append(block)
    names = [f"表{number}" for number in range(1, len(sheets) + 1)]
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1))
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="styles" Type="{OFFICE}/styles" Target="styles.xml"/>'
    space = f'xmlns="{_SHEET}" xmlns:r="{OFFICE}"'
    parts = {
        "xl/workbook.xml": f"<workbook {space}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
    }
    for number, sheet in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {space}>{_sheet(sheet, numbers)}{head}</worksheet>"
    codes = "".join(f'<numFmt numFmtId="{at}" formatCode="{code}"/>' for at, code in enumerate(_NUMBER_STYLES, 200))
    styles = "".join(f'<xf numFmtId="{at}"/>' for at in range(200, 200 + len(_NUMBER_STYLES)))
    parts["xl/styles.xml"] = (
        f"<styleSheet {space}><numFmts>{codes}</numFmts><cellXfs><xf numFmtId='0'/>{styles}</cellXfs></styleSheet>"
    )
    return package("xl/workbook.xml", parts)


def _is_note(block: Block) -> bool:
    return isinstance(block, str) and block.startswith("注")


def _sheet(blocks: Sequence[Block], numbers: bool) -> str:
    across = max((len(block.widths) for block in blocks if isinstance(block, Grid)), default=1)
    rows: list[str] = []
    merges: list[str] = []

    def merge(row: int, column: int, columns: int, down: int) -> None:
        if columns * down > 1:
            merges.append(
                f'<mergeCell ref="{_address(row, column)}:{_address(row + down - 1, column + columns - 1)}"/>'
            )

    for block in blocks:
        top = len(rows)
        if isinstance(block, str):
            for line in block.split("\n"):
                merge(len(rows), 0, across, 1)
                rows.append(_sheet_cell(len(rows), 0, line, numbers))
            continue
        for boxes in block.lines():
            rows.append("".join(_sheet_cell(top + box.row, box.column, box.text, numbers) for box in boxes))
            for box in boxes:
                merge(top + box.row, box.column, box.columns, box.rows)
    data = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, start=1))
    merged = f"<mergeCells>{''.join(merges)}</mergeCells>" if merges else ""
    return f"<sheetData>{data}</sheetData>{merged}"


def _sheet_cell(row: int, column: int, text: str, numbers: bool) -> str:
    """A text cell, amounts too; with `numbers` an amount is a number under the format that shows it."""
    if not text:
        return f'<c r="{_address(row, column)}"/>'
    if numbers and _AMOUNT.fullmatch(text):
        bare = text.rstrip("%").replace(",", "")
        decimals = len(bare.partition(".")[2])
        code = f"{'#,##0' if ',' in text else '0'}{'.' * bool(decimals)}{'0' * decimals}{'%' * text.endswith('%')}"
        value = Decimal(bare).scaleb(-2) if text.endswith("%") else Decimal(bare)
        return f'<c r="{_address(row, column)}" s="{_NUMBER_STYLES.index(code) + 1}"><v>{value:f}</v></c>'
    inline = f'<is><t xml:space="preserve">{html.escape(text, quote=False)}</t></is>'
    return f'<c r="{_address(row, column)}" t="inlineStr">{inline}</c>'


def _address(row: int, column: int) -> str:
    letters = chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)
    return f"{letters}{row + 1}"
