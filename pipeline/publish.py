"""From the published file to a working copy, and back in one step."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations.gate import missing_evidence
from loaders.connection import connect
from loaders.schema import LOADER_VERSION
from pipeline.errors import GateFailed, UsageProblem
from pipeline.layout import Warehouse

GATES = ("raw", "marts")


@dataclass(frozen=True)
class Publication:
    """What a published file says about itself (the one row of meta.publication)."""

    run_id: str
    published_at: datetime  # UTC
    code_fingerprint: str
    loader_version: str


def start_working_file(warehouse: Warehouse) -> str:
    """Make a fresh working file, a copy of the published one if there is one; gives the id of the new run.

    A working file that was under way is given up. Raises UsageProblem if the published file is no warehouse or
    somebody is writing in it.
    """
    published, working = warehouse.published, warehouse.working
    if _log_of(published).exists():
        raise UsageProblem(f"{published}: another program is writing in it (there is a .wal beside it)")
    discard_working_file(warehouse)
    working.parent.mkdir(parents=True, exist_ok=True)
    if published.exists():
        part = working.with_name(working.name + ".part")
        shutil.copyfile(published, part)
        os.replace(part, working)
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        with connect(working) as connection:
            connection.execute("create schema if not exists meta")
            connection.execute(
                "create or replace table meta.run (run_id varchar not null, started_at timestamp not null)"
            )
            connection.execute("insert into meta.run values (?, ?)", [run_id, _now()])
    except duckdb.Error as error:
        discard_working_file(warehouse)
        raise UsageProblem(f"{published}: is not a DuckDB file that can be opened") from error
    return run_id


def working_run_id(warehouse: Warehouse) -> str:
    """The id of the run that the working file belongs to. Raises UsageProblem if there is none."""
    if not warehouse.working.exists():
        raise UsageProblem("there is no working file: start with `yusuan load PATH…`")
    with connect(warehouse.working, read_only=True) as connection:
        if not _has_table(connection, "meta", "run"):
            raise UsageProblem(f"{warehouse.working}: was not started by `yusuan load`")
        row = connection.execute("select run_id from meta.run").fetchone()
    return str(row[0]) if row else ""


def discard_working_file(warehouse: Warehouse) -> None:
    """Remove the working file, if there is one."""
    for path in (warehouse.working, _log_of(warehouse.working)):
        path.unlink(missing_ok=True)


def set_aside_working_file(warehouse: Warehouse) -> None:
    """Keep the working file of a failed run where the next run does not pick it up."""
    if warehouse.working.exists():
        warehouse.failed.parent.mkdir(parents=True, exist_ok=True)
        _log_of(warehouse.failed).unlink(missing_ok=True)
        os.replace(warehouse.working, warehouse.failed)
        if _log_of(warehouse.working).exists():
            os.replace(_log_of(warehouse.working), _log_of(warehouse.failed))


def publish(warehouse: Warehouse, result_dir: Path, code_fingerprint: str) -> Publication:
    """Stamp the working file and make it the published one in one step; readers keep the file that they have open.

    Only if the results that both gates wrote into `result_dir` say that they passed for these very contents; otherwise
    GateFailed, and the published file stays as it is. Every connection to the working file must be closed.
    """
    run_id = working_run_id(warehouse)
    working, published = warehouse.working, warehouse.published
    publication = Publication(run_id, _now(), code_fingerprint, LOADER_VERSION)
    with connect(working) as connection:
        for gate in GATES:
            reason = missing_evidence(gate, connection, result_dir, run_id)
            if reason:
                raise GateFailed(f"not published: {reason}")
        _stamp(connection, publication)
        connection.execute("checkpoint")
    if _log_of(working).exists():
        raise GateFailed("not published: the working file still has a write-ahead log")
    _sync(working)
    published.parent.mkdir(parents=True, exist_ok=True)
    os.replace(working, published)
    _sync(published.parent)
    _sync(working.parent)
    return publication


def read_publication(connection: duckdb.DuckDBPyConnection) -> Publication | None:
    """What the open file says about its publication; None if it was never published."""
    if not _has_table(connection, "meta", "publication"):
        return None
    row = connection.execute(
        "select run_id, published_at, code_fingerprint, loader_version from meta.publication"
    ).fetchone()
    return Publication(*row) if row else None


def _stamp(connection: duckdb.DuckDBPyConnection, publication: Publication) -> None:
    connection.execute(
        "create or replace table meta.publication ("
        "run_id varchar not null, published_at timestamp not null, "
        "code_fingerprint varchar not null, loader_version varchar not null)"
    )
    connection.execute(
        "insert into meta.publication values (?, ?, ?, ?)",
        [
            publication.run_id,
            publication.published_at,
            publication.code_fingerprint,
            publication.loader_version,
        ],
    )


def _has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    row = connection.execute(
        "select count(*) from duckdb_tables()"
        " where database_name = current_database() and schema_name = ? and table_name = ?",
        [schema, table],
    ).fetchone()
    return bool(row and row[0])


def _log_of(file: Path) -> Path:
    return file.with_name(file.name + ".wal")


def _now() -> datetime:
    """The moment in UTC, without zone, as the TIMESTAMP columns hold it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
