"""`yusuan inspect`: what is in a file and how it was understood, without a warehouse."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from loaders.inbox import shown
from loaders.limits import CPU_SECONDS
from loaders.load import open_documents
from loaders.workers import explain_all

if TYPE_CHECKING:
    from rich.console import Console

    from loaders.explain import Explanation, Unrecognised


@dataclass(frozen=True)
class Inspection:
    """A file, or a member of an archive (`a.zip/b.pdf`): its explanation, or why it is refused."""

    file_name: str
    explanation: Explanation | None
    reason_code: str | None = None
    reason: str | None = None


def inspect_files(paths: Sequence[Path], seconds: float = CPU_SECONDS) -> list[Inspection]:
    """The documents of `paths` in order, read in a process of its own with the limits of loading.

    With YUSUAN_DEBUG set they are read in this process, where a fault is raised.
    """
    names: list[str] = []
    found: dict[int, Inspection] = {}  # the documents that were refused before they were read

    def documents() -> Iterator[bytes]:
        for path in paths:
            for file in open_documents(path):
                if file.refusal:
                    found[len(names)] = Inspection(file.name, None, file.refusal.code, file.refusal.reason)
                names.append(file.name)
                if file.data is not None and not file.refusal:
                    yield file.data

    workers = 0 if os.environ.get("YUSUAN_DEBUG") else 1
    explained = list(explain_all(documents(), workers, seconds))
    answers = iter(explained)
    for number, name in enumerate(names):
        if number not in found:
            answer = next(answers)
            refusal = answer.refusal
            code, reason = (refusal.code, shown(refusal.reason)) if refusal else (None, None)
            found[number] = Inspection(name, answer.explanation, code, reason)
    return [found[number] for number in range(len(names))]


def show(inspection: Inspection, console: Console) -> None:
    """Print one inspection."""
    console.rule(escape(inspection.file_name), align="left")
    found = inspection.explanation
    if found is None:
        console.print(f"refused ({inspection.reason_code}): {inspection.reason}", highlight=False, markup=False)
        return
    _show_document(found, console)
    _show_forms(found, console)
    for leftover in found.leftovers:
        where = f"form {leftover.form_no}: {leftover.cells} cells unclaimed from {leftover.place}"
        _line(console, f"{where}: {leftover.reason}")
    for number, table in enumerate(found.unrecognised, start=1):
        _show_unrecognised(number, table, console)
    if found.paragraphs_unclaimed:
        _line(console, f"{found.paragraphs_unclaimed} paragraphs that nobody claims:")
        for sample in found.paragraph_samples:
            _line(console, f"  {sample}")
    for notice in found.notices:
        _line(console, f"notice: {notice}")
    if found.cells == found.cells_claimed:
        _line(console, "everything was recognised")


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _show_document(found: Explanation, console: Console) -> None:
    grid = Table.grid(padding=(0, 2))
    parts = f"{found.parts} pages or sheets, " if found.parts else ""
    year = f"{found.fiscal_year} ({found.fiscal_year_source})" if found.fiscal_year else "unknown"
    for name, value in (
        ("read as", ", ".join(word for word in (found.media_type, found.encoding) if word)),
        ("size", f"{parts}{found.lines:,} lines"),
        ("title", found.title),
        ("publisher", found.publisher),
        ("year", year),
        ("kind", found.document_kind),
        ("scope", found.report_scope),
        ("claimed", f"{found.cells_claimed:,} of {found.cells:,} cells and paragraphs"),
    ):
        grid.add_row(name, escape(value or "unknown"))
    console.print(grid, highlight=False)


def _show_forms(found: Explanation, console: Console) -> None:
    if not found.forms:
        _line(console, "no form was recognised")
        return
    _line(console, f"{len(found.forms)} forms:")
    for form in found.forms:
        unit = f" [{form.money_unit}]" if form.money_unit else ""
        read = "declared empty" if form.is_declared_empty else f"{form.rows} rows, {form.amounts} amounts"
        _line(console, f"  {form.form_no:>3} {form.form_code:<14} {form.title or '(no title)'}{unit}")
        _line(console, f"      {form.recognised_by}, {form.place}: {read}, {form.facts} cells of facts")
        if form.is_hollow:
            _line(console, "      nothing was read: likely a part of another header, explained below")
        if form.unknown_columns:
            _line(console, f"      unknown columns: {', '.join(form.unknown_columns)}")


def _show_unrecognised(number: int, table: Unrecognised, console: Console) -> None:
    _line(console, "")
    _line(console, f"not recognised {number}: {table.title or '(no title)'}, {table.place}")
    _line(console, f"  why        {table.reason}")
    _line(console, f"  confidence {table.confidence:.2f}; {table.rows} rows, {table.cells} cells")
    _line(console, f"  header     {' | '.join(table.header)}")
    for near in table.neighbours:
        missing = f", missing {', '.join(near.missing)}" if near.missing else ""
        title = "title matches" if near.title_matches else "other title"
        fits = ", columns fit" if near.fits else ""
        form = f"{near.form_code} ({near.form_kind}) {near.confidence:.2f}"
        _line(console, f"  near       {form}: {title}{fits}{missing}")
    _line(console, "  a declaration to start from (loaders/forms/…yml):")
    for line in table.declaration.splitlines():
        _line(console, f"    {line}")
