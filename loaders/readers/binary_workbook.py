"""The records of a binary workbook (.xlsb), as far as they are read beside the spreadsheet library."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from loaders.readers import archive
from loaders.readers.number_format import BUILT_IN, NumberFormat
from loaders.readers.workbook_parts import SheetFacts, formats_of, note_format, refuse_over

_ROW, _CELLS = 0, range(1, 12)
_NUMBERS = {2, 5, 9}  # compressed number, number, formula with a number
_FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES, _SHEET = 44, 47, 617, 618, 156


def facts_of(parts: dict[str, bytes]) -> dict[str, SheetFacts]:
    """The number formats of the sheets of a workbook by their names.

    Raises RefusedDocument (too_large) if the filled cells of a sheet are too far apart.
    """
    targets = {relation.id: relation.target for relation in archive.relations(parts, "xl/workbook.bin")}
    formats = _formats(parts.get("xl/styles.bin", b""))
    sheets = {
        name: _sheet(content, formats)
        for name, content in parts.items()
        if name.endswith(".bin") and "/worksheets/" in name
    }
    found = {}
    for kind, content in _records(parts["xl/workbook.bin"]):
        if kind == _SHEET:
            reference, at = _text(content, 8)
            if (part := targets.get(reference, "")) in sheets:
                found[_text(content, at)[0]] = sheets[part]
    return found


def _formats(styles: bytes) -> dict[int, NumberFormat | None]:
    codes = dict(BUILT_IN)
    of_cells = False
    numbers: list[str] = []
    for kind, content in _records(styles):
        if kind == _FORMAT and len(content) >= 6:
            codes[str(int.from_bytes(content[:2], "little"))] = _text(content, 2)[0]
        elif kind in (_BEGIN_STYLES, _END_STYLES):
            of_cells = kind == _BEGIN_STYLES
        elif kind == _STYLE and of_cells:
            numbers.append(str(int.from_bytes(content[2:4], "little")))
    return formats_of(numbers, codes)


def _sheet(part: bytes, formats: dict[int, NumberFormat | None]) -> SheetFacts:
    facts = SheetFacts()
    rows, columns = [], []
    row = 0
    for kind, content in _records(part):
        if kind == _ROW and len(content) >= 4:
            row = int.from_bytes(content[:4], "little")
        elif kind in _CELLS and len(content) >= 8:
            column, style = struct.unpack_from("<II", content)
            rows.append(row)
            columns.append(column)
            if kind in _NUMBERS and (style & 0xFFFFFF) in formats:
                note_format(facts, row, column, formats[style & 0xFFFFFF])
    if rows:
        refuse_over((max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1))
    return facts


def _text(content: bytes, at: int) -> tuple[str, int]:
    """A text behind its length, and where it ends; empty for one that is not there."""
    count = int.from_bytes(content[at : at + 4], "little")
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, content) of each record."""
    at = 0
    while at < len(part):
        kind, at = _variable(part, at, 2)
        size, at = _variable(part, at, 4)
        yield kind, part[at : at + size]
        at += size


def _variable(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number of seven bits a byte at `at`, and where it ends."""
    number = 0
    for place in range(longest):
        byte = data[at] if at < len(data) else 0
        at += 1
        number |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    return number, at
