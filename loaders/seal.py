"""What a loader wrote, sealed: a digest of the rows of each document and table, written with them.

Raw rows never change. A digest that no longer fits its rows says that something took, added or altered rows since the
document was read, whatever it was. It adds up a hash of each row, so that order does not matter and doubled rows do.
The same digest is made here in Python, from the rows that are about to be written, and in SQL, from those that stand
in the tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from loaders.schema import TABLES

if TYPE_CHECKING:
    import duckdb
    import polars as pl

SEALS = "document_seal"
# About places and refusals, not about what one document says.
_UNSEALED = {SEALS, "document_source", "rejected_document", "quarantined_document"}
# Known only when the document is written, not when it is read.
_OF_THE_LOAD = {"document_id", "file_name", "byte_size", "loader_version", "loaded_at"}
_NULL, _BETWEEN = "\x1e", "\x1f"


def sealed_tables() -> dict[str, list[str]]:
    """The tables that are sealed, with the columns that count."""
    return {
        table: [name for name in columns if name not in _OF_THE_LOAD]
        for table, columns in TABLES.items()
        if table not in _UNSEALED
    }


def seals(document_id: str, tables: Mapping[str, pl.DataFrame]) -> Iterator[dict[str, object]]:
    """Rows of one document by table → its rows of raw.document_seal, one for each table that it has rows in."""
    for table, columns in sealed_tables().items():
        rows = tables.get(table)
        if rows is not None and not rows.is_empty():
            yield {
                "document_id": document_id,
                "table_name": table,
                "row_count": len(rows),
                "digest": str(sum(map(_hash, rows.select(columns).iter_rows()))),
            }


def seals_in_tables(documents: str = "") -> str:
    """The query for the rows of raw.document_seal as the raw tables have them now.

    `documents` is a condition on document_id, by default none.
    """
    where = f" where {documents}" if documents else ""
    return " union all ".join(
        f"select document_id, '{table}' as table_name, count(*)::integer as row_count,"
        f" sum(md5_number_lower({_text(columns)}))::varchar as digest from raw.{table}{where} group by document_id"
        for table, columns in sealed_tables().items()
    )


def seal_anew(connection: duckdb.DuckDBPyConnection, document_ids: Iterable[str]) -> None:
    """Seal documents whose rows were written by SQL: copies for a benchmark, rows of a test."""
    ids = ", ".join(f"'{document_id}'" for document_id in document_ids)
    if ids:
        connection.execute(f"delete from raw.{SEALS} where document_id in ({ids})")
        connection.execute(f"insert into raw.{SEALS} by name {seals_in_tables(f'document_id in ({ids})')}")


def _hash(row: Sequence[object]) -> int:
    text = _BETWEEN.join(map(_cell, row))
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def _cell(value: object) -> str:
    if value is None:
        return _NULL
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(columns: Sequence[str]) -> str:
    cells = (f'coalesce(cast("{name}" as varchar), chr({ord(_NULL)}))' for name in columns)
    return f"concat_ws(chr({ord(_BETWEEN)}), {', '.join(cells)})"
