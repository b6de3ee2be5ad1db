"""What people see: short progress while a run works, and its summary."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from pipeline import stop

if TYPE_CHECKING:
    from loaders.load import LoadReport
    from pipeline.freshness import Freshness
    from pipeline.history import Run
    from pipeline.spark import Comparison
    from pipeline.status import Example, Status

OnProgress = Callable[[int, int, str], None]
_SHOWN = 20


@dataclass
class Steps:
    """Progress of the steps of a command on stderr (nothing if `quiet`), and the seconds that each took."""

    quiet: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str) -> Iterator[OnProgress]:
        """Time the block as step `name`; gives a callback (done, total, what) that moves the bar."""
        console = Console(stderr=True, quiet=self.quiet)
        columns = (
            TextColumn("{task.fields[step]:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
        )
        started = time.monotonic()
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("", step=name, total=None)

            def tell(done: int, total: int, what: str) -> None:
                progress.update(task, completed=done, total=total, description=escape(what[:60]))

            yield tell
        stop.check()
        self.seconds[name] = round(time.monotonic() - started, 2)
        console.print(f"{name:<12} done  {self.seconds[name]:>6.1f} s", highlight=False)


def show_status(status: Status, console: Console) -> None:
    """Print what a published file holds, with the example question and its answer."""
    grid = Table.grid(padding=(0, 2))
    publication = status.publication
    if publication:
        grid.add_row("published", f"{publication.published_at:%Y-%m-%d %H:%M:%S} UTC, run {publication.run_id}")
        grid.add_row("code", f"{publication.code_fingerprint[:16]}, loader version {publication.loader_version}")
    else:
        grid.add_row("published", "not by this command")
    grid.add_row("documents", f"{status.documents:,}")
    grid.add_row("forms", _counts(status.forms))
    grid.add_row("facts", _counts(status.facts))
    grid.add_row("findings", "not looked for" if status.findings is None else _counts(status.findings))
    grid.add_row("unclaimed", f"{status.unclaimed_cells:,} cells and paragraphs that no form claims")
    console.print(grid, highlight=False)
    show_refused([(row["file_name"], row["reason"]) for row in status.refused], console)
    show_held(status.held, console)
    for line in map(_freshness_line, status.freshness):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    show_runs(status, console)
    if status.example:
        _show_example(status.example, console)
    console.print(f"file: {status.file}", highlight=False, markup=False, soft_wrap=True)


def show_runs(status: Status, console: Console) -> None:
    """Print the last runs and the publications that are kept; nothing where there are none."""
    if status.runs:
        console.print("last runs:", highlight=False)
    for run in status.runs:
        console.print(f"  {_run_line(run)}", highlight=False, markup=False, soft_wrap=True)
    if status.releases:
        console.print(f"kept publications: {', '.join(status.releases)}", highlight=False, soft_wrap=True)
    if status.log_lines_unread:
        console.print(f"lines of the run log that cannot be read: {status.log_lines_unread}", highlight=False)
    if status.removed:
        console.print(f"removed documents that stay out: {status.removed}", highlight=False)


def _freshness_line(kind: Freshness) -> str:
    newest = f"newest {kind.newest_year}, loaded {kind.loaded_at:%Y-%m-%d}" if kind.loaded_at else "none loaded"
    missing = f"; {kind.units_missing} units had the year before" if kind.units_missing else ""
    what = f"{kind.document_kind} of {kind.fiscal_year}"
    if kind.state == "there":
        return f"calendar: {what}: there ({newest}{missing})"
    return f"calendar: {what}: {kind.state}, usually out by {kind.due_until} ({newest}{missing})"


def _run_line(run: Run) -> str:
    seconds = f"{sum(run.seconds.values()):.0f} s" if run.seconds else ""
    did = [
        f"{count} {word}"
        for word, count in (
            ("loaded", run.loaded),
            ("unchanged", run.unchanged),
            ("refused", run.refused),
            ("superseded", run.superseded),
            ("removed", run.removed),
        )
        if count
    ]
    parts = [f"{run.started_at:%Y-%m-%d %H:%M:%S}", run.command, run.outcome, ", ".join(did), seconds]
    error = (run.error or "").splitlines()[:1]
    return "; ".join(part for part in [" ".join(parts[:3]), *parts[3:], *(line[:160] for line in error)] if part)


def show_comparisons(comparisons: Sequence[Comparison], console: Console) -> None:
    """Print the tables that differ between DuckDB and Spark, and how many were compared."""
    different = [one for one in comparisons if not one.equal]
    if different:
        table = Table("table", "rows", "only DuckDB", "only Spark", "columns")
        for one in different:
            spark = "no table" if one.only_spark is None else f"{one.only_spark:,}"
            table.add_row(one.table, f"{one.rows:,}", f"{one.only_duckdb:,}", spark, escape(", ".join(one.columns)))
        console.print(table)
    rows = sum(one.rows for one in comparisons)
    console.print(f"{len(comparisons)} tables with {rows:,} rows: {len(different) or 'none'} differ", highlight=False)


def show_refused(refused: list[tuple[str, str]], console: Console) -> None:
    """Print refused files with the reason of each; nothing if there are none."""
    if not refused:
        return
    console.print(f"refused ({len(refused)}):", highlight=False)
    for file_name, reason in refused[:_SHOWN]:
        console.print(f"  {file_name}: {reason}", highlight=False, markup=False, soft_wrap=True)
    if len(refused) > _SHOWN:
        console.print(f"  and {len(refused) - _SHOWN} more in raw.rejected_document", highlight=False)


def show_held(held: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print documents that are held back, with the guard that stopped each; nothing if there are none."""
    if not held:
        return
    console.print(f"held back ({len(held)}): not published until released or mended", highlight=False)
    for one in held[:_SHOWN]:
        place = f", first at {one['place']}" if one["place"] else ""
        line = f"  {one['file_name']} ({one['document_id'][:12]}): {one['guard']}{place}: {one['reason']}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if len(held) > _SHOWN:
        console.print(f"  and {len(held) - _SHOWN} more in raw.quarantined_document", highlight=False)


def show_load(report: LoadReport, console: Console) -> None:
    """Print what a load did, with its remarks on documents that it loaded."""
    counts = (
        f"{report.found} files: {report.loaded} loaded, {report.unchanged} unchanged, {len(report.rejected)} refused;"
        f" {report.superseded} superseded"
        + (f"; {report.withheld} removed before and left out" if report.withheld else "")
        + (f"; {report.held} held back before" if report.held else "")
    )
    console.print(counts, highlight=False, soft_wrap=True)
    for notice in report.notices[:_SHOWN]:
        console.print(f"  {notice.file_name}: {notice.notice}", highlight=False, markup=False, soft_wrap=True)
    if len(report.notices) > _SHOWN:
        console.print(f"  and {len(report.notices) - _SHOWN} more in raw.load_notice", highlight=False)
    if report.ignored:
        console.print(f"  not documents by their name: {len(report.ignored)} files", highlight=False)


def show_seconds(seconds: dict[str, float], console: Console) -> None:
    """Print the seconds of each step and their sum."""
    steps = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
    console.print(f"seconds: {steps}; in all {sum(seconds.values()):.1f}", highlight=False)


def warn(message: str) -> None:
    """A problem that stops nothing, in one line on stderr."""
    print(f"yusuan: warning: {message}", file=sys.stderr)


def _show_example(example: Example, console: Console) -> None:
    console.print(f"\nfor example: {example.question}\n", highlight=False)
    console.print(example.sql, highlight=False, markup=False, style="dim", soft_wrap=True)
    table = Table()
    for column in example.columns:
        table.add_column(column, overflow="fold")
    for row in example.rows:
        table.add_row(*(escape("" if value is None else str(value)) for value in row))
    console.print(table if example.rows else "(no rows)\n")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
