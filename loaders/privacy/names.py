"""Names of sheets and parts, and remarks of readers, without what is private in them."""

from __future__ import annotations

from dataclasses import replace

from loaders.document import Block, Cell, Document, Paragraph, Row, Table
from loaders.privacy import masked


def masked_names(document: Document) -> Document:
    """`document`, its places and notices without what is private in a name; itself, where there is nothing."""
    parts = {cell.place.part for cell in document.cells()}
    names = {part: name for part in parts if (name := masked(part)) != part}
    notices = tuple(map(masked, document.notices))
    if not names:
        return document if notices == document.notices else replace(document, notices=notices)
    return replace(document, blocks=tuple(_renamed(block, names) for block in document.blocks), notices=notices)


def _renamed(block: Block, names: dict[str, str]) -> Block:
    def cell(old: Cell) -> Cell:
        part = names.get(old.place.part)
        return old if part is None else replace(old, place=replace(old.place, part=part))

    if isinstance(block, Paragraph):
        return Paragraph(cell(block.cell))
    return Table(tuple(Row(tuple(map(cell, row.cells))) for row in block.rows))
