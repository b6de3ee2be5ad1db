"""Whether the tables that a gate has checked are the tables that are published.

Two fingerprints tell: one over the rows, one over where DuckDB has stored them. Hashing rows takes as long as the
tables are large, so that the gate does it, once in a run. Publishing compares the stored places, which change with any
write to a table; only where they differ (the file was compacted, say) are the rows hashed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# Tables that the pipeline writes about itself; they are stamped after the gates.
META_SCHEMA = "meta"
_PLACE = "row_group_id, column_id, segment_id, start, count, compression, stats, has_updates, block_id, block_offset"


def content_fingerprint(connection: duckdb.DuckDBPyConnection, gate: str) -> str:
    """SHA-256, in hex, over names, row counts and row hashes of the tables that a gate answers for.

    The raw gate answers for schema raw, the other for every other schema but the pipeline's own notes. Row order does
    not matter. DuckDB's hash may change between its versions, so that a fingerprint only compares within one run.
    """
    digest = hashlib.sha256()
    for schema, table in _tables(connection, gate):
        row = connection.execute(f'select count(*), sum(hash(t)) from "{schema}"."{table}" as t').fetchone()
        digest.update(f"{schema}.{table}:{row}\n".encode())
    return digest.hexdigest()


def storage_fingerprint(connection: duckdb.DuckDBPyConnection, gate: str) -> str | None:
    """SHA-256, in hex, over the blocks in which the tables of a gate are stored, with their statistics.

    None if anything of them is not in the file yet: then only the rows can tell.
    """
    digest = hashlib.sha256()
    for schema, table in _tables(connection, gate):
        row = connection.execute(
            f"select count(*), sum(hash(t)), bool_and(persistent) from"
            f' (select persistent, {_PLACE} from pragma_storage_info(\'"{schema}"."{table}"\')) as t'
        ).fetchone()
        if row is None or row[2] is False:
            return None
        digest.update(f"{schema}.{table}:{row[:2]}\n".encode())
    return digest.hexdigest()


def _tables(connection: duckdb.DuckDBPyConnection, gate: str) -> Iterator[tuple[str, str]]:
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = current_database() and not internal and schema_name <> ? order by all",
        [META_SCHEMA],
    ).fetchall()
    return ((schema, table) for schema, table in tables if (schema == "raw") == (gate == "raw"))
