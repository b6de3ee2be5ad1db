"""The only module that writes raw tables. Frames go to DuckDB over Arrow, a batch of documents in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from loaders.schema import TABLES, create_statements
from loaders.seal import SEALS, seals

if TYPE_CHECKING:
    import duckdb


_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "BOOLEAN": pl.Boolean(),
    "TIMESTAMP": pl.Datetime("us"),
}
# Tables that are about places and refusals, not about the content of one loaded document.
_LEDGERS = {"document_source", "rejected_document", "quarantined_document"}


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Schema raw, its tables and their columns, where they are missing."""
    for statement in create_statements():
        connection.execute(statement)
    present = set(
        connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'raw' and database_name = current_database()"
        ).fetchall()
    )
    for table, columns in TABLES.items():
        for name, kind in columns.items():
            if (table, name) not in present:
                connection.execute(f'alter table raw.{table} add column "{name}" {kind}')


def frame_of(table: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows as a frame with the columns of raw.`table`. Raises KeyError for a column that the table has not."""
    columns = TABLES[table]
    unknown = {name for row in rows for name in row} - set(columns)
    if unknown:
        raise KeyError(f"raw.{table} has no column {', '.join(sorted(unknown))}")
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in columns},
        schema={name: _TYPES[kind] for name, kind in columns.items()},
    )


def frames(rows: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, pl.DataFrame]:
    """Raw rows by table as frames; tables without a row are left out."""
    return {table: frame_of(table, found) for table, found in rows.items() if found}


def filled(table: str, frame: pl.DataFrame, **values: object) -> pl.DataFrame:
    """Rows of raw.`table` with the same values in every row of these columns."""
    columns = TABLES[table]
    return frame.with_columns(pl.lit(value, _TYPES[columns[name]]).alias(name) for name, value in values.items())


def together(table: str, documents: Mapping[str, Mapping[str, pl.DataFrame]]) -> pl.DataFrame | None:
    """The rows of raw.`table` of several documents, each with its document_id; None if there are none.

    The seals are made here, of the rows of the other tables.
    """
    if table == SEALS:
        sealed = [row for document_id, tables in documents.items() for row in seals(document_id, tables)]
        return frame_of(table, sealed) if sealed else None
    found = [
        filled(table, tables[table], document_id=document_id)
        for document_id, tables in documents.items()
        if table in tables
    ]
    return pl.concat(found) if found else None


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Rows → raw.`table`; columns that a row lacks are NULL. Raises KeyError for a column that the table has not."""
    if rows:
        _insert_frame(connection, table, frame_of(table, rows))


def _insert_frame(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    connection.register("incoming", frame.to_arrow())
    try:
        names = ", ".join(f'"{name}"' for name in TABLES[table])
        connection.execute(f"insert into raw.{table} ({names}) select {names} from incoming")
    finally:
        connection.unregister("incoming")


def delete_documents(connection: duckdb.DuckDBPyConnection, document_ids: Iterable[str]) -> None:
    """Removes every raw row of these documents; where they were seen is kept."""
    ids = list(document_ids)
    if not ids:
        return
    for table, columns in TABLES.items():
        if "document_id" in columns and table not in _LEDGERS:
            connection.execute(f"delete from raw.{table} where document_id in (select unnest(?))", [ids])


def delete_refusals(connection: duckdb.DuckDBPyConnection, source_keys: Iterable[str]) -> None:
    """Removes the refusals of these places."""
    keys = list(source_keys)
    if keys:
        connection.execute("delete from raw.rejected_document where source_key in (select unnest(?))", [keys])


def delete_held(connection: duckdb.DuckDBPyConnection, source_keys: Iterable[str]) -> None:
    """Removes the notes on what these places held that was held back."""
    keys = list(source_keys)
    if keys:
        connection.execute("delete from raw.quarantined_document where source_key in (select unnest(?))", [keys])


def insert_documents(
    connection: duckdb.DuckDBPyConnection, extracted: Mapping[str, Mapping[str, pl.DataFrame]]
) -> None:
    """Extracted rows by document and table → raw tables; rows that the documents had before are replaced."""
    # Almost all are new: one question spares a search through every table for each batch.
    known = connection.execute(
        "select document_id from raw.document where document_id in (select unnest(?))", [list(extracted)]
    ).fetchall()
    delete_documents(connection, (document_id for (document_id,) in known))
    for table in TABLES:
        if (rows := together(table, extracted)) is not None:
            _insert_frame(connection, table, rows)
