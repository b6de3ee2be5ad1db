"""Web pages (.html): the tables and texts that a browser shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from loaders import text as rules
from loaders.document import Document, Place
from loaders.errors import RefusedDocument
from loaders.readers import plain_text
from loaders.readers.grid_cells import MAX_SPAN, Blocks, Span, lay_out

MEDIA_TYPE = "text/html"

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
# Pages that say GB2312 use characters of its supersets all the same.
_ENCODINGS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8", "utf8": "utf-8",
              "big5": "big5"}  # fmt: skip

_UNPRINTED = {"script", "style", "head", "title", "noscript", "template", "select", "textarea", "button", "iframe",
              "object", "svg", "math"}  # fmt: skip
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_BLOCK = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "section", "article",
          "header", "footer", "main", "nav", "aside", "center", "blockquote", "pre", "form", "fieldset", "hr",
          "address", "figure", "figcaption", "caption", "tr", "td", "th", "body", "details", "summary"}  # fmt: skip
# A line end of the source between two Chinese characters is nothing; any other white space is one space.
_LINE_WRAP = re.compile(r"(?<=[\u2e80-\uffef])[ \t]*[\r\n]\s*(?=[\u2e80-\uffef])")
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read(data: bytes) -> Document:
    """A web page → Document. Places: "table 2 R3C2", counted in the grid of the table; "paragraph 12", none blank.

    A table that only arranges other tables is no table of its own; a table inside a table of data follows it. Lines
    that <br> parts are paragraphs outside of tables and lines of one cell inside. Raises RefusedDocument: those of
    the text reader, malformed, too_large, images_only, empty.
    """
    text, encoding = decode(data)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedDocument("malformed", f"the page cannot be parsed ({str(error)[:120]})") from None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):  # the tree lacks what lies beyond
        raise RefusedDocument("malformed", "the page is nested too deeply, or has a text too long, for the parser")
    if root is None:
        raise RefusedDocument("empty", "the page has no text")
    flow = _Flow()
    try:
        flow.walk(root)
        flow.end_paragraph()
    except RecursionError:
        raise RefusedDocument("malformed", "the page is nested too deeply") from None
    if not flow.blocks.blocks:
        if next(root.iter("img"), None) is not None:
            raise RefusedDocument("images_only", "the page shows only images: its tables are images, not read")
        raise RefusedDocument("empty", "the page has no text")
    pictures = sum(1 for _ in root.iter("img"))
    notices = []
    if pictures and not flow.blocks.table_count:
        notices.append(f"the page has {pictures} images and no table: tables in it may be images, not read")
    return flow.blocks.document(MEDIA_TYPE, encoding, notices)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a page and its encoding: by its mark, by what it says of itself, else as any text file."""
    said = _CHARSET.search(data[:4096])
    encoding = _ENCODINGS.get(said[1].decode("ascii").lower()) if said and not data.startswith(_BOMS) else None
    if encoding:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            pass  # pages that name another encoding than theirs are common
    return plain_text.decode(data)


def _is_shown(element: etree._Element) -> bool:
    return (
        isinstance(element.tag, str)
        and element.tag not in _UNPRINTED
        and element.get("hidden") is None
        and not _HIDDEN.search(element.get("style", ""))
    )


def _text(text: str | None) -> str:
    return _SPACE.sub(" ", _LINE_WRAP.sub("", text)) if text else ""


@dataclass
class _Lines:
    """Text under way: pieces of the present line, and the lines before it."""

    pieces: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def end_line(self) -> None:
        if line := rules.clean("".join(self.pieces)):
            self.lines.append(line)
        self.pieces.clear()


@dataclass
class _Flow:
    """The page outside of data tables, block by block."""

    blocks: Blocks = field(default_factory=Blocks)
    text: _Lines = field(default_factory=_Lines)
    paragraphs: int = 0

    def walk(self, element: etree._Element) -> None:
        """Adds what `element` shows; its tail belongs to its parent."""
        if not _is_shown(element):
            return
        if element.tag == "table":
            self.end_paragraph()
            if not _is_layout(element):
                self._table(element)
                return
        is_block = element.tag in _BLOCK
        if is_block or element.tag == "br":
            self.end_paragraph()
        self.text.pieces.append(_text(element.text))
        for child in element:
            self.walk(child)
            self.text.pieces.append(_text(child.tail))
        if is_block or element.tag == "table":
            self.end_paragraph()

    def end_paragraph(self) -> None:
        self.text.end_line()
        for line in self.text.lines:
            self.paragraphs += 1
            self.blocks.paragraph(line, Place(spot=f"paragraph {self.paragraphs}"))
        self.text.lines.clear()

    def _table(self, table: etree._Element) -> None:
        inner: list[etree._Element] = []
        rows: list[list[Span]] = []
        for child in table:
            if child.tag == "caption":
                self.walk(child)
        for row in _rows(table):
            if not _is_shown(row):
                continue
            spans = []
            for cell in _cells(row):
                if _is_shown(cell):
                    content = _Lines()
                    _cell_text(cell, content, inner)
                    content.end_line()
                    spans.append(Span("\n".join(content.lines), _span(cell, "colspan"), _span(cell, "rowspan")))
            rows.append(spans)
        self.blocks.numbered_table(lay_out(rows))
        for element in inner:
            self.walk(element)
            self.end_paragraph()


def _cell_text(element: etree._Element, content: _Lines, inner: list[etree._Element]) -> None:
    is_block = element.tag in _BLOCK
    if is_block or element.tag == "br":
        content.end_line()
    content.pieces.append(_text(element.text))
    for child in element:
        if child.tag == "table" and _is_shown(child):
            inner.append(child)
            content.end_line()
        elif _is_shown(child):
            _cell_text(child, content, inner)
        content.pieces.append(_text(child.tail))
    if is_block:
        content.end_line()


def _rows(element: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table itself, not of tables in it."""
    for child in element:
        if child.tag == "tr":
            yield child
        elif isinstance(child.tag, str) and child.tag not in ("table", "caption", "td", "th"):
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in row:
        if child.tag in ("td", "th"):
            yield child
        elif isinstance(child.tag, str) and child.tag not in ("table", "tr"):
            yield from _cells(child)


def _span(cell: etree._Element, name: str) -> int:
    digits = re.match(r"\s*\+?([0-9]{1,9})", cell.get(name, ""))
    count = int(digits[1]) if digits else 1
    if count == 0 and name == "rowspan":
        return MAX_SPAN  # to the end of the table
    return max(count, 1)


def _is_layout(table: etree._Element) -> bool:
    """True for a table that only arranges: it holds tables and no two rows of data of its own, or is a box of text."""
    cells = [[cell for cell in _cells(row) if _is_shown(cell)] for row in _rows(table)]
    if next(table.iterdescendants("table"), None) is None:
        only = [cell for row in cells for cell in row]
        return len(only) == 1 and sum(1 for _ in only[0].iterdescendants("p", "div", "li")) > 1
    data_rows = 0
    for row in cells:
        own = [cell for cell in row if next(cell.iterdescendants("table"), None) is None]
        data_rows += sum(1 for cell in own if "".join(cell.itertext()).strip()) >= 2
    return data_rows < 2
