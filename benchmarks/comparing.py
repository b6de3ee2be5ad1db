"""Is a warehouse whole, and does it hold the same rows as another? For the harnesses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from loaders.connection import connect

# Columns that tell of the way a document took, not of what it says.
_OF_THE_WAY = {"loaded_at", "seen_at", "sequence_no", "rejected_at", "source_key", "loader_version"}
# These count the superseded documents too, which a file that never read them does not know.
_OF_ALL_LOADED = {"document_count", "superseded_count"}
_SCHEMAS = ("raw", "marts", "quality", "reports", "reference")


def faults(file: Path) -> list[str]:
    """What is wrong with a published file: half written, doubled rows, other counts than it was stamped with."""
    try:
        with connect(file, read_only=True) as connection:
            return _faults(connection)
    except duckdb.Error as error:
        return [f"cannot be read: {str(error).splitlines()[0]}"]


def _faults(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = []
    publications = connection.execute("select run_id from meta.publication").fetchall()
    if len(publications) != 1:
        return [f"{len(publications)} publications"]
    (run_id,) = publications[0]
    stamped = dict(
        connection.execute("select table_name, row_count from meta.run_table where run_id = ?", [run_id]).fetchall()
    )
    if not stamped:
        found.append("no counts")
    for table, count in stamped.items():
        there = _one(connection, f"select count(*) from {table}")
        if there != count:
            found.append(f"{table} has {there} rows, stamped were {count}")
    doubled = _one(connection, "select count(*) - count(distinct document_id) from raw.document")
    if doubled:
        found.append(f"{doubled} documents doubled")
    outcome = connection.execute("select outcome from meta.run_history where run_id = ?", [run_id]).fetchall()
    if outcome != [("published",)]:
        found.append(f"its run is {outcome}")
    return found


def documents(file: Path) -> set[str]:
    """The ids of the documents of a file."""
    with connect(file, read_only=True) as connection:
        return {row[0] for row in connection.execute("select document_id from raw.document").fetchall()}


def current(file: Path) -> dict[str, str | None]:
    """Document → what superseded it (None: it is current), by marts.dim_document."""
    with connect(file, read_only=True) as connection:
        return dict(connection.execute("select document_id, superseded_by from marts.dim_document").fetchall())


def differences(one: Path, other: Path, document_ids: Iterable[str]) -> list[str]:
    """Where two files differ in the rows of these documents, table by table, row for row.

    Tables without a document are compared whole, except the list of units (of these documents' units alone) and what
    the pipeline notes about itself. Where one file has other documents besides, counts of documents are left out.
    """
    ids = sorted(document_ids)
    found = []
    with connect(one, read_only=True) as left, connect(other, read_only=True) as right:
        tables = _tables(left)
        others = [_one(connection, "select count(*) from raw.document") > len(ids) for connection in (left, right)]
        left_out = _OF_THE_WAY | (_OF_ALL_LOADED if any(others) else set())
        if tables != _tables(right):
            found.append(f"other tables: {sorted(set(tables) ^ set(_tables(right)))}")
        for table, columns in tables.items():
            if table.startswith("quality.qc_run") or table == "raw.rejected_document":
                continue
            kept = [name for name in columns if name not in left_out]
            rows = [_rows(connection, table, kept, ids) for connection in (left, right)]
            if rows[0] != rows[1]:
                missing = len([row for row in rows[1] if row not in rows[0]])
                more = len([row for row in rows[0] if row not in rows[1]])
                example = next((row for row in rows[0] if row not in rows[1]), None) or next(
                    (row for row in rows[1] if row not in rows[0]), "order only"
                )
                found.append(f"{table}: {more} rows more, {missing} missing, e.g. {str(example)[:300]}")
    return found


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_name) from duckdb_columns()"
        " where database_name = current_database() and schema_name in (select unnest(?)) and not internal"
        " group by all order by all",
        [list(_SCHEMAS)],
    ).fetchall()
    return dict(rows)


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], ids: list[str]
) -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{name}"' for name in columns)
    condition = "true"
    if "document_id" in columns:
        condition = "document_id in (select unnest($ids))"
    elif table == "marts.dim_unit":
        condition = "unit_key in (select unit_key from marts.dim_document where document_id in (select unnest($ids)))"
    distinct = "distinct" if table == "raw.document_source" else ""  # a place may have had a content twice
    return connection.execute(
        f"select {distinct} {names} from {table} where {condition} order by all",
        {"ids": ids} if "$ids" in condition else {},
    ).fetchall()


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    assert row
    return row[0]
