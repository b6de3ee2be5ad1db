"""Taking a publication out again: every row that came of a document, and the mark that keeps it out."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loaders import raw
from loaders.connection import connect
from loaders.inbox import shown
from loaders.load import Change
from loaders.schema import TABLES
from pipeline import history, releases
from pipeline.errors import UsageProblem
from pipeline.publish import discard_failed_file, has_table, start_working_file
from pipeline.run import publish_step, rebuild, recorded

if TYPE_CHECKING:
    from pipeline.display import Steps
    from pipeline.layout import Warehouse

_ID = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True)
class RemoveReport:
    """`removed` are the documents that went, `restored` those whose mark was lifted.

    `current_again` are documents that a removed one had superseded, `purged` the run ids of releases that went.
    """

    removed: tuple[str, ...]
    restored: tuple[str, ...]
    current_again: tuple[str, ...]
    purged: tuple[str, ...]


def remove(
    names: Sequence[str],
    warehouse: Warehouse,
    steps: Steps,
    forget: bool = False,
    purge_releases: bool = False,
    keep: int = releases.KEEP,
) -> RemoveReport:
    """Remove documents (by id, the beginning of one, path or file name) with every row that came of them, and publish.

    They stay out when their file is found again, unless `forget`: that leaves no mark, and lifts the mark of documents
    that were removed before. The published file is written anew, so that no old block of it holds them; with
    `purge_releases` the kept publications go as well. Raises UsageProblem for a name that says no document, or several:
    then nothing changes.
    """
    ids = [_named(name, warehouse, forget) for name in names]
    with recorded(warehouse, "remove", steps) as record:
        present = _documents(warehouse)
        removed = tuple(sorted({document_id for document_id in ids if document_id in present}))
        marked = history.withdrawn_from(warehouse)
        restored = tuple(sorted({document_id for document_id in ids if forget and document_id in marked}))
        current_again = _superseded_by(removed, warehouse)
        if removed:
            start_working_file(warehouse, record.run)
            _write_anew(warehouse, removed)
            with connect(warehouse.working) as connection:
                history.note_removed(connection, record.run, removed, "purged" if forget else "removed")
            rebuild(warehouse, steps)
            publish_step(warehouse, steps, keep, record.run)
            discard_failed_file(warehouse)
            record.end("published")
        else:
            record.end("recorded", changes=[Change(document_id, None, "restored") for document_id in restored])
        purged = tuple(releases.purge(warehouse)) if purge_releases else ()
    return RemoveReport(removed, restored, current_again, purged)


def _named(name: str, warehouse: Warehouse, forget: bool) -> str:
    """The document that a name says."""
    if not name:
        raise UsageProblem("an empty name says no document")
    known = _documents(warehouse)
    candidates = set(known) | (history.withdrawn_from(warehouse) if forget else set())
    path = Path(name)
    if path.is_file():
        matching = {hashlib.sha256(path.read_bytes()).hexdigest()} & candidates
    else:
        matching = {document_id for document_id in candidates if _ID.fullmatch(name) and document_id.startswith(name)}
        matching |= {
            document_id
            for document_id, file_name in known.items()
            if shown(name) in (file_name, file_name.rpartition("/")[2])
        }
    if len(matching) == 1:
        return matching.pop()
    if not matching:
        raise UsageProblem(f"{name}: no document of this warehouse")
    listed = ", ".join(f"{document_id[:12]} ({known.get(document_id, 'removed')})" for document_id in sorted(matching))
    raise UsageProblem(f"{name}: says several documents: {listed}")


def _documents(warehouse: Warehouse) -> dict[str, str]:
    """The published documents: id → file name."""
    if not warehouse.published.exists():
        raise UsageProblem(f"{warehouse.published}: nothing is published there yet")
    with connect(warehouse.published, read_only=True) as connection:
        return dict(connection.execute("select document_id, coalesce(file_name, '') from raw.document").fetchall())


def _superseded_by(document_ids: Sequence[str], warehouse: Warehouse) -> tuple[str, ...]:
    with connect(warehouse.published, read_only=True) as connection:
        if not has_table(connection, "marts", "dim_document"):
            return ()
        rows = connection.execute(
            "select document_id from marts.dim_document where superseded_by in (select unnest(?))"
            " and document_id not in (select unnest(?)) order by 1",
            [list(document_ids), list(document_ids)],
        ).fetchall()
    return tuple(row[0] for row in rows)


def _write_anew(warehouse: Warehouse, document_ids: Sequence[str]) -> None:
    """The working file as a new file of raw and meta tables without these documents; dbt makes the rest.

    Deleted rows stay readable in the free blocks of a file until something is written over them.
    """
    before = warehouse.work_dir / "before.duckdb"
    os.replace(warehouse.working, before)
    try:
        with connect(warehouse.working) as connection:
            raw.create_tables(connection)
            history.create_tables(connection)
            connection.execute(f"attach '{str(before).replace(chr(39), chr(39) * 2)}' as before (read_only)")
            columns = connection.execute(
                "select schema_name || '.' || table_name, list(column_name) from duckdb_columns()"
                " where database_name = 'before' group by all"
            ).fetchall()
            there = {table: set(names) for table, names in columns}
            connection.execute("create table meta.run as from before.meta.run")
            for schema, tables in (("raw", TABLES), ("meta", history.TABLES)):
                for table, known in tables.items():
                    names = ", ".join(name for name in known if name in there.get(f"{schema}.{table}", ()))
                    if not names:
                        continue
                    kept = "true"
                    if schema == "raw" and "document_id" in known:
                        kept = "document_id is null or document_id not in (select unnest($ids))"
                    connection.execute(
                        f"insert into {schema}.{table} ({names}) select {names} from before.{schema}.{table}"
                        f" where {kept}",
                        {"ids": list(document_ids)} if "$ids" in kept else {},
                    )
            connection.execute("detach before")
    finally:
        before.unlink(missing_ok=True)
