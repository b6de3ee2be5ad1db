"""Tables as CSV and Excel files: numbers stay numbers, no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from dashboard.format import cell

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN_IN_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Sheet:
    """A table to be written: heads, rows of values, and the decimals of each column (None: not a number)."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    decimals: Sequence[int | None]
    note: str = ""


def to_csv(sheet: Sheet) -> bytes:
    """The table as CSV in UTF-8 with a mark that Excel knows it by."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([cell(head) for head in sheet.heads])
    for row in sheet.rows:
        writer.writerow(["" if value is None else cell(value) for value in row])
    return stream.getvalue().encode("utf-8-sig")


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The tables as one workbook, a sheet each, with their notes above."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "text_wrap": True, "valign": "top"})
        grey = book.add_format({"font_color": "#555555"})
        numbers = {
            decimals: book.add_format({"num_format": "#,##0." + "0" * decimals if decimals else "0"})
            for decimals in {decimals for sheet in sheets for decimals in sheet.decimals if decimals is not None}
        }
        for index, sheet in enumerate(sheets, start=1):
            page = book.add_worksheet(sheet.name.translate(_FORBIDDEN_IN_SHEET_NAME).strip()[:31] or f"{index}")
            top = 0
            if sheet.note:
                page.write_string(0, 0, cell(sheet.note), grey)
                top = 1
            for column, head in enumerate(sheet.heads):
                page.write_string(top, column, cell(head), bold)
                page.set_column(column, column, _width(head, sheet.rows, column))
            page.freeze_panes(top + 1, 0)
            for line, row in enumerate(sheet.rows, start=top + 1):
                for column, value in enumerate(row):
                    if value is None:
                        continue
                    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                        places = sheet.decimals[column]
                        shape = None if places is None else numbers[places]
                        page.write_number(line, column, float(value), shape)
                    else:
                        page.write_string(line, column, cell(str(value)))
            if sheet.rows:
                page.autofilter(top, 0, top + len(sheet.rows), len(sheet.heads) - 1)
    return stream.getvalue()


def _width(head: str, rows: Sequence[Sequence[Any]], column: int) -> int:
    """A width that fits most of the column; a Chinese character takes two places."""
    texts = [head, *(str(row[column]) for row in rows[:200] if row[column] is not None)]
    return min(50, max(8, *(sum(1 + (ord(letter) > 0x2E80) for letter in text) for text in texts)) + 2)
