"""Time of the questions of docs/questions.md and of the pages at millions of facts, and what the tables take on disk.

Run: .venv/bin/python benchmarks/report_scale.py [FILE] [--facts 1e6 1e7] [--rounds 7] [--parquet] [--json]

FILE is a published warehouse; without one, simulated documents and the samples (whose unit the questions ask about) are
run through the pipeline first. The tables that questions and pages read are then copied under other units, documents
and projects until marts.fct_budget_line has so many rows. Rows lie as a build would leave them:

- a table that the build sorts by unit or document is sorted;
- a table that holds the rows of one document after another does so still;
- in any other, the rows of a unit lie scattered over the whole table.

Cold is the first question of a fresh connection, the file being in the memory of the system if it fits; warm ones
follow on one connection. Questions in SQL are answered with a polars table (a hundred thousand rows as Python objects
take longer than finding them), those of the pages as the pages take them. A question is about "one" unit, project or
document, or about "all": those give more rows, or add up more of them, the more units there are.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from report_queries import percentile, questions
from sizes import parquet_bytes

from dashboard import data
from dashboard.data import FindingFilter
from dashboard.store import Store
from loaders.connection import connect
from pipeline.display import Steps
from pipeline.layout import Warehouse
from pipeline.run import run
from simulation.corpus import DOCUMENTS, Settings, default_workers, write_corpus

if TYPE_CHECKING:
    import duckdb

ROOT = Path(__file__).resolve().parents[1]
UNITS = 30  # that are simulated, about ten documents each
FACTS = "marts.fct_budget_line"
Order = tuple[str, ...]
# Columns by which models sort a table, the last of them a key.
ORDERS: tuple[Order, ...] = (
    ("unit_key",),
    ("document_id",),
    ("basis", "unit_key"),
    ("form_code", "is_total", "document_id"),
)
DOCUMENTS_IN_TURN = "document"  # the rows of one document after another, in no order of their keys
ROWS_AT_ONCE = 2_000_000  # that are made and put in order
TABLES_AT_ONCE = 2
MEMORY = "6GB"  # for making the file; the questions have what DuckDB takes by default

# Keys of units, documents and projects end so; these are codes of reviewed lists, or names of columns.
_KEY = re.compile(r"(?:_key|^document_id|_document_id|^superseded_by)$")
_CODES = {"class_key", "measure_key"}
_UNIT_NAMES = {"unit_name", "unit_name_printed", "publisher_name"}
# Tables of code lists, of runs and of what is there once.
_AS_THEY_ARE = re.compile(
    r"meta\..*|quality\.qc_run.*|reports\.rpt_label|marts\.dim_(?:class_break|label|region|fiscal_year|.*_class)"
)
_TABLE = re.compile(r"\b(?:marts|reports|quality|raw|meta)\.\w+")


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one question: cold once a round on a fresh connection, warm as often on the last of them."""

    facts: int
    question: str
    about: str
    rows: int
    cold_p50: float
    cold_p95: float
    warm_p50: float
    warm_p95: float


@dataclass(frozen=True)
class Size:
    """What the tables of a file take, in MB; `documents_mb` is what the documents take that they would come from."""

    facts: int
    rows: int
    documents: int
    documents_mb: float
    duckdb_mb: float
    parquet_mb: float | None


def tables_read() -> list[str]:
    """The tables that the questions and the pages read."""
    asked = "\n".join([*questions(), (ROOT / "dashboard" / "data.py").read_text("utf-8")])
    return sorted(set(_TABLE.findall(asked)))


def multiply(base: Path, target: Path, facts: int) -> int:
    """A file with about `facts` rows of FACTS, made of the tables of the file `base`; gives the number of copies."""
    target.unlink(missing_ok=True)
    with connect(target) as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"attach '{base}' as base (read_only)")
        copies = max(1, round(facts / _count(connection, f"base.{FACTS}")))
        _number(connection, copies)
        for schema in sorted({table.split(".")[0] for table in tables_read()}):
            connection.execute(f"create schema {schema}")
        views = dict(
            connection.execute(
                "select schema_name || '.' || view_name, true from duckdb_views() where database_name = 'base'"
            ).fetchall()
        )

        def copy(table: str) -> None:
            copied = 1 if _AS_THEY_ARE.fullmatch(table) else copies
            with connection.cursor() as cursor:
                _copy(cursor, table, copied, () if table in views else _order(cursor, table))

        with ThreadPoolExecutor(TABLES_AT_ONCE) as pool:  # most of one table's copying keeps a single core busy
            list(pool.map(copy, tables_read()))
        connection.execute("drop table copy")
        connection.execute("detach base")
        connection.execute("checkpoint")
    return copies


def _number(connection: duckdb.DuckDBPyConnection, copies: int) -> None:
    """The table `copy`: how keys of units and documents of a copy begin, and when its turn comes.

    All units of a copy follow each other in the order of their keys, and so do its documents, so that copies put in
    one after the other are sorted: to sort 400 million cells takes more room than the file that is made.
    """
    connection.execute(
        f"""
        create table copy as
        with named as (
            select
                number,
                if(number = 0, '', left(md5('unit ' || number), 8)) as unit_start,
                if(number = 0, '', left(md5('document ' || number), 8)) as document_start
            from range({copies}) as all_copies(number)
        )
        select
            *,
            row_number() over (order by unit_start) - 1 as turn_by_unit_key,
            row_number() over (order by document_start) - 1 as turn_by_document_id
        from named
        """
    )


def _copy(connection: duckdb.DuckDBPyConnection, table: str, copies: int, order: Order) -> None:
    columns = [row[0] for row in connection.execute(f"describe base.{table}").fetchall()]
    values = ", ".join(_copied(column) for column in columns)
    connection.execute(f"create table {table} as from base.{table} limit 0")
    insert = f"insert into {table} select {values} from"
    if not order:  # a cross join gives all copies of a row, then those of the next
        connection.execute(f"{insert} copy, base.{table} where number < {copies}")
        return
    *heads, key = order
    turn = "number" if key == DOCUMENTS_IN_TURN else f"turn_by_{key}"
    where = " and ".join(f"copied.{head} is not distinct from ?" for head in heads) or "true"
    parts = f"select {', '.join([*heads, 'count(*)'])} from base.{table} group by all order by all"
    connection.execute("begin")
    for *part, rows in connection.execute(parts).fetchall():
        at_once = max(1, ROWS_AT_ONCE // max(1, rows))
        for first in range(0, copies, at_once):
            some = f"(from copy where {turn} >= {first} and {turn} < {min(first + at_once, copies)}) as copy"
            source = f"{some}, base.{table} as copied where {where}"
            connection.execute(f"{insert} {source} order by {turn}, copied.rowid", part)
    connection.execute("commit")


def _copied(column: str) -> str:
    """A value of a copy; the copy with number 0 is as it was."""
    if _KEY.search(column) and column not in _CODES:
        if "document" in column or column == "superseded_by":
            key = f"document_start || substr(sha256({column} || '-' || number), 9)"
        elif column.endswith("unit_key"):
            key = f"unit_start || substr(md5({column} || '-' || number), 9)"
        else:
            key = f"md5({column} || '-' || number)"
        return f"case when number = 0 then {column} else {key} end as {column}"
    if column in _UNIT_NAMES:
        return f"case when number = 0 then {column} else {column} || number end as {column}"
    return column


def _order(connection: duckdb.DuckDBPyConnection, table: str) -> Order:
    """How the rows of a table of the base lie: one of ORDERS, a document after the other, or scattered (no column)."""
    columns = {row[0] for row in connection.execute(f"describe base.{table}").fetchall()}
    for order in ORDERS:
        row = f"row({', '.join(order)})"
        if columns.issuperset(order):
            pairs = f"(select {row} as this, lag({row}) over (order by rowid) as before from base.{table})"
            if not _count(connection, f"{pairs} where this < before"):
                return order
    if "document_id" not in columns:
        return ()
    documents = _count(connection, f"(select distinct document_id from base.{table})")
    begun = _count(
        connection,
        f"(select document_id, lag(document_id) over (order by rowid) as before from base.{table})"
        " where document_id is distinct from before",
    )
    return (DOCUMENTS_IN_TURN,) if begun < 1.5 * documents else ()


def _count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    row = connection.execute(f"select count(*) from {source}").fetchone()
    return int(row[0]) if row else 0


class Asked(Store):
    """The store of the pages on an open connection, without its memory of answers."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        answer = self.connection.execute(sql, list(parameters))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, values, strict=True)) for values in answer.fetchall()]


Question = Callable[[Asked], Any]


def asked(file: Path) -> Iterator[tuple[str, str, Question]]:
    """Every question: its name, whether it is about one unit or all, and how it is asked."""
    for number, sql in enumerate(questions(), start=1):
        about = "one" if re.search(r"unit_name = '", sql) else "all"
        yield str(number), about, _asking(sql)
    with connect(file, read_only=True) as connection:
        example = _example(connection)
    unit, scope, phase, year, form, series, document, locator, metric = example
    d = data
    about_one: dict[str, Question] = {
        "series_of_unit": lambda s: d.series_of_unit(s, unit),
        "budget": lambda s: d.budget(s, unit, scope, phase),
        "three_public": lambda s: d.three_public(s, unit, scope),
        "execution": lambda s: d.execution(s, unit, scope),
        "peers": lambda s: d.peers(s, unit, scope, phase, year, metric),
        "forms_of": lambda s: d.forms_of(s, unit, scope, phase, year),
        "line_of": lambda s: d.line_of(s, unit, scope, phase, year, form),
        "projects of a unit": lambda s: d.projects(s, unit, "", ""),
        "project": lambda s: d.project(s, series),
        "project_money": lambda s: d.project_money(s, series),
        "project_plan": lambda s: d.project_plan(s, series),
        "project_indicators": lambda s: d.project_indicators(s, series),
        "indicator_changes": lambda s: d.indicator_changes(s, series),
        "findings of a unit": lambda s: d.findings(s, FindingFilter(unit=unit, rounding=True, unchecked=True)),
        "findings of a document": lambda s: d.findings(
            s, FindingFilter(document=document, rounding=True, unchecked=True)
        ),
        "document": lambda s: d.document(s, document),
        "place and around": lambda s: d.around(s, document, d.place(s, document, locator) or {}),
    }
    about_all: dict[str, Question] = {
        "labels": d.labels,
        "counts": d.counts,
        "units": d.units,
        "disclosure": lambda s: d.disclosure(s, "", "", "", 0, 50),
        "regions": d.regions,
        "sectors": d.sectors,
        "projects": lambda s: d.projects(s, "", "", ""),
        "findings": lambda s: d.findings(s, FindingFilter()),
        "finding_counts": d.finding_counts,
        "finding_years": d.finding_years,
        "document_names": lambda s: d.document_names(s, "", [document]),
        "documents": lambda s: d.documents(s, ""),
        "freshness": d.freshness,
    }
    yield from ((name, "one", question) for name, question in about_one.items())
    yield from ((name, "all", question) for name, question in about_all.items())


def _asking(sql: str) -> Question:
    return lambda store: store.connection.sql(sql).pl()


def _example(connection: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """A unit of the base that prints projects with plans, one of its forms and figures, and one of its projects."""
    row = connection.execute(
        """
        select line.unit_key, coalesce(line.report_scope, 'unknown'), line.phase, line.fiscal_year, line.form_code,
            project.series_key, line.document_id, line.source_locator, peer.metric_code
        from reports.rpt_budget_line as line
        inner join reports.rpt_peer as peer
            on line.unit_key = peer.unit_key and line.report_scope = peer.report_scope
            and line.phase = peer.phase and line.fiscal_year = peer.fiscal_year
        inner join reports.rpt_project_plan as project on line.unit_key = project.unit_key
        inner join reports.rpt_unit as unit on line.unit_key = unit.unit_key
        where line.phase = 'budget' and line.form_code = 'B_EXPEND' and not regexp_matches(unit.unit_name, '[0-9]$')
        order by all limit 1
        """
    ).fetchone()
    if row is None:
        raise RuntimeError("no unit of the file prints both forms and projects with plans")
    return row


def measure(file: Path, facts: int, rounds: int) -> Iterator[Timing]:
    """Every question: once on each of `rounds` fresh connections, and `rounds` times more on the last of them."""
    for name, about, question in asked(file):
        cold, warm = [], []
        for turn in range(rounds):
            with connect(file, read_only=True) as connection:
                store = Asked(connection)
                cold.append(_milliseconds(question, store)[0])
                for _ in range(rounds if turn == rounds - 1 else 0):
                    taken, rows = _milliseconds(question, store)
                    warm.append(taken)
        p = percentile
        yield Timing(facts, name, about, rows, p(cold, 50), p(cold, 95), p(warm, 50), p(warm, 95))


def _milliseconds(question: Question, store: Asked) -> tuple[float, int]:
    start = time.perf_counter()
    answer = question(store)
    taken = (time.perf_counter() - start) * 1000
    return taken, len(answer) if isinstance(answer, list | pl.DataFrame) else 1


def size_of(file: Path, facts: int, copies: int, documents_mb: float, folder: Path | None) -> Size:
    """What a file takes; the same tables as Parquet if there is a `folder` to write them into."""
    with connect(file, read_only=True) as connection:
        documents = _count(connection, "reports.rpt_document")
        rows = sum(_count(connection, table) for table in tables_read())
    parquet = round(parquet_bytes(file, folder) / 1e6, 1) if folder else None
    return Size(facts, rows, documents, round(documents_mb * copies, 1), round(file.stat().st_size / 1e6, 1), parquet)


def built(folder: Path) -> Path:
    """A published warehouse of simulated documents and the samples."""
    write_corpus(folder / "corpus", Settings(UNITS, 2022, 2024), default_workers())
    file = folder / "base" / "yusuan.duckdb"
    run([folder / "corpus" / DOCUMENTS, ROOT / "samples"], Warehouse(file), Steps(quiet=True))
    return file


def table(timings: Sequence[Timing], sizes: Sequence[Size]) -> str:
    """Results as Markdown tables."""
    lines = ["| facts | question | about | rows | cold p50 | cold p95 | warm p50 | warm p95 |", "|---" * 8 + "|"]
    lines += ["| " + " | ".join(str(value) for value in asdict(timing).values()) + " |" for timing in timings]
    lines += ["", "| facts | rows of all tables | documents | they take | DuckDB | Parquet |", "|---" * 6 + "|"]
    for size in sizes:
        parquet = f"{size.parquet_mb:,} MB (×{size.parquet_mb / size.documents_mb:.2f})" if size.parquet_mb else "–"
        lines.append(
            f"| {size.facts:,} | {size.rows:,} | {size.documents:,} | {size.documents_mb:,} MB"
            f" | {size.duckdb_mb:,} MB (×{size.duckdb_mb / size.documents_mb:.2f}) | {parquet} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures every size and prints tables or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="a published warehouse (default: builds one)")
    parser.add_argument("--facts", type=float, nargs="+", default=[1e6, 1e7], help="rows of marts.fct_budget_line")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--parquet", action="store_true", help="write the tables as Parquet too, for their size")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    chosen = parser.parse_args(arguments)
    timings: list[Timing] = []
    sizes: list[Size] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = chosen.file or built(folder)
        with connect(base, read_only=True) as connection:
            row = connection.execute("select sum(byte_size) / 1e6 from reports.rpt_document").fetchone()
        documents_mb = float(row[0]) if row else 0.0
        for wanted in chosen.facts:
            file = folder / "scale.duckdb"
            start = time.perf_counter()
            copies = multiply(base, file, int(wanted))
            with connect(file, read_only=True) as connection:
                facts = _count(connection, FACTS)
            taken = time.perf_counter() - start
            print(f"{facts:,} facts in {copies} copies, made in {taken:.0f} s", file=sys.stderr)
            for timing in measure(file, facts, chosen.rounds):
                print(json.dumps(asdict(timing)), file=sys.stderr, flush=True)
                timings.append(timing)
            sizes.append(size_of(file, facts, copies, documents_mb, folder if chosen.parquet else None))
    if chosen.json:
        print(json.dumps({"timings": [asdict(t) for t in timings], "sizes": [asdict(s) for s in sizes]}, indent=1))
        return 0
    print(table(timings, sizes))
    print(f"\nload average {os.getloadavg()[0]:.1f}; cores {os.cpu_count()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
