"""What tables take on disk, in the DuckDB file and as Parquet, and a process in memory."""

from __future__ import annotations

import resource
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


def peak_mb() -> float:
    """The largest memory that this process had, in MB; where the system tells it, without what it was forked from."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
