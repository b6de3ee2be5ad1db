"""How an Open Document sheet (.ods) shows its numbers: its markup says so, the spreadsheet library does not."""

from __future__ import annotations

from xml.parsers import expat

from loaders.errors import RefusedDocument
from loaders.readers.grid_cells import MAX_CELLS, too_large
from loaders.readers.workbook_parts import SheetFacts

_NUMBERS = {"float", "percentage", "currency"}


def facts_of(content: bytes) -> dict[str, SheetFacts]:
    """How the numbers of the sheets of a content.xml are shown, by the names of the sheets."""
    scan = _Scan()
    try:
        scan.parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise RefusedDocument("malformed", f"content.xml is not a workbook ({error})") from None
    return scan.found


class _Scan:
    """Reads the markup as a stream: a row that is repeated a million times takes no memory."""

    def __init__(self) -> None:
        self.found: dict[str, SheetFacts] = {}
        self.facts = SheetFacts()
        self.row = self.column = 0  # of the present cell, from 0
        self.rows = self.columns = 1  # how often the present row and cell are repeated
        self.is_number = False
        self.lines: list[str] | None = None  # of the present number
        self.remarks = 0  # how deep inside of a comment
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        told = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if tag == "annotation":
            self.remarks += 1
        elif tag == "table":
            self.facts = self.found.setdefault(told.get("name", ""), SheetFacts())
            self.row = 0
        elif tag == "table-row":
            self.column = 0
            self.rows = int(told.get("number-rows-repeated", "1"))
        elif tag in ("table-cell", "covered-table-cell"):
            self.columns = int(told.get("number-columns-repeated", "1"))
            self.is_number = told.get("value-type") in _NUMBERS
            self.lines = None
        elif tag == "p" and self.is_number and not self.remarks:
            self.lines = [*(self.lines or []), ""]
            self.parser.CharacterDataHandler = self._add
        elif tag == "s" and self.lines:
            self._add(" " * min(int(told.get("c", "1")), 100))

    def _add(self, text: str) -> None:
        if self.lines and not self.remarks:
            self.lines[-1] += text

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "annotation":
            self.remarks -= 1
        elif tag == "p":
            self.parser.CharacterDataHandler = None
        elif tag == "table-row":
            self.row += self.rows
        elif tag in ("table-cell", "covered-table-cell"):
            if self.is_number:
                self._note(None if self.lines is None else "\n".join(self.lines).strip())
            self.column += self.columns
            self.is_number = False

    def _note(self, text: str | None) -> None:
        if len(self.facts.shown) + self.rows * self.columns > MAX_CELLS:
            raise too_large()
        for row in range(self.row, self.row + self.rows):
            for column in range(self.column, self.column + self.columns):
                self.facts.shown[row, column] = text
