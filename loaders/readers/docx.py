"""Word documents (.docx): the body of the main part, as it is printed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaders import text as rules
from loaders.document import Document, Place, Table
from loaders.errors import RefusedDocument
from loaders.readers import archive
from loaders.readers.grid_cells import MAX_SPAN, Blocks, Span, lay_out

if TYPE_CHECKING:
    from lxml import etree

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

# Containers whose content stands in their place, and elements whose content is not printed.
_TRANSPARENT = {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple", "dir", "bdo"}
_UNPRINTED = {"del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "sdtPr", "sdtEndPr", "rt"}

_LARGE = 0.05 * 595 * 842  # square points: a twentieth of a page, as for PDF; a seal or a crest is smaller
_UNITS_A_POINT = 12_700
_STYLE_SIZE = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*([0-9]+(?:\.[0-9]+)?)pt")

# Signs that Word sets from its symbol fonts: (font, low byte of the code) → the sign as everyone else writes it.
_SYMBOLS = {
    ("Symbol", 0xA3): "≤", ("Symbol", 0xB3): "≥", ("Symbol", 0xB1): "±", ("Symbol", 0xB4): "×", ("Symbol", 0xB0): "°",
    ("Wingdings", 0xFE): "☑", ("Wingdings", 0xFD): "☒", ("Wingdings", 0xA8): "□", ("Wingdings", 0x6F): "□",
    ("Wingdings 2", 0x52): "☑", ("Wingdings 2", 0x53): "☒", ("Wingdings 2", 0xA3): "□", ("Wingdings 2", 0x2A): "□",
}  # fmt: skip


def read(data: bytes) -> Document:
    """A .docx → Document. Places: "table 2 R3C2", counted in the grid of the table; "paragraph 12", none blank.

    Headers, footers and notes are not read. A table in a table and a text box follow the table or paragraph that they
    stand in. Raises RefusedDocument: malformed, encrypted, hostile_archive, unsafe_xml, too_large, images_only, empty.
    """
    parts = archive.read_package(data)
    root = archive.parse_part(parts, _main_part(parts))
    body = next((child for child in root if _name(child) == "body"), None)
    if body is None:
        raise RefusedDocument("malformed", "the document has no body")
    reading = _Reading(Blocks())
    try:
        reading.flow(body)
    except RecursionError:
        raise RefusedDocument("malformed", "the document is nested too deeply") from None
    blocks = reading.blocks
    pictures = sum(1 for name in parts if "/media/" in name)
    if not blocks.blocks:
        if pictures:
            raise RefusedDocument("images_only", "the document holds only images: its tables are images, not read")
        raise RefusedDocument("empty", "the document has no text")
    notices = []
    if pictures and not any(isinstance(block, Table) for block in blocks.blocks):
        notices.append(f"the document has {pictures} images and no table: tables in it may be images, not read")
    elif large := _large_pictures(body):
        notices.append(f"the document has {large} large images, not read: a table among them would be missing")
    return blocks.document(MEDIA_TYPE, notices=notices)


def _large_pictures(body: etree._Element) -> int:
    """How many pictures of the text cover more than a twentieth of a page; one without a size is taken for large."""
    count = 0
    for element in body.iter("{*}blip", "{*}imagedata"):
        above = {_name(outer): outer for outer in element.iterancestors()}
        if "Fallback" in above:
            continue  # the same picture again, for programs that know no better
        frame = next((above[name] for name in ("inline", "anchor", "shape") if name in above), None)
        count += _area(frame) >= _LARGE
    return count


def _area(frame: etree._Element | None) -> float:
    """The area of a picture in square points; endless where it is not told."""
    extent = _child(frame, "extent")
    if extent is not None:
        sides = [str(extent.get(side, "")) for side in ("cx", "cy")]
        if all(side.isascii() and side.isdigit() for side in sides):
            return int(sides[0]) * int(sides[1]) / _UNITS_A_POINT**2
    style = dict(_STYLE_SIZE.findall(str(frame.get("style", "")))) if frame is not None else {}
    return float(style["width"]) * float(style["height"]) if len(style) == 2 else math.inf


def _main_part(parts: dict[str, bytes]) -> str:
    """The part with the text: by the package's relationships, since a few producers name it otherwise."""
    for relation in archive.relations(parts, ""):
        if relation.kind == "officeDocument" and relation.target in parts:
            return relation.target
    return "word/document.xml"


def _name(element: etree._Element) -> str:
    """The local name: the strict and the usual edition of the format differ in their namespaces only."""
    tag = element.tag
    return str(tag).rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: etree._Element) -> Iterator[etree._Element]:
    """Child elements; of alternatives the first that is given, since the others say the same again."""
    for child in element:
        if child.tag == f"{_COMPATIBILITY}AlternateContent":
            chosen = next(iter(child), None)
            if chosen is not None:
                yield from _children(chosen)
        elif isinstance(child.tag, str):
            yield child


def _child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The descendant along `names`, or None."""
    for name in names:
        if element is None:
            return None
        element = next((child for child in element if _name(child) == name), None)
    return element


def _value(element: etree._Element | None) -> str | None:
    """The attribute `val`; None where the element or the attribute is missing."""
    if element is None:
        return None
    return next((value for key, value in element.attrib.items() if str(key).rpartition("}")[2] == "val"), None)


def _count(element: etree._Element | None, default: int) -> int:
    value = _value(element)
    return min(int(value), MAX_SPAN) if value is not None and value.isascii() and value.isdigit() else default


def _is_on(element: etree._Element | None) -> bool:
    return element is not None and _value(element) not in ("0", "false", "off")


@dataclass
class _Reading:
    blocks: Blocks
    paragraphs: int = 0

    def flow(self, container: etree._Element) -> None:
        """Paragraphs and tables one after the other."""
        for child in _children(container):
            name = _name(child)
            if name == "p":
                text, floating = _paragraph(child)
                if text:
                    self.paragraphs += 1
                    self.blocks.paragraph(text, Place(spot=f"paragraph {self.paragraphs}"))
                self._all(floating)
            elif name == "tbl":
                self._table(child)
            elif name in _TRANSPARENT:
                self.flow(child)

    def _all(self, containers: list[etree._Element]) -> None:
        for container in containers:
            if _name(container) == "tbl":
                self._table(container)
            else:
                self.flow(container)

    def _table(self, table: etree._Element) -> None:
        floating: list[etree._Element] = []
        rows: list[list[Span]] = []
        merged: set[int] = set()  # columns in which a cell goes on downwards
        for row in _rows(table):
            properties = _child(row, "trPr")
            spans = _blank(_count(_child(properties, "gridBefore"), 0))
            at = sum(span.columns for span in spans)
            for cell in _cells(row):
                columns = max(_count(_child(cell, "tcPr", "gridSpan"), 1), 1)
                merge = _child(cell, "tcPr", "vMerge")
                goes_on = merge is not None and _value(merge) != "restart" and at in merged
                if goes_on:
                    spans.append(Span("", columns))
                else:
                    content = _Content()
                    content.read(cell)
                    spans.append(Span("\n".join(content.lines), columns))
                    floating += content.floating
                    merged.difference_update(range(at, at + columns))
                    if merge is not None:
                        merged.add(at)
                at += columns
            rows.append(spans + _blank(_count(_child(properties, "gridAfter"), 0)))
        self.blocks.numbered_table(lay_out(rows))
        self._all(floating)


def _blank(columns: int) -> list[Span]:
    return [Span("", columns)] if columns else []


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in _children(table):
        if _name(child) == "tr" and _child(child, "trPr", "del") is None:
            yield child
        elif _name(child) in _TRANSPARENT:
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in _children(row):
        if _name(child) == "tc":
            yield child
        elif _name(child) in _TRANSPARENT:
            yield from _cells(child)


@dataclass
class _Content:
    """What a cell holds: its paragraphs as lines; the tables and text boxes in it wait to follow the outer table."""

    lines: list[str] = field(default_factory=list)
    floating: list[etree._Element] = field(default_factory=list)

    def read(self, container: etree._Element) -> None:
        for child in _children(container):
            name = _name(child)
            if name == "p":
                text, floating = _paragraph(child)
                if text:
                    self.lines.append(text)
                self.floating += floating
            elif name == "tbl":
                self.floating.append(child)
            elif name in _TRANSPARENT:
                self.read(child)


def _paragraph(paragraph: etree._Element) -> tuple[str, list[etree._Element]]:
    """The printed text of a paragraph, and the text boxes anchored in it."""
    pieces: list[str] = []
    boxes: list[etree._Element] = []
    _inline(paragraph, pieces, boxes)
    return rules.clean("".join(pieces)), boxes


def _inline(element: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
    for child in _children(element):
        name = _name(child)
        if name == "t":  # of a run, or of a formula
            pieces.append(child.text or "")
        elif name in ("tab", "ptab"):
            pieces.append("\t")
        elif name in ("br", "cr"):
            pieces.append("\n")
        elif name == "noBreakHyphen":
            pieces.append("-")
        elif name == "sym":
            pieces.append(_symbol(child))
        elif name == "txbxContent":
            boxes.append(child)
        elif name == "r" and _is_on(_child(child, "rPr", "vanish")):
            continue
        elif name not in _UNPRINTED:
            _inline(child, pieces, boxes)


def _symbol(element: etree._Element) -> str:
    attributes = {str(key).rpartition("}")[2]: str(value) for key, value in element.attrib.items()}
    try:
        code = int(attributes.get("char", ""), 16)
        return _SYMBOLS.get((attributes.get("font", ""), code & 0xFF)) or chr(code)
    except (ValueError, OverflowError):
        return ""
