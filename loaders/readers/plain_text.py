"""Text files: bytes → lines → blocks, in whichever of the text dialects each part is written.

Three dialects are told apart line by line, so that one file may hold several:
- a line that begins with its only TAB is one cell (`tabbed cells`);
- a line with TABs inside is one row (`tabbed rows`);
- lines without TABs are prose, or tables copied out of a PDF (`wrapped`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from loaders import text as rules
from loaders.document import Block, Cell, Document, Place, Row, Table
from loaders.errors import RefusedDocument
from loaders.forms import catalogue
from loaders.readers import wrapped
from loaders.readers.wrapped import Line

_LINE_END = re.compile("\r\n|\r|\n|\f")
_BINARY = re.compile(b"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> tuple[str, str]:
    """Bytes → (text, encoding). UTF-8 and UTF-16 with mark, UTF-8, then GB 18030.

    Raises RefusedDocument for an empty file, binary content, or bytes that no encoding explains.
    """
    if not data.strip():
        raise RefusedDocument("empty", "the file is empty")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise RefusedDocument("bad_encoding", f"the text breaks off as {encoding}: {error.reason}") from None
    if len(_BINARY.findall(data[:65536])) > 0:
        raise RefusedDocument("binary", "the file is binary, not text")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            # A file cut inside its last character is still that encoding.
            if encoding == "utf-8" and error.start >= len(data) - 3 and error.start > 0:
                raise RefusedDocument("truncated", "the file breaks off inside a character (truncated?)") from None
            continue
        if _is_plausible(text):
            return text, encoding
    raise RefusedDocument("bad_encoding", "the bytes are neither UTF-8 nor GBK text")


def _is_plausible(text: str) -> bool:
    """Wrongly decoded bytes fall mostly outside of the characters that these documents use."""
    sample = text[:20000]
    usual = sum(
        1
        for c in sample
        if c.isascii() or "\u2000" <= c <= "\u33ff" or "\u4e00" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef"
    )
    return usual >= 0.9 * len(sample)


def read(data: bytes) -> Document:
    """A text file → Document.

    Raises RefusedDocument when the bytes are not text.
    """
    text, encoding = decode(data)
    lines = _LINE_END.split(text)
    builder = _Builder()
    for number, line in enumerate(lines, start=1):
        builder.add(number, line)
    return Document(
        blocks=tuple(builder.finish()),
        media_type="text/plain",
        encoding=encoding,
        line_count=sum(1 for line in lines if line.strip()),
    )


@dataclass
class _Draft:
    """A cell that is still being read: its text may go on in the next lines."""

    text: str
    first: int
    last: int


@dataclass
class _Builder:
    """Groups lines into rows and paragraphs; blocks are numbered once all are known."""

    parts: list[list[list[_Draft]] | Line] = field(default_factory=list)
    row_open: bool = False
    blank: bool = True
    blanks: int = 0

    def add(self, number: int, line: str) -> None:
        if not line.strip(" \u3000\u00a0\ufeff\r") or (not line.strip() and "\t" not in line):
            self.row_open, self.blank, self.blanks = False, True, self.blanks + 1
            return
        if "\t" in line.lstrip("\t") or line.count("\t") > 1:
            self._table().append([_Draft(rules.clean(part), number, number) for part in line.split("\t")])
            self.row_open = False
        elif line.startswith("\t"):
            draft = _Draft(rules.clean(line[1:]), number, number)
            if self.row_open:
                self._table()[-1].append(draft)
            else:
                self._table().append([draft])
            self.row_open = True
        elif self.row_open and self._continues(line):
            cell = self._table()[-1][-1]
            cell.text, cell.last = rules.join_lines(cell.text, rules.clean(line)), number
        else:
            self.parts.append(Line(number, line, self.blanks))
            self.row_open = False
        self.blank, self.blanks = False, 0

    def _continues(self, line: str) -> bool:
        """A line without TAB under a cell goes on with it, unless it is a page number or the title of a form."""
        cleaned = rules.clean(line)
        return not rules.is_page_number(cleaned) and not catalogue().is_title(cleaned)

    def _table(self) -> list[list[_Draft]]:
        if not self.parts or isinstance(self.parts[-1], Line):
            self.parts.append([])
        last = self.parts[-1]
        assert isinstance(last, list)
        return last

    def finish(self) -> list[Block]:
        """The blocks; runs of lines without TABs are read as wrapped text."""
        numbered = _Numbers()
        blocks: list[Block] = []
        run: list[Line] = []
        for part in [*self.parts, []]:
            if isinstance(part, Line):
                run.append(part)
                continue
            if run:
                blocks.extend(wrapped.read(run, numbered.cell))
                run = []
            if part:
                rows = tuple(
                    Row(tuple(numbered.cell(d.text, Place(d.first, d.last)) for d in drafts)) for drafts in part
                )
                blocks.append(Table(rows))
        return blocks


@dataclass
class _Numbers:
    last: int = 0

    def cell(self, text: str, place: Place) -> Cell:
        self.last += 1
        return Cell(self.last, text, place)
