"""What a published file holds, counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from loaders.connection import connect
from pipeline import history, releases
from pipeline.errors import UsageProblem
from pipeline.freshness import Freshness, freshness
from pipeline.layout import Warehouse
from pipeline.publish import Publication, read_publication

if TYPE_CHECKING:
    from pipeline.history import Run

# A question that shows what the file is for: the largest projects, and the place behind each figure.
EXAMPLE_QUESTION = "Which projects have the largest budgets, and where is each figure printed?"
EXAMPLE_SQL = """\
select
    p.fiscal_year as year,
    u.unit_name as unit,
    p.project_name as project,
    p.budget_yuan as yuan,
    d.file_name as file,
    p.source_locator as place
from marts.fct_project as p
inner join marts.dim_document as d on p.document_id = d.document_id
left join marts.dim_unit as u on p.unit_key = u.unit_key
where d.superseded_by is null
order by p.budget_yuan desc nulls last, p.project_name
limit 3"""


@dataclass(frozen=True)
class Example:
    """The example question with its answer."""

    question: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


# Runs that a status shows.
RUNS = 5


@dataclass(frozen=True)
class Status:
    """Counts of a published file. `findings` is None where the file has no such table; `forms` is by kind.

    `held` are the documents that guards hold back, with the first guard and reason of each. `runs` are the last runs,
    newest first; `releases` the run ids of the publications that are kept, newest first; `removed` counts documents
    that were removed and stay out; `freshness` says what is due today by the calendar.
    `log_lines_unread` counts lines of the run log that were passed over.
    """

    file: str
    publication: Publication | None
    documents: int
    forms: dict[str, int]
    facts: dict[str, int]
    findings: dict[str, int] | None
    unclaimed_cells: int
    refused: tuple[dict[str, str], ...]
    held: tuple[dict[str, Any], ...]
    example: Example | None
    runs: tuple[Run, ...] = ()
    releases: tuple[str, ...] = ()
    removed: int = 0
    freshness: tuple[Freshness, ...] = ()
    log_lines_unread: int = 0


def read_status(path: Path) -> Status:
    """Count what the published file at `path` holds. Raises UsageProblem if it is not there or cannot be opened."""
    if not path.is_file():
        raise UsageProblem(f"{path}: nothing is published there yet")
    try:
        with connect(path, read_only=True) as connection:
            status = _read(path, connection)
    except duckdb.IOException as error:
        raise UsageProblem(f"{path}: cannot be opened ({str(error).splitlines()[0]})") from error
    warehouse = Warehouse(path)
    return replace(
        status,
        runs=tuple(history.runs(warehouse, RUNS)),
        releases=tuple(release.publication.run_id for release in releases.kept(warehouse)),
        removed=len(history.withdrawn_from(warehouse)),
        log_lines_unread=history.unread_lines(warehouse),
    )


def _read(path: Path, connection: duckdb.DuckDBPyConnection) -> Status:
    tables = {
        f"{schema}.{table}"
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    }

    def counts(table: str, sql: str) -> dict[str, int]:
        return dict(connection.execute(sql).fetchall()) if table in tables else {}

    def count(table: str, condition: str = "true") -> int:
        row = (
            connection.execute(f"select count(*) from {table} where {condition}").fetchone()
            if table in tables
            else None
        )
        return int(row[0]) if row else 0

    refused = (
        connection.execute(
            "select file_name, reason_code, reason from raw.rejected_document order by file_name, reason_code"
        ).fetchall()
        if "raw.rejected_document" in tables
        else []
    )
    held = (
        connection.execute(
            "select file_name, document_id, min_by(guard, guard), min_by(reason, guard), min_by(first_locator, guard)"
            " from raw.quarantined_document group by file_name, document_id order by file_name, document_id"
        ).fetchall()
        if "raw.quarantined_document" in tables
        else []
    )
    findings = "select outcome, count(*) from quality.qc_finding group by all order by all"
    return Status(
        file=str(path),
        publication=read_publication(connection),
        documents=count("raw.document"),
        forms=counts("raw.form", "select form_kind, count(*) from raw.form group by all order by all"),
        facts={
            table.removeprefix("marts."): count(table) for table in sorted(tables) if table.startswith("marts.fct_")
        },
        findings=counts("quality.qc_finding", findings) if "quality.qc_finding" in tables else None,
        unclaimed_cells=count("raw.cell", "claimed_as is null"),
        refused=tuple({"file_name": name, "reason_code": code, "reason": reason} for name, code, reason in refused),
        held=tuple(
            dict(zip(("file_name", "document_id", "guard", "reason", "place"), row, strict=True)) for row in held
        ),
        example=_example(connection, tables),
        freshness=tuple(
            freshness(connection, datetime.now(UTC).date())
            if {"reference.publication_calendar", "marts.dim_document"} <= tables
            else ()
        ),
    )


def _example(connection: duckdb.DuckDBPyConnection, tables: set[str]) -> Example | None:
    if not {"marts.fct_project", "marts.dim_document", "marts.dim_unit"} <= tables:
        return None
    answer = connection.execute(EXAMPLE_SQL)
    columns = tuple(column[0] for column in answer.description or ())
    return Example(EXAMPLE_QUESTION, EXAMPLE_SQL, columns, tuple(answer.fetchall()))
