"""PDF files: pages → ruled tables, tables without rules, and paragraphs.

PDFium (through pypdfium2) gives the characters with their boxes and the drawn paths; `lattice` makes ruled tables of
the paths, `typeset` lines of the characters, `alignment` tables of lines. Here pages are put together to a document:
a table or a paragraph may go on on the next page. Positions are as the reader sees the page, whatever its rotation.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, TypeVar

import pypdfium2 as pdfium
from pypdfium2 import raw

from loaders import text as rules
from loaders.document import Box, Document, Place, around
from loaders.errors import RefusedDocument
from loaders.forms import catalogue
from loaders.readers import alignment, lattice, typeset
from loaders.readers.grid_cells import Blocks
from loaders.readers.lattice import Grid, Rule
from loaders.readers.typeset import Glyph, Margins, Piece

MEDIA_TYPE = "application/pdf"

THIN = 2.5  # points: a filled path no wider is a line
SHORT = 1.0  # and no line if it is no longer
WHITE = 250  # paths with red, green and blue from here on cannot be seen
CLIP_SAMPLE = 24  # text objects; of each so many the clip is looked at
CELL_CLIP = 6.0  # em: text cut off by less is cut off by its cell, by more it goes on on another page
FORM_DEPTH = 8  # forms within forms within …
MAX_PATHS = 100_000  # of a page; maps and drawings have more, tables never
DRAWN = 200  # paths that are no lines, on a page without text: the text was turned into outlines
PICTURED = 0.05  # share of a page from which images are named; a seal or a crest covers less
SPARSE = 2_000  # square points of an image for each character on it: with fewer characters the image is what is shown
MAX_IMAGES = 200  # of a page, the largest, that are looked at
TAIL = 4096  # bytes at the end of a file among which its end mark must be
SAME_EDGE = 4.0  # points by which a column may move from page to page
MIDDLE = 0.35  # em above the baseline is the middle of a character
RUNNING = 3  # texts that the head or the foot of a page has, at most
NEXT_LINE = 3.0  # em from line to line within a paragraph, at most

_AMOUNT = re.compile(r"[-−]?[0-9][0-9,，]*\.[0-9]+|[0-9]{1,3}(?:[,，][0-9]{3})+")
_DIGITS = re.compile("[0-9０-９]+")
_PAGE_TREE, _PAGE = re.compile(rb"/Type\s*/Pages\b"), re.compile(rb"/Type\s*/Page\b")
_Cells = dict[tuple[int, int], list[Glyph]]
_T = TypeVar("_T")


# Why nothing is read, the first that applies to a page.
_NOTHING = {
    "images_only": "the pages are images, their tables are not read",
    "malformed": "none of the pages can be read, they are damaged",
    "unreadable_text": "the text has no meaning in Unicode: its fonts do not tell which characters they print",
    "empty": "the pages hold no text",
}


def read(data: bytes) -> Document:
    """The bytes of a PDF → Document; each page's blocks from top to bottom.

    A place is "page 3 table 1 R3C2" or "page 3 line 7", lines being those outside of tables, and has a box: that of
    the ruled cell, else that of the text, in points from the top left of the page as viewers show it. Pages without
    text are named in `Document.notices`. Raises RefusedDocument: encrypted, no_pages, malformed, truncated,
    images_only, unreadable_text, empty.
    """
    pages, notices = _Pages(), list[str]()
    kinds: set[str] = set()
    is_read = False
    with _open(data) as document:
        for number in range(1, len(document) + 1):
            try:
                content = page_content(document, number)
            except pdfium.PdfiumError:
                kinds.add("malformed")
                notices.append(f"page {number} is broken and was not read")
                continue
            if content.is_picture:
                kinds.add("images_only")
                notices.append(f"page {number} is an image and was not read")
            elif content.is_garbled:
                kinds.add("unreadable_text")
                notices.append(f"page {number} has characters without a meaning in Unicode: not all of it was read")
            elif content.pictured >= PICTURED:
                share = f"{min(content.pictured, 1.0):.0%} of it"
                notices.append(f"page {number} has images over {share}, not read: a table among them would be missing")
            is_read = is_read or (bool(content.glyphs) and not content.is_picture)
            pages.add(number, content)
    if not is_read or not any(pages.pages):
        code = next((kind for kind in _NOTHING if kind in kinds), "empty")
        raise RefusedDocument(code, _NOTHING[code])
    return pages.document(notices)


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        # PDFium's code may be that of an earlier file: it is believed only where the bytes agree.
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) and b"/Encrypt" in data:
            raise RefusedDocument("encrypted", "the PDF is protected by a password") from None
        if b"%%EOF" not in data[-TAIL:]:
            raise _truncated() from None
        if _PAGE_TREE.search(data) and not _PAGE.search(data):
            raise _no_pages() from None
        raise RefusedDocument("malformed", "the PDF is damaged and cannot be opened") from None
    if b"%%EOF" not in data[-TAIL:]:
        # PDFium repairs what is left of a file; what is gone would be missing without a word.
        document.close()
        raise _truncated()
    if len(document) == 0:
        document.close()
        raise _no_pages()
    return document


def _no_pages() -> RefusedDocument:
    return RefusedDocument("no_pages", "the PDF has no pages")


def _truncated() -> RefusedDocument:
    return RefusedDocument("truncated", "the PDF breaks off: its end mark is missing (truncated?)")


# --- what is printed on a page -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Content:
    """What one page shows as it is read: characters, and ruling lines across and down. Sizes are in points.

    `turned` counts the quarter turns clockwise from the page as viewers show it, where that leaves the text lying.
    """

    width: float
    height: float
    turned: int
    glyphs: list[Glyph]
    across: list[Rule]
    down: list[Rule]
    is_picture: bool
    is_garbled: bool
    pictured: float  # share of the page that images without text on them cover

    def shown(self, box: Box | None) -> Box | None:
        """A box of the page as it is read → of the page as viewers show it."""
        if box is None:
            return None
        width, height = self.width, self.height
        for _ in range(-self.turned % 4):
            x0, y0, x1, y1 = box
            box = height - y1, x0, height - y0, x1
            width, height = height, width
        return box


class _View(NamedTuple):
    """From coordinates of the file (y upwards) to those of the reader: a turn by quarter turns clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    quarters: int

    @property
    def width(self) -> float:
        return self.top - self.bottom if self.quarters % 2 else self.right - self.left

    @property
    def height(self) -> float:
        return self.right - self.left if self.quarters % 2 else self.top - self.bottom

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) as seen."""
        match self.quarters:
            case 1:
                return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
            case 2:
                return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
            case 3:
                return self.top - top, self.right - right, self.top - bottom, self.right - left
        return left - self.left, self.top - top, right - self.left, self.top - bottom

    def height_of(self, x: float, y: float) -> float:
        """How far below the upper edge a point is seen."""
        return self.box(x, y, x, y)[1]


def page_content(document: pdfium.PdfDocument, number: int) -> Content:
    """Page `number`, counted from 1. Raises pdfium.PdfiumError for a page that PDFium cannot load."""
    page = document[number - 1]
    try:
        text = page.get_textpage()
        try:
            left, bottom, right, top = page.get_bbox()
            asked = int(page.get_rotation()) // 90 % 4
            objects = _Objects(_View(left, bottom, right, top, _quarters(text, asked)))
            objects.collect(page)
            glyphs, unknown = _glyphs(text, objects)
        finally:
            text.close()
    finally:
        page.close()
    is_bare = not glyphs or rules.is_page_number("".join(glyph.text for glyph in glyphs))
    return Content(
        width=objects.view.width,
        height=objects.view.height,
        turned=(objects.view.quarters - asked) % 4,
        glyphs=glyphs,
        across=objects.across,
        down=objects.down,
        is_picture=is_bare and (bool(objects.images) or objects.others >= DRAWN),
        is_garbled=unknown > 0.2 * (len(glyphs) + unknown),
        pictured=_pictured(objects, glyphs),
    )


def _pictured(objects: _Objects, glyphs: Sequence[Glyph]) -> float:
    """The share of the page that images cover, those aside that text stands on: backgrounds and scans with their text.

    The pieces that some programs cut a picture into count together.
    """
    page = objects.view.width * objects.view.height
    boxes = sorted(objects.images, key=lambda box: (box[0] - box[2]) * (box[3] - box[1]))[:MAX_IMAGES]
    areas = [(box, (box[2] - box[0]) * (box[3] - box[1])) for box in boxes]
    if not page or sum(area for _, area in areas) < PICTURED * page:
        return 0.0
    bare = 0.0
    for (x0, y0, x1, y1), area in areas:
        on_it = sum(x0 <= (glyph.x0 + glyph.x1) / 2 <= x1 and y0 <= glyph.middle <= y1 for glyph in glyphs)
        if on_it * SPARSE < area:
            bare += area
    return bare / page


def _quarters(text: pdfium.PdfTextPage, asked: int) -> int:
    """The quarter turns after which most of the text is upright; without text those that the page asks for."""
    count = text.count_chars()
    step = max(1, count // 60)
    turns = Counter(
        round(raw.FPDFText_GetCharAngle(text, i) / (math.pi / 2)) % 4
        for i in range(0, count, step)
        if raw.FPDFText_GetUnicode(text, i) > 32
    )
    if not turns:
        return asked
    turn, most = turns.most_common(1)[0]
    return -turn % 4 if most > 0.6 * turns.total() else asked


def _glyphs(text: pdfium.PdfTextPage, objects: _Objects) -> tuple[list[Glyph], int]:
    """The characters that can be seen on the page, and how many have no meaning that the file tells."""
    glyphs: list[Glyph] = []
    unknown = 0
    handle, box, x, y = text.raw, raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    origin_of = raw.FPDFText_GetCharOrigin
    view = objects.view
    width, height = view.width, view.height
    # Between these two every clip shows a line: only beyond them the clip of the character itself is looked up.
    upper = max((top for top, _ in objects.clips.values()), default=-math.inf)
    lower = min((bottom for _, bottom in objects.clips.values()), default=math.inf)
    for i, code in _codes(text, box):
        if code < 32 or code == 0xFFFD or 0xE000 <= code < 0xF900:
            unknown += 1
            if code < 32:
                continue
        printed = " " if code in (0x20, 0xA0, 0x3000) or 0x2000 <= code <= 0x200A else typeset.character(code)
        x0, y0, x1, y1 = view.box(box.left, box.bottom, box.right, box.top)
        if 0 <= (x0 + x1) / 2 <= width and 0 <= (y0 + y1) / 2 <= height:
            # The box is as wide as the type is set; its height is the ink's in some fonts and twice the type's in
            # others. Therefore lines go by the baseline, and the size by the width: a digit is half as wide as high.
            origin_of(handle, i, x, y)
            size = x1 - x0 if code > 0x2E7F else min(2 * (x1 - x0), y1 - y0)
            base = view.height_of(x.value, y.value)
            middle = base - MIDDLE * size
            if not upper <= middle <= lower:
                top, bottom = objects.clip(raw.FPDFText_GetTextObject(handle, i))
                if not top <= middle <= bottom:
                    if bottom - top > CELL_CLIP * size:
                        continue
                    middle = (top + bottom) / 2  # cut off at the edge of its cell, it still belongs to that
            glyphs.append(Glyph(printed, x0, x1, base, size, middle))
    if not any(glyph.text.strip() for glyph in glyphs):
        glyphs = []
    return glyphs, unknown


def _codes(text: pdfium.PdfTextPage, box: raw.FS_RECTF) -> Iterator[tuple[int, int]]:
    """(index, code point) of the characters that have a width; `box` holds the box of each while it is at hand.

    A character of two UTF-16 halves comes once, with the index of the second; a second half alone has code point 0.
    """
    handle, unicode_of, box_of = text.raw, raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    high = 0
    for i in range(text.count_chars()):
        code = unicode_of(handle, i)
        if code in (13, 10, 9):
            continue
        if not box_of(handle, i, box) or box.right == box.left or box.top == box.bottom:
            continue  # PDFium's own spaces between words have no width
        if code in (2, 0xFFFE):
            code = 0x2D  # PDFium marks a hyphen at the end of a line
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0
        high = 0
        yield i, code


_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _matrix_of(item: raw.FPDF_PAGEOBJECT, outer: _Matrix) -> _Matrix:
    """The matrix of an object, then that of what it stands in."""
    own = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, own):
        return outer
    a, b, c, d, e, f = outer
    return (
        own.a * a + own.b * c,
        own.a * b + own.b * d,
        own.c * a + own.d * c,
        own.c * b + own.d * d,
        own.e * a + own.f * c + e,
        own.e * b + own.f * d + f,
    )


def _apply(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return x * a + y * c + e, x * b + y * d + f


@dataclass
class _Objects:
    """The ruling lines of a page, how many images and other paths it has, and where its text is cut off.

    `clips` holds for text objects (by address) the heights between which they are seen: programs that print a long
    cell over two pages put all of its text on both, and show a part. As asking for each object is slow where each
    character is one, `collect` asks for some of a run of objects with as many clips.
    """

    view: _View
    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)
    clips: dict[int, tuple[float, float]] = field(default_factory=dict)
    images: list[tuple[float, float, float, float]] = field(default_factory=list)  # their boxes, within the page
    others: int = 0
    seen: int = 0
    run: int = 0
    last_count: int = -1

    def collect(self, page: pdfium.PdfPage) -> None:
        handle = page.raw
        for i in range(raw.FPDFPage_CountObjects(handle)):
            self._object(raw.FPDFPage_GetObject(handle, i), _IDENTITY, 0)

    def _object(self, item: raw.FPDF_PAGEOBJECT, outer: _Matrix, depth: int) -> None:
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            count = raw.FPDFClipPath_CountPaths(raw.FPDFPageObj_GetClipPath(item))
            self.run = self.run + 1 if count == self.last_count else 0
            self.last_count = count
            if self.run % CLIP_SAMPLE == 0 or outer is not _IDENTITY:
                self.clip(item, outer)
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            self.seen += 1
            if self.seen <= MAX_PATHS:
                self._path(item, outer)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            self._image(item, outer)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < FORM_DEPTH:
            inner = _matrix_of(item, outer)
            for i in range(raw.FPDFFormObj_CountObjects(item)):
                self._object(raw.FPDFFormObj_GetObject(item, i), inner, depth + 1)

    def _image(self, item: raw.FPDF_PAGEOBJECT, outer: _Matrix) -> None:
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
            return
        corners = [_apply(outer, x.value, y.value) for x in (left, right) for y in (bottom, top)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        x0, y0, x1, y1 = self.view.box(min(xs), min(ys), max(xs), max(ys))
        width, height = self.view.width, self.view.height
        box = max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height)
        self.images.append((box[0], box[1], max(box[0], box[2]), max(box[1], box[3])))

    def clip(self, item: raw.FPDF_PAGEOBJECT, outer: _Matrix = _IDENTITY) -> tuple[float, float]:
        """Between which heights a text object is seen. Of a polygon it is not known what it hides: nothing is."""
        address = ctypes.cast(item, ctypes.c_void_p).value or 0
        if address in self.clips:
            return self.clips[address]
        path = raw.FPDFPageObj_GetClipPath(item)
        upper, lower = 0.0, self.view.height
        x, y = ctypes.c_float(), ctypes.c_float()
        for i in range(max(raw.FPDFClipPath_CountPaths(path), 0)):
            if raw.FPDFClipPath_CountPathSegments(path, i) not in (4, 5):
                continue
            corners = []
            for corner in (0, 2):
                raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(path, i, corner), x, y)
                corners.append(_apply(outer, x.value, y.value))
            (xa, ya), (xb, yb) = corners
            _, top, _, bottom = self.view.box(min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))
            upper, lower = max(upper, top), min(lower, bottom)
        self.clips[address] = (upper, lower)
        return upper, lower

    def _path(self, item: raw.FPDF_PAGEOBJECT, outer: _Matrix) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not raw.FPDFPath_GetDrawMode(item, fill, stroke) or not (fill.value or stroke.value):
            return
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
            return
        corners = (left.value, bottom.value), (right.value, top.value)
        is_thin = min(abs(corners[1][0] - corners[0][0]), abs(corners[1][1] - corners[0][1])) <= THIN
        if not is_thin and not stroke.value and raw.FPDFPath_CountSegments(item) <= 5:
            self.others += 1  # a filled area
            return
        if _is_white(item, bool(stroke.value)):
            return
        if is_thin and raw.FPDFPath_CountSegments(item) <= 5:
            self._line(*(_apply(outer, *corner) for corner in corners))
            return
        before = len(self.across) + len(self.down)
        self._segments(item, outer, bool(stroke.value))
        if len(self.across) + len(self.down) == before:
            self.others += 1

    def _segments(self, item: raw.FPDF_PAGEOBJECT, outer: _Matrix, is_stroked: bool) -> None:
        """A path of several parts: what is straight and stroked, and what is a thin filled rectangle, is a line."""
        matrix = _matrix_of(item, outer)
        for points in _subpaths(item):
            corners = [_apply(matrix, x, y) for x, y in points]
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            if min(max(xs) - min(xs), max(ys) - min(ys)) <= THIN:
                self._line((min(xs), min(ys)), (max(xs), max(ys)))
            elif is_stroked:
                for first, second in pairwise(corners):
                    if min(abs(first[0] - second[0]), abs(first[1] - second[1])) <= 0.5:
                        self._line(first, second)

    def _line(self, first: tuple[float, float], second: tuple[float, float]) -> None:
        (xa, ya), (xb, yb) = first, second
        x0, y0, x1, y1 = self.view.box(min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))
        wide, high = x1 - x0, y1 - y0
        if not all(map(math.isfinite, (x0, y0, x1, y1))) or max(wide, high) <= SHORT or min(wide, high) > THIN:
            return
        if wide > high:
            self.across.append(Rule((y0 + y1) / 2, x0, x1))
        else:
            self.down.append(Rule((x0 + x1) / 2, y0, y1))


def _is_white(item: raw.FPDF_PAGEOBJECT, is_stroked: bool) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    colour = raw.FPDFPageObj_GetStrokeColor if is_stroked else raw.FPDFPageObj_GetFillColor
    if not colour(item, red, green, blue, alpha):
        return False
    return min(red.value, green.value, blue.value) >= WHITE or alpha.value == 0


def _subpaths(item: raw.FPDF_PAGEOBJECT) -> Iterator[list[tuple[float, float]]]:
    """The corner points of each part of a path, closed parts with their first point again at the end."""
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for i in range(raw.FPDFPath_CountSegments(item)):
        segment = raw.FPDFPath_GetPathSegment(item, i)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = []
        points.append((x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment) and points[0] != points[-1]:
            points.append(points[0])
    if len(points) > 1:
        yield points


# --- pages → document --------------------------------------------------------------------------------------------


@dataclass
class _Text:
    """A paragraph that may go on: its last line, and how far (points) its first begins right of the margin."""

    text: str
    last: Piece
    indent: float
    from_place: Place
    to_place: Place
    margins: Margins
    is_alone: bool  # nothing else stands on its line


@dataclass
class _Part:
    """A table that may go on: rows of texts, for each row its page, the table on that page and the row of that, and for
    each text its box.

    `xs` are the n + 1 column lines, of a table without lines () and `strips` the gaps between its columns.
    `titled` is the text of a first row that is one cell over all columns; `full` are the columns of the last row
    whose text fills its last line; `split` tells for cells (row, column) that a page break cut where they go on.
    """

    rows: list[list[str]]
    boxes: list[list[Box | None]]
    places: list[tuple[int, int, int]] = field(default_factory=list)
    xs: tuple[float, ...] = ()
    strips: tuple[alignment.Strip, ...] = ()
    titled: str = ""
    full: frozenset[int] = frozenset()
    split: dict[tuple[int, int], tuple[int, int, int]] = field(default_factory=dict)


_Block = _Text | _Part


@dataclass
class _Pages:
    """Collects the blocks of all pages, then joins what goes on over a page break."""

    pages: list[list[_Block]] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)

    def add(self, number: int, content: Content) -> None:
        """The blocks of one page."""
        self.pages.append(_page_blocks(number, content))
        self.heights.append(content.height)

    def joined(self) -> list[_Block]:
        """The blocks of all pages. What stands on the edge of pages may lie between a block and its rest."""
        on_edge = _running_lines(self.pages, self.heights)

        def is_content(block: _Block) -> bool:
            return id(block) not in on_edge and not _is_page_number(block)

        joined: list[_Block] = []
        last: _Block | None = None
        for blocks in self.pages:
            first = next(filter(is_content, blocks), None)
            goes_on = last is not None and first is not None and _joined(last, first)
            joined.extend(block for block in blocks if not (goes_on and block is first))
            last = next(filter(is_content, reversed(joined)), None)
        return joined

    def document(self, notices: Sequence[str]) -> Document:
        blocks = Blocks()
        for block in self.joined():
            if isinstance(block, _Text):
                blocks.paragraph(block.text, block.from_place.to(block.to_place))
            else:
                blocks.table(block.rows, _place_of(block))
        return blocks.document(MEDIA_TYPE, notices=notices)


def _place_of(table: _Part) -> Callable[[int, int], Place]:
    def place(row: int, column: int) -> Place:
        found = _place(table.places[row], column, table.boxes[row][column])
        return found.to(_place(table.split[row, column], column)) if (row, column) in table.split else found

    return place


def _place(at: tuple[int, int, int], column: int, box: Box | None = None) -> Place:
    page, table, row = at
    return Place(part=f"page {page}", spot=f"table {table} R{row}C{column + 1}", box=box)


def _is_page_number(block: _Block) -> bool:
    return isinstance(block, _Text) and rules.is_page_number(block.text)


def _running_lines(pages: Sequence[Sequence[_Block]], heights: Sequence[float]) -> set[int]:
    """Heads and feet of pages, by id: texts that open or close several pages at the same distance from the edge.

    Digits of a foot may differ (it counts the pages), those of a head may not (附表1, 附表2), and a title is no head.
    """
    found: dict[tuple[str, str], list[tuple[float, _Text]]] = {}
    for blocks, height in zip(pages, heights, strict=True):
        for block in _texts_before_content(blocks):
            if not catalogue().is_title(block.text):
                found.setdefault(("head", block.text), []).append((block.last.y, block))
        for block in _texts_before_content(blocks[::-1]):
            found.setdefault(("foot", _DIGITS.sub("0", block.text)), []).append((height - block.last.y, block))
    on_edge = set()
    for lines in found.values():
        lines.sort(key=lambda line: line[0])
        for (before, one), (after, other) in pairwise(lines):
            if after - before <= SAME_EDGE and one.from_place.part != other.from_place.part:
                on_edge |= {id(one), id(other)}
    return on_edge


def _texts_before_content(blocks: Sequence[_Block]) -> Iterator[_Text]:
    """The texts that come before anything else, RUNNING of them at most."""
    for block in blocks[:RUNNING]:
        if not isinstance(block, _Text):
            return
        yield block


def _page_blocks(number: int, content: Content) -> list[_Block]:
    """The blocks of a page, from top to bottom."""
    grids: list[tuple[Grid, _Cells]] = [(grid, {}) for grid in lattice.find_grids(content.across, content.down)]
    free = _place_glyphs(content.glyphs, grids)
    found: list[tuple[float, float, _Block]] = []
    for grid, cells in grids:
        if cells:
            found.append((grid.ys[0], grid.xs[0], _ruled(grid, cells, content)))
    lines = typeset.lines(free)
    cut = [typeset.pieces(line, alignment.CELL_GAP) for line in lines]
    texts: list[list[Glyph]] = []
    at = 0
    for table in alignment.find_aligned(cut):
        texts.extend(lines[at : table.first])
        top = cut[table.first][0]
        aligned = _aligned(table, cut[table.first : table.last], content)
        found.append((top.y - MIDDLE * top.size, top.x0, aligned))
        at = table.last
    texts.extend(lines[at:])
    found.extend(_paragraphs(number, content, texts, [grid for grid, cells in grids if cells]))
    blocks: list[_Block] = []
    tables = 0
    for _, _, block in sorted(found, key=lambda item: item[:2]):
        if isinstance(block, _Part):
            tables += 1
            block.places = [(number, tables, row) for row in range(1, len(block.rows) + 1)]
            blocks.append(block)
        elif not (
            blocks and isinstance(blocks[-1], _Text) and _is_near(blocks[-1], block) and _joined(blocks[-1], block)
        ):
            blocks.append(block)
    return blocks


def _place_glyphs(glyphs: list[Glyph], grids: list[tuple[Grid, _Cells]]) -> list[Glyph]:
    """Puts each character into the cell around its middle, of the innermost table; returns those outside of all."""
    inner_first = sorted(grids, key=lambda item: item[0].area)
    free: list[Glyph] = []
    for glyph in glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, glyph.middle
        for grid, cells in inner_first:
            cell = grid.cell_at(x, y)
            if cell is not None:
                cells.setdefault(cell, []).append(glyph)
                break
        else:
            free.append(glyph)
    return free


def _aligned(table: alignment.Aligned, lines: list[list[Piece]], content: Content) -> _Part:
    cells = [table.row(line) for line in lines]
    rows = [[" ".join(piece.text for piece in cell) for cell in row] for row in cells]
    boxes = [[content.shown(typeset.box_of(cell)) for cell in row] for row in cells]
    return _Part(rows, boxes, strips=table.strips)


def _ruled(grid: Grid, cells: _Cells, content: Content) -> _Part:
    columns = len(grid.xs) - 1
    between = grid.boxes()
    rows = [
        [typeset.cell_text(cells[r, c]) if (r, c) in cells else "" for c in range(columns)]
        for r in range(len(grid.ys) - 1)
    ]
    is_whole = columns > 1 and all(place == (0, 0) for place in grid.owner[0])
    last = len(rows) - 1
    full = frozenset(
        c for c in range(columns) if rows[last][c] and _is_full(cells[last, c], grid.xs[c], grid.xs[c + 1])
    )
    boxes = [[content.shown(between.get((r, c))) for c in range(columns)] for r in range(len(rows))]
    return _Part(rows, boxes, xs=grid.xs, titled=rows[0][0] if is_whole else "", full=full)


def _is_full(glyphs: list[Glyph], left: float, right: float) -> bool:
    """True when the last line of a cell has no room for another character."""
    line = typeset.lines(glyphs)[-1]
    size = max(glyph.size for glyph in line)
    return right - max(glyph.x1 for glyph in line) < size + min(line[0].x0 - left, size)


def _paragraphs(
    number: int, content: Content, lines: list[list[Glyph]], grids: list[Grid]
) -> Iterator[tuple[float, float, _Block]]:
    """Every text that stands alone on its part of a line, with where it begins (y, x)."""
    cut = [typeset.pieces(line) for line in lines]
    if not cut:
        return
    alone = [line[0] for line in cut if len(line) == 1 and not rules.is_page_number(line[0].text)]
    left = min((piece.x0 for piece in alone), default=0.0)
    right = max([piece.x1 for piece in alone] + [grid.xs[-1] for grid in grids], default=content.width)
    margins = Margins(left, right, content.width)
    for line_no, line in enumerate(cut, start=1):
        top = line[0].y - MIDDLE * line[0].size
        for piece in line:
            text = rules.clean(piece.text)
            if text:
                box = content.shown(typeset.box_of([piece]))
                place = Place(part=f"page {number}", spot=f"line {line_no}", box=box)
                yield top, piece.x0, _Text(text, piece, piece.x0 - left, place, place, margins, len(line) == 1)


def _is_near(last: _Text, following: _Text) -> bool:
    return following.last.y - last.last.y <= NEXT_LINE * last.last.size


def _joined(last: _Block, following: _Block) -> bool:
    """Appends a block to the one before if it is its continuation."""
    if isinstance(last, _Part) and isinstance(following, _Part):
        return _join_tables(last, following)
    if isinstance(last, _Text) and isinstance(following, _Text):
        return _join_texts(last, following)
    return False


def _join_texts(last: _Text, following: _Text) -> bool:
    if not (last.is_alone and following.is_alone):
        return False
    if not typeset.goes_on(last.last, following.last, last.indent, last.margins, following.margins):
        return False
    last.text = typeset.join_prose(last.text, following.text)
    if following.from_place.part == last.from_place.part:
        last.from_place = replace(last.from_place, box=around(last.from_place.box, following.from_place.box))
    last.last, last.to_place, last.margins = following.last, following.to_place, following.margins
    return True


def _join_tables(last: _Part, following: _Part) -> bool:
    if following.titled and (following.titled == last.titled or catalogue().is_title(following.titled)):
        return False  # each has its title inside: the next one, not the rest of this one
    if last.xs and following.xs:
        xs = _common_columns(last.xs, following.xs)
        if xs is None:
            return False
        last.rows = [_over(row, last.xs, xs, "") for row in last.rows]
        last.boxes = [_over(row, last.xs, xs, None) for row in last.boxes]
        moved = _moved(xs, last.xs, following.xs)
        rows = [_over(row, following.xs, moved, "") for row in following.rows]
        boxes = [_over(row, following.xs, moved, None) for row in following.boxes]
        last.xs = xs
    elif not last.xs and not following.xs and len(last.strips) == len(following.strips):
        strips = tuple((max(a[0], b[0]), min(a[1], b[1])) for a, b in zip(last.strips, following.strips, strict=True))
        if any(right <= left for left, right in strips):
            return False
        last.strips, rows, boxes = strips, following.rows, following.boxes
    else:
        return False
    start = _repeated_header(last.rows, rows)
    if start == 0 and _is_rest(last, rows[0]):
        last.rows[-1] = [typeset.join_wrapped(text, more) for text, more in zip(last.rows[-1], rows[0], strict=True)]
        cut = len(last.rows) - 1
        last.split |= {(cut, column): following.places[0] for column, text in enumerate(rows[0]) if text}
        start = 1
    last.rows.extend(rows[start:])
    last.boxes.extend(boxes[start:])
    last.places.extend(following.places[start:])
    last.full = following.full
    return True


def _is_rest(table: _Part, row: list[str]) -> bool:
    """True when the first row of a page is the rest of words that the page before had no room for.

    Every text must go on with one that fills its cell, and be a word, no figure or list item of its own.
    """
    filled = [column for column, text in enumerate(row) if text]
    return bool(filled) and all(
        column in table.full and len(table.rows[-1][column]) > len(row[column]) and typeset.is_word(row[column])
        for column in filled
    )


def _common_columns(xs: tuple[float, ...], others: tuple[float, ...]) -> tuple[float, ...] | None:
    """The column lines of both parts where the first has them, if one part has all the lines of the other."""
    if abs((xs[-1] - xs[0]) - (others[-1] - others[0])) > SAME_EDGE:
        return None
    moved = tuple(x + xs[0] - others[0] for x in others)
    more, fewer = (xs, moved) if len(xs) >= len(moved) else (moved, xs)
    if all(min(abs(x - y) for y in more) <= SAME_EDGE for x in fewer):
        return more
    return None


def _moved(common: tuple[float, ...], xs: tuple[float, ...], others: tuple[float, ...]) -> tuple[float, ...]:
    """The common column lines where the second part has them."""
    return tuple(x + others[0] - xs[0] for x in common)


def _over(row: list[_T], xs: tuple[float, ...], common: tuple[float, ...], nothing: _T) -> list[_T]:
    """A row over the columns `xs` laid over those of `common`, which are as many or more."""
    if len(xs) == len(common):
        return row
    cells = [nothing] * (len(common) - 1)
    for cell, x in zip(row, xs, strict=False):
        cells[min(range(len(cells)), key=lambda i: abs(common[i] - x))] = cell
    return cells


def _repeated_header(rows: list[list[str]], following: list[list[str]]) -> int:
    """How many rows at the top of the next part say the same as the top of the table, amounts not counted."""
    count = 0
    for row, other in zip(rows, following, strict=False):
        if row != other or not any(row) or any(_AMOUNT.fullmatch(text) for text in row):
            break
        count += 1
    return count
