"""What tables take on disk: the DuckDB file, and the same tables as Parquet."""

from __future__ import annotations

from pathlib import Path

from loaders.connection import connect


def tables_of(file: Path) -> list[str]:
    """The tables of a file as schema.table."""
    with connect(file, read_only=True) as connection:
        rows = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal order by all"
        ).fetchall()
    return [str(name) for (name,) in rows]


def parquet_bytes(file: Path, folder: Path) -> int:
    """Bytes of all tables of a file, each written as one Parquet file (zstd) and removed again."""
    total = 0
    target = folder / "table.parquet"
    for table in tables_of(file):
        with connect(file, read_only=True) as connection:
            connection.execute(f"copy {table} to '{target}' (format parquet, compression zstd)")
        total += target.stat().st_size
        target.unlink()
    return total
