"""Writers of the formats: blocks in, the bytes of a file out; a notice that stands on every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from simulation.writers.docx import as_docx
from simulation.writers.html import as_html
from simulation.writers.pdf import as_pdf
from simulation.writers.xlsx import as_xlsx

if TYPE_CHECKING:
    from simulation.grid import Block


class Writer(Protocol):
    def __call__(self, blocks: Sequence[Block], notice: str = ...) -> bytes: ...


FORMATS: dict[str, Writer] = {
    "html": as_html,
    "docx": as_docx,
    "xlsx": as_xlsx,
    "pdf": as_pdf,
}

__all__ = ["FORMATS", "as_docx", "as_html", "as_pdf", "as_xlsx"]
