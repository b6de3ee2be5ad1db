"""A warehouse of many documents, made of a few in SQL: what the harnesses build on where reading is not measured."""

from __future__ import annotations

from pathlib import Path

from loaders.connection import connect

# Columns that print the name of a unit, and those in which a project code may stand.
_UNIT_NAMES = {("document", "publisher_printed"), ("form", "unit_printed"), ("unit_profile", "unit_name_printed")}
_PROJECT_CODES = {"project_code_printed", "project_name_printed"}


def add_copies(base: Path, warehouse: Path, numbers: range) -> int:
    """Put copies of every document of the file `base` into `warehouse`; gives the number of documents afterwards.

    A copy is of another unit and has project codes of its own, so that units, projects and documents grow alike: it is
    to the warehouse what documents of another district are. The figures are the same.
    """
    with connect(warehouse) as connection:
        connection.execute(f"attach '{base}' as base (read_only)")
        tables = connection.execute(
            "select table_name, list(column_name order by column_index)"
            " from duckdb_columns() where database_name = 'base' and schema_name = 'raw' group by table_name"
        ).fetchall()
        for table, columns in tables:
            if "document_id" not in columns:
                continue
            values = [_copied(table, column) for column in columns]
            connection.execute(
                f"insert into raw.{table} ({', '.join(columns)}) select {', '.join(values)} from base.raw.{table}"
                f" cross join range({numbers.start}, {numbers.stop}) as copy(number) order by number"
            )
        connection.execute("detach base")
        row = connection.execute("select count(*) from raw.document").fetchone()
    return int(row[0]) if row else 0


def _copied(table: str, column: str) -> str:
    if column in {"document_id", "source_key"}:
        return f"sha256({column} || number)"
    if (table, column) in _UNIT_NAMES:
        return f"{column} || number"
    if column in _PROJECT_CODES:
        return rf"regexp_replace({column}, '([0-9A-Z]{{17}})[0-9A-Z]{{4}}', '\1' || lpad(number::varchar, 4, '0'))"
    return column
