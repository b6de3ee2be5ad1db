"""Pages with ruled tables and set lines."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulation.grid import Block, Box, Grid, advance, width_of, wrapped

_SIZE, _LEADING, _PAD = 9.0, 12.0, 3.0  # points
_SHORT_SIDE, LONG_SIDE, _MARGIN = 595.0, 842.0, 45.0


@dataclass
class _Pages:
    """Pages under way: drawing operators, and the characters that the font must know."""

    long_side: float = LONG_SIDE
    width: float = 0.0
    height: float = 0.0
    pages: list[tuple[float, float, list[str]]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    y: float = 0.0

    def new_page(self) -> None:
        self.pages.append((self.width, self.height, []))
        self.y = self.height - _MARGIN

    def turn(self, is_wide: bool) -> None:
        """From here on pages are wide or tall; a page of the other shape is ended."""
        size = (self.long_side, _SHORT_SIDE) if is_wide else (_SHORT_SIDE, self.long_side)
        if (self.width, self.height) != size:
            self.width, self.height = size
            self.new_page()

    def room(self, height: float) -> bool:
        return self.y - height >= _MARGIN

    def text(self, x: float, y: float, text: str) -> None:
        if len(text) == 1:
            text += " "  # without an outline a character alone is no object of any width, and extractors leave it out
        self.pages[-1][2].append(f"BT /F1 {_SIZE:g} Tf {x:.2f} {y:.2f} Td <{self.shown(text)}> Tj ET")

    def shown(self, text: str) -> str:
        """A text in the codes of the font."""
        return "".join(f"{self.codes.setdefault(char, len(self.codes) + 1):04X}" for char in text)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pages[-1][2].append(f"{x0:.2f} {y0:.2f} m {x1:.2f} {y1:.2f} l S")

    def paragraph(self, text: str) -> None:
        """Long texts are set in lines of full width behind an indent of two characters, short ones in the middle."""
        inner = self.width - 2 * _MARGIN
        is_prose = width_of(text) > 50 or "\n" in text
        indent = 4 if is_prose else 0
        for number, line in enumerate(wrapped(text, inner / (_SIZE / 2), indent)):
            if not self.room(_LEADING * 1.5):
                self.new_page()
            shift = indent * _SIZE / 2 if number == 0 else 0.0
            if not is_prose:
                shift = (inner - width_of(line) * _SIZE / 2) / 2
            self.text(_MARGIN + shift, self.y - _SIZE, line)
            self.y -= _LEADING * 1.5 if is_prose else _LEADING * 2
        self.y -= _LEADING / 2 if is_prose else 0

    def table(self, grid: Grid) -> None:
        """Rows are as high as their texts; what does not fit goes on on the next page below the header again."""
        inner = self.width - 2 * _MARGIN
        scale = inner / sum(grid.widths)
        xs = [_MARGIN + scale * sum(grid.widths[:at]) for at in range(len(grid.widths) + 1)]
        texts = {
            box: wrapped(box.text, (xs[box.column + box.columns] - xs[box.column] - 2 * _PAD) / (_SIZE / 2))
            for box in grid.boxes
        }
        heights = [_LEADING + 2 * _PAD] * grid.rows
        for box in sorted(grid.boxes, key=lambda box: box.rows):
            last = box.row + box.rows - 1
            lacking = len(texts[box]) * _LEADING + 2 * _PAD - sum(heights[box.row : last + 1])
            heights[last] += max(lacking, 0.0)
        start = 0
        while start < grid.rows:
            header = list(range(grid.header)) if start >= grid.header else []
            if not self.room(sum(heights[row] for row in [*header, start])):
                self.new_page()
            free = self.y - _MARGIN - sum(heights[row] for row in header)
            fits = [end for end in range(start + 1, grid.rows + 1) if sum(heights[start:end]) <= free]
            whole = [end for end in fits if self._may_break(grid, end, heights, texts)]
            end = max(whole or fits, default=start + 1)
            shown = [*(header if start else []), *range(start, end)]
            self._part(grid, shown, xs, heights, texts)
            start = end
            if start < grid.rows:
                self.new_page()
        self.y -= _LEADING

    @staticmethod
    def _may_break(grid: Grid, end: int, heights: list[float], texts: dict[Box, list[str]]) -> bool:
        """True if each cell that goes on below row `end` has room for its text above."""
        cut = (box for box in grid.boxes if box.row < end < box.row + box.rows)
        return all(len(texts[box]) * _LEADING + 2 * _PAD <= sum(heights[box.row : end]) for box in cut)

    def _part(
        self, grid: Grid, shown: list[int], xs: list[float], heights: list[float], texts: dict[Box, list[str]]
    ) -> None:
        """The rows `shown` from the present height on; a cell that began on the page before goes on as a blank one."""
        tops = {}
        for row in shown:
            tops[row] = self.y
            self.y -= heights[row]
        for box in grid.boxes:
            rows = [row for row in shown if box.row <= row < box.row + box.rows]
            if not rows:
                continue
            top, bottom = tops[rows[0]], tops[rows[-1]] - heights[rows[-1]]
            left, right = xs[box.column], xs[box.column + box.columns]
            self.line(left, top, right, top)
            self.line(left, bottom, right, bottom)
            self.line(left, top, left, bottom)
            self.line(right, top, right, bottom)
            if rows[0] == box.row:
                lines = texts[box]
                y = (top + bottom + len(lines) * _LEADING) / 2 - _SIZE
                y = min(y, top - _PAD - _SIZE + 2)
                for line in lines:
                    self.text(left + _PAD, y, line)
                    y -= _LEADING


def as_pdf(blocks: Sequence[Block], notice: str = "", long_side: float = LONG_SIDE) -> bytes:
    """Ruled tables and set lines; a font without outlines, whose characters have their width and meaning only.

    Forms of more than eight columns of figures stand on wide pages. `notice` is a note at the foot of every page;
    `long_side` of a page in points.
    """
    pages = _Pages(long_side)
    for block, following in zip(blocks, [*blocks[1:], ""], strict=True):
        table = block if isinstance(block, Grid) else following
        pages.turn(isinstance(table, Grid) and table.header > 0 and len(table.widths) > 8)
        if isinstance(block, Grid):
            pages.table(block)
        else:
            pages.paragraph(block)
    return _written(pages, notice)


def _written(pages: _Pages, notice: str) -> bytes:
    note = pages.shown(notice + " ")
    meanings = [f"<{code:04X}> <{char.encode('utf-16-be').hex()}>" for char, code in pages.codes.items()]
    batches = [meanings[start : start + 100] for start in range(0, len(meanings), 100)]
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + "".join(f"{len(batch)} beginbfchar\n{chr(10).join(batch)}\nendbfchar\n" for batch in batches)
        + "endcmap end end"
    )
    widths = " ".join(f"{code} [{500 * advance(char)}]" for char, code in pages.codes.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /DescendantFonts [4 0 R] "
        b"/ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0 >> /FontDescriptor 6 0 R /DW 1000 /W [" + widths.encode() + b"] >>",
        _stream(cmap.encode()),
        b"<< /Type /FontDescriptor /FontName /Song /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0 /Ascent 880 "
        b"/Descent -120 /CapHeight 700 /StemV 80 >>",
    ]
    width = width_of(notice) * _SIZE / 2
    if notice:
        # A note of the page, drawn by viewers and printers, that is no part of the page's own text.
        drawn = f"BT /F1 {_SIZE:g} Tf 0 3 Td <{note}> Tj ET".encode()
        objects.append(
            f"<< /Type /XObject /Subtype /Form /BBox [0 0 {width:g} {_LEADING:g}] "
            "/Resources << /Font << /F1 3 0 R >> >> "
            f"/Length {len(drawn)} >>\nstream\n".encode()
            + drawn
            + b"\nendstream"
        )
    drawn_at = len(objects)
    kids = []
    for page_width, height, operators in pages.pages:
        objects.append(_stream("\n".join(["0.5 w", *operators]).encode()))
        objects.append(
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page_width:g} {height:g}] /Contents {len(objects)} 0 R "
                f"/Resources << /Font << /F1 3 0 R >> >> {_note(notice, width, page_width, drawn_at)}>>"
            ).encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _note(notice: str, width: float, page_width: float, drawn_at: int) -> str:
    if not notice:
        return ""
    left, foot = (page_width - width) / 2, _MARGIN / 2
    return (
        f"/Annots [<< /Type /Annot /Subtype /FreeText /F 4 /DA (/F1 {_SIZE:g} Tf) "
        f"/Rect [{left:g} {foot:g} {left + width:g} {foot + _LEADING:g}] "
        f"/Contents <FEFF{notice.encode('utf-16-be').hex().upper()}> /AP << /N {drawn_at} 0 R >> >>] "
    )


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data)
    return f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"
