"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .et, .ods): the visible sheets, as tables and the lines around them."""

from __future__ import annotations

import datetime
import io
import math
import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from loaders import text as rules
from loaders.document import Document, Place
from loaders.errors import RefusedDocument
from loaders.forms import catalogue
from loaders.readers import archive, biff, binary_workbook, open_document, sniff, workbook_parts
from loaders.readers.grid_cells import MAX_CELLS, Blocks, too_large
from loaders.readers.ole import OleFile
from loaders.readers.workbook_parts import SheetFacts, column_letters

if TYPE_CHECKING:
    from loaders.readers.number_format import NumberFormat

_OPEN_DOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"
_OPEN_XML = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = "application/vnd.ms-excel"

_MAX_NAMED = 10  # cells that one notice names
_MAX_MERGED_LOOKUPS = 5_000_000
_PICTURE_BYTES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1")
# WPS puts a picture into a cell by a function of its own.
_PICTURE_CELL = re.compile(r"^=?(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)
_NOTE = re.compile(r"^(?:注|备注|说明)\s*[0-9]*[:：]")
_NUMBER = re.compile(r"^-?[0-9][0-9,]*(?:\.[0-9]+)?%?$")

_Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta
_Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; from 0


def read(data: bytes) -> Document:
    """A workbook → Document, sheet by sheet. Places: part "sheet 收支总表", spot "B4".

    A table ends at a wholly empty row; a lone cell above it is a paragraph. What is not read is named in `notices`:
    hidden sheets, formulas without a stored result, sheets of images. Raises RefusedDocument: malformed, encrypted,
    hostile_archive, unsafe_xml, too_large, images_only, empty.
    """
    facts: dict[str, SheetFacts] = {}
    media_type, pictures = _BINARY, False
    if archive.is_zip(data):
        parts = archive.read_package(data)
        media_type = _OPEN_DOCUMENT if "content.xml" in parts else _OPEN_XML
        if "content.xml" in parts:
            workbook_parts.check_open_document(parts["content.xml"])
            facts = open_document.facts_of(parts["content.xml"])
        else:
            facts = binary_workbook.facts_of(parts) if "xl/workbook.bin" in parts else workbook_parts.facts_of(parts)
        knows_pictures = "xl/workbook.xml" in parts
        pictures = not knows_pictures and any("/media/" in name or name.startswith("Pictures/") for name in parts)
        del parts
    else:
        facts = biff.facts_of(_checked_stream(data))
        pictures = any(mark in data for mark in _PICTURE_BYTES)
    blocks, notices = Blocks(), _Notices()
    for name, sheet in _visible_sheets(data, facts, notices):
        _read_sheet(name, sheet, facts.get(name, SheetFacts()), blocks, notices)
    if not blocks.blocks:
        if notices.has_pictures or pictures:
            raise RefusedDocument("images_only", "the sheets hold only images: their tables are images, not read")
        raise RefusedDocument("empty", "; ".join(["no visible sheet has a filled cell", *notices.lines]))
    if pictures:  # on which sheet is not told
        notices.lines.append("the workbook holds images, not read: a table among them would be missing")
    return blocks.document(media_type, notices=notices.lines)


def _checked_stream(data: bytes) -> bytes:
    """The workbook stream of an .xls. Refuses one with a password, of which the library would say it knows no such
    format, or with too far a cell."""
    kind = sniff.kind_of(data)
    if kind == "encrypted":
        raise sniff.refusal(kind)
    if kind != "xls":
        raise RefusedDocument("malformed", "the file is not a workbook, or it is truncated")
    file = OleFile(data)
    stream = file.read(next(name for name in biff.BOOK_STREAMS if name in file.streams))
    biff.check_rectangles(stream)
    return stream


@dataclass
class _Notices:
    lines: list[str] = field(default_factory=list)
    has_pictures: bool = False


@dataclass
class _Grid:
    """The filled cells of one sheet: row → column → text, in order; merged ranges that have a text; addresses of
    numbers of which nobody knows how they are shown, that are shown with fewer digits than they have, not at all, or in
    figures of another script."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merges: list[_Merge] = field(default_factory=list)
    pictures: int = 0
    unknown: list[str] = field(default_factory=list)
    rounded: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    spelled: list[str] = field(default_factory=list)


def _visible_sheets(data: bytes, facts: dict[str, SheetFacts], notices: _Notices) -> Iterator[tuple[str, _Grid]]:
    """(name, filled cells) of each visible sheet. The library's panics do not derive from Exception."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for number, about in enumerate(workbook.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            if about.visible != SheetVisibleEnum.Visible:
                notices.lines.append(f"sheet {about.name} is hidden and was not read")
                continue
            yield about.name, _grid(workbook.get_sheet_by_index(number), facts.get(about.name, SheetFacts()))
    except PasswordError:
        raise RefusedDocument("encrypted", "the workbook is protected by a password") from None
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise RefusedDocument("malformed", f"the workbook cannot be read ({_one_line(error)})") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RefusedDocument("malformed", f"the workbook cannot be read ({_one_line(error)})") from None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120]


# --- one sheet → its texts -----------------------------------------------------------------------------------------


def _grid(sheet: CalamineSheet, facts: SheetFacts) -> _Grid:
    grid = _Grid()
    if sheet.start is None or sheet.end is None:
        return grid
    if sheet.end[0] >= workbook_parts.MAX_ROWS or sheet.end[1] >= workbook_parts.MAX_COLUMNS:
        raise RefusedDocument("malformed", "a cell lies outside of its sheet")
    left = sheet.start[1]  # rows come from the first row of the sheet, columns from the first filled one
    count = 0
    for row, values in enumerate(sheet.iter_rows()):
        if texts := _texts(row, enumerate(values, start=left), facts, grid):
            grid.rows[row] = texts
            count += len(texts)
            if count > MAX_CELLS:
                raise too_large()
    merges = [(*first, *last) for first, last in sheet.merged_cell_ranges or []]
    _blank_continued(grid.rows, merges)
    grid.merges = [merge for merge in merges if merge[1] in grid.rows.get(merge[0], {})]
    return grid


def _texts(row: int, values: Iterable[tuple[int, _Value]], facts: SheetFacts, grid: _Grid) -> dict[int, str]:
    """The texts of a row by column; its pictures are counted in `grid`."""
    texts: dict[int, str] = {}
    for column, value in values:
        if value == "":
            continue
        place = (row, column)
        text = printed(value)
        if place in facts.shown:
            text = _known(facts.shown[place], grid, place)
        elif place in facts.formats:
            text = _shown(text, value, facts.formats[place], grid, place)
        if _PICTURE_CELL.match(text):
            grid.pictures += 1
        elif text:
            texts[column] = text
    return texts


def printed(value: _Value) -> str:
    """A cell's value as text: 720.0 → "720", dates as ISO, truth values as TRUE and FALSE.

    Numbers have the fifteen digits that spreadsheets show at most: 82800.92000000001 in the file is 82800.92 there.
    A number format is applied by the caller, where it is known.
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        text = format(value, ".15g")
        return ("0" if text == "-0" else text) if "e" not in text else format(Decimal(text), "f")
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return rules.clean(str(value).replace("\r\n", "\n").replace("\r", "\n"))


def _shown(stored: str, value: _Value, found: NumberFormat | None, grid: _Grid, place: tuple[int, int]) -> str:
    """The text of a number under its format. What is worth a notice is noted in `grid`."""
    if isinstance(value, (bool, str)):
        return stored
    if not isinstance(value, (int, float)):  # taken for a date
        return stored if found is None else _known(None, grid, place)
    if not math.isfinite(value):
        return stored
    text = _known(found.show(value) if found else None, grid, place)
    if found is None or text == rules.UNKNOWN_DISPLAY:
        return text
    address = _address(place)
    if not text and value:
        grid.hidden.append(address)
    elif found.hides_digits_of(value):
        grid.rounded.append(address)
    if found.is_spelled and text:
        grid.spelled.append(address)
    return text


def _known(text: str | None, grid: _Grid, place: tuple[int, int]) -> str:
    """The text that a number is shown as; where nobody knows it, a text that says so and is no number. The stored
    number may be ten thousand times that which the sheet shows."""
    if text is None:
        grid.unknown.append(_address(place))
        return rules.UNKNOWN_DISPLAY
    return text


def _address(place: tuple[int, int]) -> str:
    return f"{column_letters(place[1])}{place[0] + 1}"


def _blank_continued(rows: dict[int, dict[int, str]], merges: list[_Merge]) -> None:
    """Removes what a merged range covers: spreadsheets show its first cell only."""
    numbers = list(rows)
    lookups = 0
    for top, left, bottom, right in merges:
        for row in numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]:
            texts = rows[row]
            lookups += 1 + len(texts)
            for column in [c for c in texts if left <= c <= right and (row, c) != (top, left)]:
                del texts[column]
        if lookups > _MAX_MERGED_LOOKUPS:
            raise RefusedDocument("malformed", "the merged ranges of a sheet overlap")
    for row in numbers:
        if not rows[row]:
            del rows[row]


# --- texts → paragraphs and tables ---------------------------------------------------------------------------------


def _read_sheet(name: str, grid: _Grid, facts: SheetFacts, blocks: Blocks, notices: _Notices) -> None:
    for (row, column), text in facts.errors.items():
        grid.rows.setdefault(row, {})[column] = text
    if facts.errors:
        grid.rows = {row: dict(sorted(grid.rows[row].items())) for row in sorted(grid.rows)}
    before = blocks.table_count
    _Layout(name, grid, blocks).read()
    pictures = grid.pictures + facts.pictures
    if pictures and blocks.table_count == before:
        notices.has_pictures = True
        notices.lines.append(f"sheet {name} holds {pictures} images and no table: its tables are images, not read")
    elif facts.pictures:
        notices.lines.append(
            f"sheet {name} has {facts.pictures} images beside its cells, not read: a table among them would be missing"
        )
    elif grid.pictures:
        notices.lines.append(f"sheet {name} has {grid.pictures} cells that hold images, read as empty")
    if facts.without_result:
        cells = _named(facts.without_result)
        notices.lines.append(f"sheet {name} has formulas without a stored result, read as empty: {cells}")
    for addresses, told in (
        (grid.unknown, "shows numbers in formats that are not read, they are left out"),
        (grid.rounded, "shows numbers with fewer digits than it stores, read as shown"),
        (grid.hidden, "hides numbers by their format, read as empty"),
        (grid.spelled, "shows numbers in figures of another script, read as digits"),
    ):
        if addresses:
            notices.lines.append(f"sheet {name} {told}: {_named(addresses)}")
    if facts.hidden_rows:
        notices.lines.append(f"sheet {name} has {facts.hidden_rows} hidden rows, read like the others")


def _named(addresses: list[str]) -> str:
    more = len(addresses) - _MAX_NAMED
    return ", ".join(addresses[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


@dataclass
class _Layout:
    """Cuts one sheet into tables and the paragraphs above and below them."""

    name: str
    grid: _Grid
    blocks: Blocks
    extent: tuple[int, int] | None = None  # the columns of the table above, if no paragraph came since

    def __post_init__(self) -> None:
        self.numbers = list(self.grid.rows)
        self.covered = _joined((top + 1, bottom) for top, _, bottom, _ in self.grid.merges if bottom > top)
        self.merges_at: dict[int, list[_Merge]] = {}
        for merge in self.grid.merges:
            self.merges_at.setdefault(merge[0], []).append(merge)

    def read(self) -> None:
        for segment in self._segments():
            self._segment(segment)

    def _segments(self) -> Iterator[list[int]]:
        """Runs of rows without a wholly empty row; a row that a merged cell reaches down to is not empty."""
        segment: list[int] = []
        for row in self.numbers:
            if segment and row > segment[-1] + 1:
                gap = range(segment[-1] + 1, row)
                if self._is_covered(gap[0], gap[-1]):
                    if len(gap) > MAX_CELLS:
                        raise too_large()
                    segment += gap
                else:
                    yield segment
                    segment = []
            segment.append(row)
        if segment:
            yield segment

    def _segment(self, rows: list[int]) -> None:
        table: list[int] = []
        for row in rows:
            texts = self.grid.rows.get(row, {})
            if not table and not texts:
                continue
            if self._is_lone(row) and (not table or catalogue().is_title(next(iter(texts.values())))):
                self._table(table)
                table = []
                self._paragraph(row)
            else:
                table.append(row)
        notes: list[int] = []
        while table and (not self.grid.rows.get(table[-1]) or self._is_note(table[-1], table)):
            last = table.pop()
            if last in self.grid.rows:
                notes.append(last)
        self._table(table)
        for row in reversed(notes):
            self._paragraph(row)

    def _is_lone(self, row: int) -> bool:
        """One cell and nothing beside it: not beside a label that began above, no label of rows below."""
        texts = self.grid.rows.get(row, {})
        if len(texts) != 1 or self._is_covered(row, row):
            return False
        bottom = max((merge[2] for merge in self.merges_at.get(row, [])), default=row)
        at = bisect_right(self.numbers, row)
        return at == len(self.numbers) or self.numbers[at] > bottom

    def _is_covered(self, first: int, last: int) -> bool:
        """True if merged cells from above reach down over all of these rows."""
        at = bisect_right(self.covered, (first, sys.maxsize)) - 1
        return at >= 0 and self.covered[at][1] >= last

    def _is_note(self, row: int, table: list[int]) -> bool:
        """A lone cell that says it is a note, or is merged over all columns of the rows above."""
        if not self._is_lone(row):
            return False
        column, text = next(iter(self.grid.rows[row].items()))
        left, right = self._extent(table)
        is_wide = left < right and any(
            column == merge[1] <= left and merge[3] >= right for merge in self.merges_at.get(row, [])
        )
        return is_wide or bool(_NOTE.match(text))

    def _extent(self, rows: list[int]) -> tuple[int, int]:
        columns = [column for row in rows for column in self.grid.rows.get(row, {})]
        return min(columns), max(columns)

    def _paragraph(self, row: int) -> None:
        column, text = next(iter(self.grid.rows[row].items()))
        self.extent = None
        self.blocks.paragraph(text, self._place(row, column))

    def _table(self, rows: list[int]) -> None:
        if not rows:
            return
        left, right = self._extent(rows)
        if self.extent and self.extent[0] <= left and right <= self.extent[1] and self._has_number(rows[0]):
            left, right = self.extent  # a body that goes on below an empty row keeps its columns
        self.extent = left, right
        if len(rows) * (right - left + 1) > MAX_CELLS:
            raise too_large()
        texts = [[self.grid.rows.get(row, {}).get(column, "") for column in range(left, right + 1)] for row in rows]
        self.blocks.table(texts, lambda row, column: self._place(rows[row], left + column))

    def _has_number(self, row: int) -> bool:
        return any(_NUMBER.match(text) for text in self.grid.rows[row].values())

    def _place(self, row: int, column: int) -> Place:
        return Place(part=f"sheet {self.name}", spot=f"{column_letters(column)}{row + 1}")


def _joined(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of rows, overlapping and adjacent ones made one, in order."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
