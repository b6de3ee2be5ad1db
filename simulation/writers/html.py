"""A page of HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.grid import Block


def as_html(blocks: Sequence[Block], notice: str = "") -> bytes:
    """A page with a <p> a paragraph and a <table> with colspan and rowspan; `notice` is its title."""
    parts = []
    for block in blocks:
        if isinstance(block, str):
            parts.append(f"<p>{_markup(block)}</p>")
            continue
        rows = (
            "".join(f'<td colspan="{b.columns}" rowspan="{b.rows}">{_markup(b.text)}</td>' for b in line)
            for line in block.lines()
        )
        parts.append(f'<table border="1">{"".join(f"<tr>{row}</tr>" for row in rows)}</table>')
    title = f"<title>{_markup(notice)}</title>" if notice else ""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{title}</head><body>{"".join(parts)}</body></html>'.encode()
    )


def _markup(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
