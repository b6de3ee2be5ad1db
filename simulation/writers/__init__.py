"""Writers of the formats: blocks in, the bytes of a file out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulation.grid import Block
from simulation.writers.docx import as_docx
from simulation.writers.html import as_html
from simulation.writers.pdf import as_pdf
from simulation.writers.xlsx import as_xlsx

FORMATS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    "html": as_html,
    "docx": as_docx,
    "xlsx": as_xlsx,
    "pdf": as_pdf,
}

__all__ = ["FORMATS", "as_docx", "as_html", "as_pdf", "as_xlsx"]
