"""What the markup of a workbook tells and the spreadsheet library does not: formulas without a result, error values,
pictures, hidden rows, and how large a rectangle its filled cells span."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from loaders.errors import RefusedDocument
from loaders.readers import archive

# The library keeps the rectangle from the first to the last filled cell in memory, 32 bytes a cell.
MAX_RECTANGLE = 10_000_000

# Sheets reach hundreds of megabytes of markup, nearly all of it empty rows: patterns skip those a hundred times faster
# than an XML parser, and well-formedness is judged by the library afterwards.
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s/>])([^<>]*)>")
_FILLED = re.compile(rb"<(?:\w+:)?c(?=[\s>])([^<>]*)(?<!/)>\s*(?=<[^/])")
_WITHOUT_ADDRESS = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?![^<>]*\sr\s*=)")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ADDRESS = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"']")
_ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,7})[\"']")
_HIDDEN_ROW = re.compile(
    rb"<(?:\w+:)?row\s(?:[^<>]*\s)?hidden\s*=\s*[\"'](?:1|true)[\"'][^<>]*(?<!/)>\s*<(?:\w+:)?c[\s>]"
)
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>])([^<>]*)(?<!/)>(.*?)</(?:\w+:)?c\s*>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_RESULT = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]+)<")
_EMPTY_RESULT = re.compile(rb"<(?:\w+:)?v[\s/>]")
_TEXT_TYPE = re.compile(rb"\st\s*=\s*[\"']str[\"']")
_ERROR_TYPE = re.compile(rb"\st\s*=\s*[\"']e[\"']")

_TABLE_ROW = re.compile(rb"<(?:\w+:)?table-row(?=[\s/>])")
_TABLE_CELL = re.compile(rb"<(?:\w+:)?(?:covered-)?table-cell(?=[\s/>])")
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"']([0-9]{1,9})")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"']([0-9]{1,9})")


@dataclass
class SheetFacts:
    """Of one sheet: addresses of formulas without a result; error values ("#REF!") by (row, column) from 0; counts."""

    without_result: list[str] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    pictures: int = 0
    hidden_rows: int = 0


def column_number(letters: str) -> int:
    """A → 0, AB → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """0 → A, 27 → AB."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def facts_of(parts: dict[str, bytes]) -> dict[str, SheetFacts]:
    """The facts of the sheets of an .xlsx by their names; none for .xlsb, whose parts are binary.

    Raises RefusedDocument (too_large) if the filled cells of a sheet are too far apart.
    """
    if "xl/workbook.xml" not in parts:
        return {}
    targets = {relation.id: relation.target for relation in archive.relations(parts, "xl/workbook.xml")}
    facts = {}
    for element in archive.parse_part(parts, "xl/workbook.xml").iter("{*}sheet"):
        reference = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")
        part = targets.get(reference, "")
        if part in parts:
            facts[str(element.get("name", ""))] = _facts(parts, part)
    return facts


def _facts(parts: dict[str, bytes], part: str) -> SheetFacts:
    xml = parts[part]
    _check_rectangle(xml)
    facts = SheetFacts(pictures=_pictures(parts, part), hidden_rows=sum(1 for _ in _HIDDEN_ROW.finditer(xml)))
    if _FORMULA.search(xml) or _ERROR_TYPE.search(xml):
        for attributes, content in _CELL.findall(xml):
            address = _ADDRESS.search(attributes)
            if address is None:
                continue
            result = _RESULT.search(content)
            if _ERROR_TYPE.search(attributes) and result:
                place = (int(address[2]) - 1, column_number(address[1].decode()))
                facts.errors[place] = result[1].decode("utf-8", "replace").strip()
            if _FORMULA.search(content) and not result:
                is_empty_text = _TEXT_TYPE.search(attributes) and _EMPTY_RESULT.search(content)
                if not is_empty_text:
                    facts.without_result.append((address[1].upper() + address[2]).decode())
    return facts


def _check_rectangle(xml: bytes) -> None:
    """Refuses a sheet whose filled cells span more than MAX_RECTANGLE."""
    rows: list[int] = []
    columns: list[int] = []
    for attributes in _FILLED.findall(xml):
        if address := _ADDRESS.search(attributes):
            rows.append(int(address[2]))
            columns.append(column_number(address[1].decode()))
    if _WITHOUT_ADDRESS.search(xml):  # such cells are counted on from the one before
        numbers = [int(match[1]) for attributes in _ROW.findall(xml) if (match := _ROW_NUMBER.search(attributes))]
        chunks = _ROW.split(xml)[2::2]
        rows += [1, len(chunks) + max(numbers, default=0)]
        columns += [0, max((sum(1 for _ in _ANY_CELL.finditer(chunk)) for chunk in chunks), default=0)]
    if rows:
        _refuse_over((max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1))


def check_open_document(content: bytes) -> None:
    """Refuses an .ods (its content.xml) whose filled cells, with repetitions, span more than MAX_RECTANGLE."""
    for table in re.split(rb"<(?:\w+:)?table(?=[\s>])", content)[1:]:
        rows = filled_rows = width = 0
        for row in _TABLE_ROW.split(table)[1:]:
            rows += _repeated(_ROWS_REPEATED, row.partition(b">")[0])
            if filled := list(_filled_columns(row)):
                filled_rows, width = rows, max(width, *filled)
        _refuse_over(filled_rows * width)


def _filled_columns(row: bytes) -> Iterator[int]:
    columns = 0
    for cell in _TABLE_CELL.split(row)[1:]:
        columns += _repeated(_COLUMNS_REPEATED, cell.partition(b">")[0])
        if b"value-type" in cell or b"<text:" in cell:
            yield columns


def _repeated(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    match = pattern.search(attributes)
    return int(match[1]) if match else 1


def _refuse_over(cells: int) -> None:
    if cells > MAX_RECTANGLE:
        raise RefusedDocument("too_large", f"the filled cells of a sheet span {cells:,} cells: too many")


def _pictures(parts: dict[str, bytes], part: str) -> int:
    drawings = [relation.target for relation in archive.relations(parts, part) if relation.kind == "drawing"]
    return sum(1 for drawing in drawings for relation in archive.relations(parts, drawing) if relation.kind == "image")
