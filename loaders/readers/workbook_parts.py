"""What the markup of a workbook tells and the spreadsheet library does not: number formats, formulas without a result,
error values, pictures, hidden rows, and how large a rectangle its filled cells span."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from loaders.errors import RefusedDocument
from loaders.readers import archive
from loaders.readers.grid_cells import MAX_CELLS, too_large
from loaders.readers.number_format import BUILT_IN, NumberFormat, format_of, is_as_stored

# The library keeps the rectangle from the first to the last filled cell in memory, 32 bytes a cell, and believes an
# address beyond the end of a sheet.
MAX_RECTANGLE = 10_000_000
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384

_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

_TABLE_ROW = re.compile(rb"<(?:\w+:)?table-row(?=[\s/>])")
_TABLE_CELL = re.compile(rb"<(?:\w+:)?(?:covered-)?table-cell(?=[\s/>])")
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"']([0-9]{1,9})")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"']([0-9]{1,9})")


@dataclass
class SheetFacts:
    """Of one sheet: addresses of formulas without a result; by (row, column) from 0 error values ("#REF!") and the
    formats of numbers, None for one that is not read; counts. Without a format a number is shown as it is stored.
    `shown` are the numbers that the file itself says how they are shown, None where it does not."""

    without_result: list[str] = field(default_factory=list)
    formats: dict[tuple[int, int], NumberFormat | None] = field(default_factory=dict)
    shown: dict[tuple[int, int], str | None] = field(default_factory=dict)
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
    """The facts of the sheets of an .xlsx by their names.

    Raises RefusedDocument (too_large) if the filled cells of a sheet are too far apart.
    """
    targets = {relation.id: relation.target for relation in archive.relations(parts, "xl/workbook.xml")}
    styles = _styles(parts)
    facts = {}
    for element in archive.parse_part(parts, "xl/workbook.xml").iter("{*}sheet"):
        reference = next((str(v) for k, v in element.attrib.items() if str(k).endswith("}id")), "")
        part = targets.get(reference, "")
        if part in parts:
            facts[str(element.get("name", ""))] = _facts(parts, part, styles)
    return facts


def _styles(parts: dict[str, bytes]) -> dict[str, NumberFormat | None]:
    """The number formats of the cell styles by the number of the style; none where numbers are shown as stored."""
    if "xl/styles.xml" not in parts:
        return {}
    root = archive.parse_part(parts, "xl/styles.xml")
    own = {str(element.get("numFmtId")): str(element.get("formatCode", "")) for element in root.iter("{*}numFmt")}
    styles = [str(style.get("numFmtId", "0")) for style in root.iterfind("{*}cellXfs/{*}xf")]
    return {str(style): found for style, found in formats_of(styles, BUILT_IN | own).items()}


def formats_of(styles: Sequence[str], codes: Mapping[str, str]) -> dict[int, NumberFormat | None]:
    """The number of the format of each style, and format codes by number → the formats by style, without those that
    change nothing."""
    found = enumerate(codes.get(number) for number in styles)
    return {
        style: None if code is None else format_of(code)
        for style, code in found
        if code is None or not is_as_stored(code)
    }


def _facts(parts: dict[str, bytes], part: str, styles: dict[str, NumberFormat | None]) -> SheetFacts:
    scan = _Scan(styles)
    try:
        scan.parser.Parse(parts[part], True)
    except (expat.ExpatError, ValueError) as error:
        raise RefusedDocument("malformed", f"{part} is not a sheet ({error})") from None
    scan.end_cell()
    refuse_over(scan.height * scan.width)
    scan.facts.pictures = _pictures(parts, part)
    return scan.facts


class _Scan:
    """Reads the markup of one sheet as a stream: a sheet of a million empty rows takes no memory."""

    def __init__(self, styles: dict[str, NumberFormat | None]) -> None:
        self.styles = styles
        self.facts = SheetFacts()
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.buffer_text = True
        self.top = self.left = MAX_ROWS
        self.bottom = self.right = -1
        self.row, self.column = -1, -1  # of the present cell, from 0
        self.address: str | None = None  # of the present cell, until its row and column are asked for
        self.row_is_hidden = self.has_formula = self.has_result = False
        self.type = ""
        self.style = ""
        self.text: list[str] = []

    @property
    def height(self) -> int:
        return max(self.bottom - self.top + 1, 0)

    @property
    def width(self) -> int:
        return max(self.right - self.left + 1, 0)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            self.end_cell()
            if (address := attributes.get("r")) is None:  # counted on from the cell before
                self._locate()
                self.column += 1
            self.address = address
            self.type = attributes.get("t", "")
            self.style = attributes.get("s", "0") if self.type in ("", "n") else ""
        elif tag == "row":
            self.end_cell()
            self.address = None
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            self.row_is_hidden = attributes.get("hidden") in ("1", "true")
        elif tag in ("v", "is", "f"):
            self._fill()
            self.has_formula |= tag == "f"
            self.has_result |= tag == "v"
            if tag == "v" and self.style in self.styles:
                note_format(self.facts, self.row, self.column, self.styles[self.style])
            if tag == "v" and (self.has_formula or self.type == "e"):
                self.parser.CharacterDataHandler = self.text.append

    def _fill(self) -> None:
        self._locate()
        if self.row_is_hidden:
            self.facts.hidden_rows += 1
            self.row_is_hidden = False
        self.top, self.bottom = min(self.top, self.row), max(self.bottom, self.row)
        self.left, self.right = min(self.left, self.column), max(self.right, self.column)

    def _locate(self) -> None:
        if self.address is not None:
            match = _ADDRESS.fullmatch(self.address.upper())
            if match is None:
                raise ValueError(f"{self.address[:20]} is no address")
            self.row, self.column = int(match[2]) - 1, column_number(match[1])
            self.address = None
        if not (-1 <= self.row < MAX_ROWS and -1 <= self.column < MAX_COLUMNS):
            raise ValueError("a cell lies outside of the sheet")

    def end_cell(self) -> None:
        """Notes what the present cell turned out to be."""
        if self.has_formula or self.type == "e":
            self.parser.CharacterDataHandler = None
            self._locate()
            result = "".join(self.text).strip()
            if self.type == "e" and result:
                self.facts.errors[self.row, self.column] = result
            elif self.has_formula and not result and not (self.has_result and self.type == "str"):
                self.facts.without_result.append(f"{column_letters(self.column)}{self.row + 1}")
            self.text.clear()
        self.has_formula = self.has_result = False
        self.type = ""


def note_format(facts: SheetFacts, row: int, column: int, found: NumberFormat | None) -> None:
    """Keeps the format of a number; raises RefusedDocument (too_large) where there are more than cells are read."""
    facts.formats[row, column] = found
    if len(facts.formats) > MAX_CELLS:
        raise too_large()


def check_open_document(content: bytes) -> None:
    """Refuses an .ods (its content.xml) whose filled cells, with repetitions, span more than MAX_RECTANGLE."""
    for table in re.split(rb"<(?:\w+:)?table(?=[\s>])", content)[1:]:
        rows = filled_rows = width = 0
        for row in _TABLE_ROW.split(table)[1:]:
            rows += _repeated(_ROWS_REPEATED, row.partition(b">")[0])
            if filled := list(_filled_columns(row)):
                filled_rows, width = rows, max(width, *filled)
        refuse_over(filled_rows * width)


def _filled_columns(row: bytes) -> Iterator[int]:
    columns = 0
    for cell in _TABLE_CELL.split(row)[1:]:
        columns += _repeated(_COLUMNS_REPEATED, cell.partition(b">")[0])
        if b"value-type" in cell or b"<text:" in cell:
            yield columns


def _repeated(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    match = pattern.search(attributes)
    return int(match[1]) if match else 1


def refuse_over(cells: int) -> None:
    """Raises RefusedDocument (too_large) for a rectangle of more than MAX_RECTANGLE cells."""
    if cells > MAX_RECTANGLE:
        raise RefusedDocument("too_large", f"the filled cells of a sheet span {cells:,} cells: too many")


def _pictures(parts: dict[str, bytes], part: str) -> int:
    drawings = [relation.target for relation in archive.relations(parts, part) if relation.kind == "drawing"]
    return sum(1 for drawing in drawings for relation in archive.relations(parts, drawing) if relation.kind == "image")
