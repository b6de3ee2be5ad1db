"""Tables as CSV and Excel files, of any length: numbers stay numbers, no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import xlsxwriter

from pipeline.export import neutralise

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What Excel takes, with one row for the heads; more rows go on in a further sheet.
ROWS_A_SHEET = 1_048_575
ROWS_MEASURED = 200
_FORBIDDEN_IN_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Sheet:
    """A table to be written: heads, rows of values, and the decimals of each column (None: not a number).

    The rows may be read while they are written; then they can be written once.
    """

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]
    decimals: Sequence[int | None]


def to_csv(sheet: Sheet) -> bytes:
    """The table as CSV in UTF-8 with a mark that Excel knows it by."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([neutralise(head) for head in sheet.heads])
    for row in sheet.rows:
        writer.writerow([_csv_cell(value) for value in row])
    return stream.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # no power of ten, which str() writes for small figures
    return "" if value is None else neutralise(value)


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The tables as one workbook, a sheet each."""
    stream = io.BytesIO()
    # Rows go to a temporary file as they come.
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(stream, options) as book:
        for sheet in sheets:
            for part, rows in enumerate(_parts(sheet.rows), start=1):
                _write(book, sheet, sheet.name if part == 1 else f"{sheet.name[:25]} {part}", rows)
    return stream.getvalue()


def _parts(rows: Iterable[Sequence[Any]]) -> Iterator[Iterator[Sequence[Any]]]:
    """The rows of one sheet after the other, each to be read to its end before the next; one without rows if none."""
    rest = iter(rows)
    first = list(islice(rest, 1))
    yield chain(first, islice(rest, ROWS_A_SHEET - 1))
    while first := list(islice(rest, 1)):
        yield chain(first, islice(rest, ROWS_A_SHEET - 1))


def _write(book: Any, sheet: Sheet, name: str, rows: Iterator[Sequence[Any]]) -> None:
    page = book.add_worksheet(name.translate(_FORBIDDEN_IN_SHEET_NAME).strip()[:31] or None)
    bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "text_wrap": True, "valign": "top"})
    shapes = [
        None if places is None else book.add_format({"num_format": "#,##0." + "0" * places if places else "0"})
        for places in sheet.decimals
    ]
    measured = list(islice(rows, ROWS_MEASURED))
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, neutralise(head), bold)
        page.set_column(column, column, _width(head, measured, column))
    page.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(chain(measured, rows), start=1):
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                page.write_number(last, column, float(value), shapes[column])
            else:
                page.write_string(last, column, neutralise(str(value)))
    if last:
        page.autofilter(0, 0, last, len(sheet.heads) - 1)


def _width(head: str, rows: Sequence[Sequence[Any]], column: int) -> int:
    """A width that fits most of the column; a Chinese character takes two places."""
    texts = [head, *(str(row[column]) for row in rows if row[column] is not None)]
    return min(50, max(8, *(sum(1 + (ord(letter) > 0x2E80) for letter in text) for text in texts)) + 2)
