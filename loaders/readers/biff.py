"""The records of an old workbook (.xls, .et), as far as they are read before the spreadsheet library."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from loaders.readers.workbook_parts import refuse_over

BOOK_STREAMS = ("Workbook", "Book")

_BEGIN, _FILE_PASS, _MANY_NUMBERS = 0x0809, 0x002F, 0x00BD
# Cells: formula, number, label, truth value or error, compressed number, label by its index, several numbers.
_CELLS = {0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6, _MANY_NUMBERS}


def has_password(stream: bytes) -> bool:
    """True for a workbook stream that is encrypted: a record near its beginning says so."""
    return any(kind == _FILE_PASS for kind, _, _ in _records(stream[:4096]))


def check_rectangles(stream: bytes) -> None:
    """Refuses a workbook with a sheet whose cells span more than the library can hold (RefusedDocument too_large)."""
    rows: list[int] = []
    columns: list[int] = []
    for kind, start, length in _records(stream):
        if kind == _BEGIN and rows:
            refuse_over((max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1))
            rows, columns = [], []
        elif kind in _CELLS and length >= 4 and start + length <= len(stream):
            row, column = struct.unpack_from("<HH", stream, start)
            rows.append(row)
            columns.append(column)
            if kind == _MANY_NUMBERS:  # its last two bytes are the last column
                columns += struct.unpack_from("<H", stream, start + length - 2)
    if rows:
        refuse_over((max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1))


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """(type, start of the content, length) of each record."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length
