"""From the published file to a working copy, and back in one step."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from expectations import evidence
from expectations.gate import missing_evidence
from loaders.connection import connect
from loaders.schema import LOADER_VERSION
from pipeline import history
from pipeline.errors import GateFailed, StorageFailed, UsageProblem
from pipeline.files import free_bytes, link_or_copy, sync
from pipeline.fingerprint import code_version
from pipeline.history import Run
from pipeline.layout import require_place

if TYPE_CHECKING:
    from pipeline.layout import Warehouse

GATES = ("raw", "marts")
# A run needs room for the copy that it works on, and as much again for what it adds.
_ROOM = 2


@dataclass(frozen=True)
class Publication:
    """What a published file says about itself (the one row of meta.publication).

    `run_no` counts the runs of a warehouse, whatever the clock says. Files of older versions have no number (0).
    """

    run_id: str
    published_at: datetime  # UTC
    code_fingerprint: str
    loader_version: str
    run_no: int = 0
    code_version: str = ""


def start_working_file(warehouse: Warehouse, run: Run | None = None) -> str:
    """Make a fresh working file, a copy of the published one if there is one; gives the id of the new run.

    A working file that was under way is given up. The runs that ended since the published file was made are taken into
    it. Raises UsageProblem if the published file is no warehouse or somebody is writing in it, StorageFailed if there
    is no room.
    """
    published, working = warehouse.published, warehouse.working
    if log_of(published).exists():
        raise UsageProblem(f"{published}: another program is writing in it (there is a .wal beside it)")
    discard_working_file(warehouse)
    working.parent.mkdir(parents=True, exist_ok=True)
    if published.exists():
        _require_room(warehouse)
        part = working.with_name(working.name + ".part")
        shutil.copyfile(published, part)
        os.replace(part, working)
    run = run or history.new_run(warehouse, "publish")
    try:
        with connect(working) as connection:
            connection.execute("create schema if not exists meta")
            connection.execute(
                "create or replace table meta.run"
                " (run_id varchar not null, run_no integer not null, started_at timestamp not null)"
            )
            connection.execute("insert into meta.run values (?, ?, ?)", [run.run_id, run.run_no, run.started_at])
            history.take_in(connection, warehouse, run)
            if has_table(connection, "raw", "document"):
                evidence.remember_documents(connection)
    except duckdb.Error as error:
        discard_working_file(warehouse)
        raise UsageProblem(f"{published}: is not a DuckDB file that can be opened") from error
    return run.run_id


def working_run_id(warehouse: Warehouse) -> str:
    """The id of the run that the working file belongs to. Raises UsageProblem if there is none."""
    return working_run(warehouse).run_id


def working_run(warehouse: Warehouse) -> Run:
    """The run that the working file belongs to. Raises UsageProblem if there is none."""
    if not warehouse.working.exists():
        raise UsageProblem("there is no working file: start with `yusuan load PATH…`")
    with connect(warehouse.working, read_only=True) as connection:
        row = None
        if has_table(connection, "meta", "run"):
            row = connection.execute("select run_id, run_no, started_at from meta.run").fetchone()
    if row is None:
        raise UsageProblem(f"{warehouse.working}: was not started by `yusuan load`")
    return Run(run_id=row[0], run_no=row[1], command="publish", started_at=row[2])


def discard_working_file(warehouse: Warehouse) -> None:
    """Remove the working file, if there is one, and what a run that was killed left beside it."""
    working = warehouse.working
    for path in (working, log_of(working), working.with_name(working.name + ".part")):
        path.unlink(missing_ok=True)
    shutil.rmtree(working.with_name(working.name + ".tmp"), ignore_errors=True)  # where DuckDB spills


def discard_failed_file(warehouse: Warehouse) -> None:
    """Remove the working file of the last failed run, if it was kept."""
    for path in (warehouse.failed, log_of(warehouse.failed)):
        path.unlink(missing_ok=True)


def set_aside_working_file(warehouse: Warehouse) -> None:
    """Keep the working file of a failed run where the next run does not pick it up."""
    if warehouse.working.exists():
        warehouse.failed.parent.mkdir(parents=True, exist_ok=True)
        log_of(warehouse.failed).unlink(missing_ok=True)
        os.replace(warehouse.working, warehouse.failed)
        if log_of(warehouse.working).exists():
            os.replace(log_of(warehouse.working), log_of(warehouse.failed))


def publish(warehouse: Warehouse, result_dir: Path, code_fingerprint: str, run: Run | None = None) -> Publication:
    """Stamp the working file and make it the published one in one step; readers keep the file that they have open.

    Only if the results that both gates wrote into `result_dir` say that they passed for these very contents; otherwise
    GateFailed, and the published file stays as it is. Every connection to the working file must be closed. `run` is
    what is known of the run so far; it is written into the file with what was loaded, the gates and the rows by table.
    The file is made read-only: who writes into a published file locks its readers out. It is kept among the releases
    before it is published, so that readers always find it there (pipeline/reading.py).
    """
    require_place(warehouse)
    known = working_run(warehouse)
    run = run or known
    working, published = warehouse.working, warehouse.published
    publication = Publication(
        known.run_id, history.now(), code_fingerprint, LOADER_VERSION, known.run_no, code_version()
    )
    with connect(working) as connection:
        for gate in GATES:
            reason = missing_evidence(gate, connection, result_dir, known.run_id)
            if reason:
                raise GateFailed(f"not published: {reason}")
        _stamp(connection, publication)
        ended = history.with_details(run, connection, result_dir)
        history.write_run(
            connection,
            replace(
                ended,
                outcome="published",
                exit_code=0,
                finished_at=publication.published_at,
                code_fingerprint=code_fingerprint,
            ),
        )
        connection.execute("checkpoint")
    if log_of(working).exists():
        raise GateFailed("not published: the working file still has a write-ahead log")
    working.chmod(working.stat().st_mode & ~0o222)
    sync(working)
    release = warehouse.release(publication.run_id)
    release.parent.mkdir(parents=True, exist_ok=True)
    link_or_copy(working, release)
    sync(warehouse.releases_dir)
    os.replace(working, published)
    sync(published.parent)
    sync(working.parent)
    return publication


def read_publication(connection: duckdb.DuckDBPyConnection) -> Publication | None:
    """What the open file says about its publication; None if it was never published."""
    if not has_table(connection, "meta", "publication"):
        return None
    answer = connection.execute("select * from meta.publication")
    names = [column[0] for column in answer.description or ()]
    row = answer.fetchone()
    return Publication(**dict(zip(names, row, strict=True))) if row else None


def publication_of(file: Path) -> Publication | None:
    """What the file at a path says about its publication; None if it is none, or was never published."""
    for locked in (False, True):  # a reader of this process may have it open, locked
        try:
            with connect(file, read_only=True, locked=locked) as connection:
                return read_publication(connection)
        except duckdb.ConnectionException:
            continue
        except duckdb.Error:
            return None
    return None


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """True if the open file has the table."""
    row = connection.execute(
        "select count(*) from duckdb_tables()"
        " where database_name = current_database() and schema_name = ? and table_name = ?",
        [schema, table],
    ).fetchone()
    return bool(row and row[0])


def log_of(file: Path) -> Path:
    """DuckDB's write-ahead log of a file."""
    return file.with_name(file.name + ".wal")


def _stamp(connection: duckdb.DuckDBPyConnection, publication: Publication) -> None:
    connection.execute(
        "create or replace table meta.publication ("
        "run_id varchar not null, published_at timestamp not null, "
        "code_fingerprint varchar not null, loader_version varchar not null, "
        "run_no integer not null, code_version varchar not null)"
    )
    connection.execute(
        "insert into meta.publication values (?, ?, ?, ?, ?, ?)",
        [
            publication.run_id,
            publication.published_at,
            publication.code_fingerprint,
            publication.loader_version,
            publication.run_no,
            publication.code_version,
        ],
    )


def _require_room(warehouse: Warehouse) -> None:
    needed = _ROOM * warehouse.published.stat().st_size
    if free_bytes(warehouse.work_dir) < needed:
        discard_failed_file(warehouse)  # kept to be looked at, but a run is worth more
    free = free_bytes(warehouse.work_dir)
    if free < needed:
        raise StorageFailed(f"{warehouse.work_dir}: {free:,} bytes are free, and a run needs {needed:,}")
