"""May a build add to the tables that are there, or must it make them anew? And which documents are to be added?

The rows of a document in a fact or a list of findings follow from that document and from the code alone. They stay
right as long as neither changes, so that a run computes them for new documents only (macros/new_rows.sql). Anything
else than new documents makes all tables anew: other code, another engine, a build that did not come to its end, a
document that is gone or was read again. The largest reports compare the documents of a unit: their rows are computed
for the units of which anything changed (models/marts/dim_changed_unit.sql).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.connection import connect
from pipeline.fingerprint import code_fingerprint

if TYPE_CHECKING:
    import duckdb

# What reports take beside facts: dim_changed_unit finds the units whose rows there are others than before.
DIMENSIONS = ("dim_unit", "dim_form", "dim_document", "dim_project", "dim_function_class", "dim_economic_class")


def begin(database: Path, project_dir: Path) -> int | None:
    """Note in meta.new_document what the models lack; gives how many that are, None if all tables must be made anew.

    The mark of the last complete build is taken away: `complete` sets it again.
    """
    with connect(database) as connection:
        built_by = _built_by(connection)
        connection.execute("create schema if not exists meta")
        connection.execute("drop table if exists meta.build")
        if built_by != _maker(project_dir) or _is_stale(connection):
            connection.execute("drop table if exists meta.new_document")
            return None
        connection.execute(
            "create or replace table meta.new_document as"
            " select document_id from raw.document anti join marts.dim_document using (document_id)"
        )
        for dimension in DIMENSIONS:
            connection.execute(f"create or replace table meta.before_{dimension} as from marts.{dimension}")
        row = connection.execute("select count(*) from meta.new_document").fetchone()
    return int(row[0]) if row else 0


def new_rows(database: Path) -> Callable[[str, str], bool]:
    """Tells of a source (schema, table) whether it has rows of the documents in meta.new_document.

    A source that is not kept by document always counts as new: what the pipeline writes about its runs.
    """
    with connect(database, read_only=True) as connection:
        by_document = connection.execute(
            "select schema_name, table_name from duckdb_columns()"
            " where database_name = current_database() and schema_name = 'raw' and column_name = 'document_id'"
        ).fetchall()
        found = {
            (schema, table): connection.execute(
                f'select count(*) from "{schema}"."{table}" semi join meta.new_document using (document_id)'
            ).fetchone()
            != (0,)
            for schema, table in by_document
        }
    return lambda schema, table: found.get((schema, table), True)


def complete(database: Path, project_dir: Path) -> None:
    """Mark the models as built to the end, and by what."""
    with connect(database) as connection:
        for dimension in DIMENSIONS:
            connection.execute(f"drop table if exists meta.before_{dimension}")
        connection.execute("create or replace table meta.build (built_by varchar not null)")
        connection.execute("insert into meta.build values (?)", [_maker(project_dir)])


def _maker(project_dir: Path) -> str:
    """Everything that decides what a document becomes, the engines included."""
    engines = " ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dbt-duckdb"))
    return f"{code_fingerprint(project_dir)} {engines}"


def _built_by(connection: duckdb.DuckDBPyConnection) -> str | None:
    marked = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database()"
        " and (schema_name || '.' || table_name = 'meta.build'"
        " or (schema_name = 'marts' and list_contains(?, table_name)))",
        [list(DIMENSIONS)],
    ).fetchone()
    if marked != (1 + len(DIMENSIONS),):
        return None
    row = connection.execute("select built_by from meta.build").fetchone()
    return str(row[0]) if row else None


def _is_stale(connection: duckdb.DuckDBPyConnection) -> bool:
    """True if a document that the models know is gone, or was read again."""
    row = connection.execute(
        "select count(*) from marts.dim_document as known left join raw.document as there using (document_id)"
        " where there.document_id is null"
        " or (there.loader_version, there.loaded_at) is distinct from (known.loader_version, known.loaded_at)"
    ).fetchone()
    return row != (0,)
