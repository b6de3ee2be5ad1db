"""The records of an old workbook (.xls, .et), as far as they are read before the spreadsheet library."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from loaders.readers.number_format import BUILT_IN, NumberFormat
from loaders.readers.workbook_parts import SheetFacts, formats_of, note_format, refuse_over

BOOK_STREAMS = ("Workbook", "Book")

_BEGIN, _FILE_PASS, _MANY_NUMBERS = 0x0809, 0x002F, 0x00BD
# Cells: formula, number, label, truth value or error, compressed number, label by its index, several numbers.
_CELLS = {0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6, _MANY_NUMBERS}
_NUMBERS = {0x0006, 0x0203, 0x027E}  # formula, number, compressed number
_FORMAT, _STYLE, _SHEET = 0x041E, 0x00E0, 0x0085
_VERSION_8, _VERSION_5 = 0x0600, 0x0500  # the texts of the newer one say how wide they are, the older has bytes
_CODE_PAGE = 0x0042


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


def facts_of(stream: bytes) -> dict[str, SheetFacts]:
    """The number formats of the sheets of a workbook by their names."""
    version = struct.unpack_from("<H", stream, 4)[0] if len(stream) >= 6 else 0
    if version not in (_VERSION_8, _VERSION_5):
        return {}
    read = _text if version == _VERSION_8 else _bytes_text(stream)
    short = version == _VERSION_5  # a count of one byte before the code of a format
    codes = dict(BUILT_IN)
    styles: list[str] = []
    names: dict[int, str] = {}  # where a sheet begins → its name
    formats: dict[int, NumberFormat | None] = {}
    found: dict[str, SheetFacts] = {}
    facts: SheetFacts | None = None
    for kind, start, length in _records(stream):
        content = stream[start : start + length]
        if kind == _FORMAT and length >= 5:
            number, count = struct.unpack_from("<HB" if short else "<HH", content)
            codes[str(number)] = read(content[3 if short else 4 :], count)
        elif kind == _STYLE and length >= 4:
            styles.append(str(int.from_bytes(content[2:4], "little")))
        elif kind == _SHEET and length >= 8:
            names[int.from_bytes(content[:4], "little")] = read(content[7:], content[6])
        elif kind == _BEGIN:
            formats = formats or formats_of(styles, codes)
            name = names.get(start - 4)
            facts = found.setdefault(name, SheetFacts()) if name is not None else None
        elif facts is not None and kind in (*_NUMBERS, _MANY_NUMBERS) and length >= 6:
            for row, column, style in _styled(kind, content, length):
                if style in formats:
                    note_format(facts, row, column, formats[style])
    return found


def _styled(kind: int, content: bytes, length: int) -> Iterator[tuple[int, int, int]]:
    """(row, column, style) of the numbers of a record. `content` is shorter than `length` where the file is cut off."""
    if kind != _MANY_NUMBERS:
        yield struct.unpack_from("<HHH", content)
        return
    row, first = struct.unpack_from("<HH", content)
    for at in range((length - 6) // 6):
        yield row, first + at, int.from_bytes(content[4 + 6 * at : 6 + 6 * at], "little")


def _text(content: bytes, count: int) -> str:
    """A text of `count` characters behind its flag: two bytes a character, or one."""
    wide = bool(content[:1] and content[0] & 1)
    return content[1 : 1 + count * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1", "replace")


def _bytes_text(stream: bytes) -> Callable[[bytes, int], str]:
    """The texts of an older workbook: bytes of the code page that it names."""
    pages = (int.from_bytes(stream[at : at + 2], "little") for kind, at, size in _records(stream) if kind == _CODE_PAGE)
    page = next(pages, 1252)
    encoding = f"cp{page}" if page in (936, 950, 932, 949, 437, *range(1250, 1259)) else "latin-1"
    return lambda content, count: content[:count].decode(encoding, "replace")


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """(type, start of the content, length) of each record."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length
