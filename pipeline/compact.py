"""Giving back the holes of a working file: blocks of tables that were replaced stay in it, free."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.connection import connect, quoted

if TYPE_CHECKING:
    import duckdb

# A file is copied where more of it is free. Below that the copy costs more than the room is worth.
FREE_SHARE = 0.25


def free_share(file: Path) -> float:
    """The share of a closed file's blocks that hold nothing, 0 to 1."""
    with connect(file, read_only=True) as connection:
        row = connection.execute(
            "select free_blocks / nullif(total_blocks, 0) from pragma_database_size()"
            " where database_name = current_database()"
        ).fetchone()
    return float(row[0] or 0.0) if row else 0.0


def compact(file: Path, share: float = FREE_SHARE) -> bool:
    """Copy a closed file without its holes, in its place, if more than `share` of it is free; tells whether it did.

    Every table, view, constraint and comment is in the copy, rows in their order.
    """
    if free_share(file) <= share:
        return False
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with connect(":memory:") as connection:
            name = quoted_name(file.stem)  # the name that stands in the views
            connection.execute(f"attach '{quoted(file)}' as {name} (read_only)")
            connection.execute(f"attach '{quoted(part)}' as compacted_copy")
            connection.execute(f"copy from database {name} to compacted_copy")
            connection.execute("checkpoint compacted_copy")
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
    return True


def quoted_name(name: str) -> str:
    """A name of a catalogue for the inside of a statement."""
    return '"' + name.replace('"', '""') + '"'


def drop_models(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty a working file of all that dbt makes, so that a whole build takes the room of the tables it replaces."""
    schemas = connection.execute(
        "select schema_name from duckdb_schemas() where database_name = current_database() and not internal"
        " and schema_name not in ('main', 'raw', 'meta') order by 1"
    ).fetchall()
    for (schema,) in schemas:
        connection.execute(f"drop schema {quoted_name(schema)} cascade")
