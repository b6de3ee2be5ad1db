"""The history of a warehouse: one record a run, in a log beside the file and, from the next run on, in the file.

A run writes a line when it starts and another when it ends (`<name>.runs.jsonl`), so that a run that failed or was
killed is known as well. The next run takes the lines into schema `meta` of its working file, from where quality.qc_run
shows them. Runs are counted (`run_no`): their order does not depend on the clock.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from loaders.connection import connect
from loaders.load import Change, LoadReport
from loaders.schema import LOADER_VERSION
from pipeline.files import sync
from pipeline.fingerprint import code_version

if TYPE_CHECKING:
    from pipeline.layout import Warehouse

TABLES: dict[str, dict[str, str]] = {
    "run_history": {
        "run_id": "varchar",
        "run_no": "integer",
        "command": "varchar",
        "started_at": "timestamp",
        "finished_at": "timestamp",
        "outcome": "varchar",
        "exit_code": "integer",
        "error": "varchar",
        "code_version": "varchar",
        "code_fingerprint": "varchar",
        "loader_version": "varchar",
        "found": "integer",
        "loaded": "integer",
        "unchanged": "integer",
        "refused": "integer",
        "superseded": "integer",
        "removed": "integer",
    },
    "run_step": {"run_id": "varchar", "step_no": "integer", "step": "varchar", "seconds": "double"},
    "run_gate": {
        "run_id": "varchar",
        "gate": "varchar",
        "success": "boolean",
        "checks": "integer",
        "failed_checks": "integer",
    },
    "run_table": {"run_id": "varchar", "table_name": "varchar", "row_count": "bigint"},
    "run_document": {
        "run_id": "varchar",
        "change_no": "integer",
        "document_id": "varchar",
        "file_name": "varchar",
        "change": "varchar",
        "reason_code": "varchar",
    },
}
_RUN = list(TABLES["run_history"])
# A run that ended like this did what it says about documents.
_DONE = ("published", "recorded")


@dataclass(frozen=True)
class GateNote:
    """What a gate found: its checks, and how many of them failed."""

    gate: str
    success: bool
    checks: int
    failed_checks: int


@dataclass(frozen=True)
class Run:
    """One run. Times are UTC; `seconds` is by step, `tables` counts rows by `schema.table`.

    `command` is run, publish (the steps one by one), remove or rollback. `outcome` is published, unchanged, recorded
    (nothing but a note), failed, interrupted (it never ended), running or started.
    """

    run_id: str
    run_no: int
    command: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str = "started"
    exit_code: int | None = None
    error: str | None = None
    code_version: str | None = None
    code_fingerprint: str | None = None
    loader_version: str | None = None
    found: int = 0
    loaded: int = 0
    unchanged: int = 0
    refused: int = 0
    superseded: int = 0
    removed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    gates: tuple[GateNote, ...] = ()
    tables: dict[str, int] = field(default_factory=dict)
    documents: tuple[Change, ...] = ()


def now() -> datetime:
    """The moment in UTC, without zone, as the TIMESTAMP columns hold it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def new_run(warehouse: Warehouse, command: str) -> Run:
    """A run with the next number of this warehouse; nothing is written."""
    numbers = [run.run_no for run in _logged(warehouse)]
    if warehouse.published.exists():
        numbers += [run.run_no for run in _runs_in(warehouse.published, limit=1)]
    return Run(
        run_id=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        run_no=1 + max(numbers, default=0),
        command=command,
        started_at=now(),
        code_version=code_version(),
        loader_version=LOADER_VERSION,
    )


def begin(warehouse: Warehouse, command: str) -> Run:
    """A run with the next number, and its first line in the log. Raises OSError if that cannot be written."""
    run = new_run(warehouse, command)
    _append(warehouse.history_log, {name: value for name, value in _line(run).items() if value})
    return run


def finish(warehouse: Warehouse, run: Run) -> None:
    """The last line of a run. Raises OSError if it cannot be written."""
    _append(warehouse.history_log, _line(run if run.finished_at else replace(run, finished_at=now())))


def take_in(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse, run: Run) -> None:
    """Write what the log knows and the file does not into schema meta, and `run`, which is under way."""
    create_tables(connection)
    row = connection.execute("select max(run_no) from meta.run_history where run_id <> ?", [run.run_id]).fetchone()
    newest = (row[0] if row else None) or 0
    for logged in _logged(warehouse):
        # The newest of the file once more: it did not know yet, when it was published, how long that took.
        if logged.run_no < newest or logged.run_id == run.run_id:
            continue
        if logged.outcome != "started":
            write_run(connection, logged)
        elif _outcome(connection, logged.run_id) != "published":  # else: killed between publishing and its last line
            write_run(connection, replace(logged, outcome="interrupted"))
    write_run(connection, run)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Schema meta with the tables of the history, where they are missing."""
    connection.execute("create schema if not exists meta")
    for table, columns in TABLES.items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        connection.execute(f"create table if not exists meta.{table} ({listed})")


def note_load(connection: duckdb.DuckDBPyConnection, run: Run, report: LoadReport) -> None:
    """Add what a load did to the record of `run` in the working file."""
    before = read_run(connection, run.run_id) or run
    write_run(
        connection,
        replace(
            before,
            found=before.found + report.found,
            loaded=before.loaded + report.loaded,
            unchanged=before.unchanged + report.unchanged,
            refused=before.refused + len(report.rejected),
            superseded=before.superseded + report.superseded,
            documents=before.documents + report.changes,
        ),
    )


def note_removed(connection: duckdb.DuckDBPyConnection, run: Run, document_ids: Sequence[str], change: str) -> None:
    """Add to the record of `run` that documents were `removed` for good, or `purged` and welcome again."""
    before = read_run(connection, run.run_id) or run
    changes = tuple(Change(document_id, None, change) for document_id in document_ids)
    write_run(connection, replace(before, removed=len(changes), documents=before.documents + changes))


def note_changes(connection: duckdb.DuckDBPyConnection, run: Run, changes: Sequence[Change]) -> None:
    """Add to the record of `run` what became of documents."""
    before = read_run(connection, run.run_id) or run
    write_run(connection, replace(before, documents=(*before.documents, *changes)))


def with_details(run: Run, connection: duckdb.DuckDBPyConnection, result_dir: Path) -> Run:
    """`run` with what the working file knows of it, with the results of its gates and the rows by table."""
    noted = read_run(connection, run.run_id)
    if noted:
        run = replace(noted, seconds=run.seconds, error=run.error)
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where database_name = current_database() and not internal and schema_name <> 'meta' order by all"
    ).fetchall()
    counts = {}
    for schema, table in tables:
        row = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
        counts[f"{schema}.{table}"] = int(row[0]) if row else 0
    return replace(run, tables=counts, gates=_gate_notes(result_dir, run.run_id))


def details_of(run: Run, file: Path, result_dir: Path) -> Run:
    """The same for a file that is closed; what cannot be read of it stays unknown."""
    try:
        with connect(file, read_only=True) as connection:
            return with_details(run, connection, result_dir)
    except duckdb.Error:
        return replace(run, gates=_gate_notes(result_dir, run.run_id))


def write_run(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """The record of a run into schema meta, in the place of what stood there about it."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "run_history": [tuple(getattr(run, name) for name in _RUN)],
        "run_step": [(run.run_id, number, *step) for number, step in enumerate(run.seconds.items(), start=1)],
        "run_gate": [(run.run_id, note.gate, note.success, note.checks, note.failed_checks) for note in run.gates],
        "run_table": [(run.run_id, *count) for count in run.tables.items()],
        "run_document": [
            (run.run_id, number, change.document_id, change.file_name, change.change, change.reason_code)
            for number, change in enumerate(run.documents, start=1)
        ],
    }
    connection.execute("begin")
    try:
        for table, values in rows.items():
            connection.execute(f"delete from meta.{table} where run_id = ?", [run.run_id])
            if values:
                columns = TABLES[table]
                marks = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
                connection.execute(
                    f"insert into meta.{table} ({', '.join(columns)}) select {marks}",
                    [list(column) for column in zip(*values, strict=True)],
                )
        connection.execute("commit")
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # what failed may have ended the transaction, and is what is told
            connection.execute("rollback")
        raise


def read_run(connection: duckdb.DuckDBPyConnection, run_id: str) -> Run | None:
    """The record of a run in the open file; None if there is none."""
    found = _read(connection, "run_id = ?", [run_id])
    return found[0] if found else None


def runs(warehouse: Warehouse, limit: int | None) -> list[Run]:
    """The last runs (None: all), newest first, by the log and the published file together."""
    found = {run.run_id: run for run in _runs_in(warehouse.published, limit)}
    for run in _logged(warehouse):
        if run.outcome != "started":
            found[run.run_id] = run
        elif run.run_id not in found:
            found[run.run_id] = replace(run, outcome="running" if _is_under_way(warehouse) else "interrupted")
    newest = sorted(found.values(), key=lambda run: run.run_no, reverse=True)
    # Only one run can be under way: what stands unfinished below it was killed.
    return [
        replace(run, outcome="interrupted") if run.outcome == "running" and number else run
        for number, run in enumerate(newest[:limit])
    ]


def withdrawn(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The documents that were removed and are not to be loaded again."""
    rows = connection.execute(
        "select document_id, change from meta.run_document inner join meta.run_history using (run_id)"
        f" where outcome in {_DONE} and change in ('removed', 'restored')"
        " qualify row_number() over (partition by document_id order by run_no desc, change_no desc) = 1"
    ).fetchall()
    return frozenset(document_id for document_id, change in rows if change == "removed")


def released(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The documents that somebody let pass, whatever the guards say of them."""
    rows = connection.execute(
        "select distinct document_id from meta.run_document inner join meta.run_history using (run_id)"
        f" where outcome in {_DONE} and change = 'released'"
    ).fetchall()
    return frozenset(document_id for (document_id,) in rows)


def withdrawn_from(warehouse: Warehouse) -> frozenset[str]:
    """The same by the log and the published file together."""
    latest: dict[str, str] = {}
    known = {run.run_id: run for run in _runs_in(warehouse.published, limit=None)}
    known |= {run.run_id: run for run in _logged(warehouse)}
    for run in sorted(known.values(), key=lambda run: run.run_no):
        if run.outcome in _DONE:
            latest |= {
                str(change.document_id): change.change
                for change in run.documents
                if change.change in {"removed", "restored"}
            }
    return frozenset(document_id for document_id, change in latest.items() if change == "removed")


def _read(connection: duckdb.DuckDBPyConnection, condition: str, values: list[Any], limit: str = "") -> list[Run]:
    heads = connection.execute(
        f"select {', '.join(_RUN)} from meta.run_history where {condition} order by run_no desc {limit}", values
    ).fetchall()
    ids = [head[0] for head in heads]
    steps = _by_run(connection, "run_step", "step_no", ids)
    gates = _by_run(connection, "run_gate", "gate desc", ids)
    tables = _by_run(connection, "run_table", "table_name", ids)
    documents = _by_run(connection, "run_document", "change_no", ids)
    return [
        Run(
            **dict(zip(_RUN, head, strict=True)),
            seconds=dict(steps.get(head[0], ())),
            gates=tuple(GateNote(*row) for row in gates.get(head[0], ())),
            tables=dict(tables.get(head[0], ())),
            documents=tuple(Change(*row) for row in documents.get(head[0], ())),
        )
        for head in heads
    ]


def _by_run(
    connection: duckdb.DuckDBPyConnection, table: str, order: str, ids: list[str]
) -> dict[str, list[tuple[Any, ...]]]:
    """Run → its rows of a table without their numbers, in order."""
    names = [name for name in TABLES[table] if not name.endswith("_no")]
    rows = connection.execute(
        f"select {', '.join(names)} from meta.{table} where run_id in (select unnest(?)) order by {order}", [ids]
    ).fetchall()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for run_id, *values in rows:
        found.setdefault(run_id, []).append(tuple(values))
    return found


def _runs_in(file: Path, limit: int | None) -> list[Run]:
    """The last runs that a closed file knows of; none if it cannot be read or was made by an older version."""
    if not file.exists():
        return []
    try:
        with connect(file, read_only=True) as connection:
            return _read(connection, "true", [], "" if limit is None else f"limit {limit}")
    except duckdb.Error:
        return []


def unread_lines(warehouse: Warehouse) -> int:
    """How many lines of the log say nothing that can be understood: cut off by a crash, or changed by hand."""
    return _read_log(warehouse)[1]


def _logged(warehouse: Warehouse) -> list[Run]:
    """The runs of the log, by their number."""
    return _read_log(warehouse)[0]


def _read_log(warehouse: Warehouse) -> tuple[list[Run], int]:
    """The runs of the log by their number, and how many lines are none."""
    try:
        lines = warehouse.history_log.read_bytes().split(b"\n")
    except OSError:  # none yet; what is no file is told by the next run, which writes there
        return [], 0
    found: dict[str, Run] = {}
    unread = 0
    for line in filter(bytes.strip, lines):
        run = _understood(line)
        if run:
            found[run.run_id] = run
        else:
            unread += 1
    return sorted(found.values(), key=lambda run: run.run_no), unread


def _understood(line: bytes) -> Run | None:
    """The run that a line of the log is about; None if it does not say what a run is in the way that we write it."""
    try:
        run = _run(json.loads(line))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return run if all(_fits(getattr(run, name), kind) for name, kind in TABLES["run_history"].items()) else None


def _fits(value: object, kind: str) -> bool:
    if value is None:
        return True
    if kind == "integer":
        return type(value) is int and 0 <= value < 2**31
    return isinstance(value, datetime if kind == "timestamp" else str)


def _line(run: Run) -> dict[str, Any]:
    return asdict(run)


def _run(line: dict[str, Any]) -> Run:
    known = {name.name for name in fields(Run)}
    values = {name: value for name, value in line.items() if name in known}
    for name in ("started_at", "finished_at"):
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name]).replace(tzinfo=None)
    values["gates"] = tuple(GateNote(**note) for note in values.get("gates", ()))
    values["documents"] = tuple(Change(**change) for change in values.get("documents", ()))
    values["seconds"] = {str(step): float(value) for step, value in values.get("seconds", {}).items()}
    values["tables"] = {str(table): int(value) for table, value in values.get("tables", {}).items()}
    run = Run(**values)
    if None in (run.run_id, run.run_no, run.command, run.started_at, run.outcome):
        raise ValueError("a run has these")
    return run


def _append(log: Path, line: dict[str, Any]) -> None:
    text = json.dumps(line, ensure_ascii=False, default=lambda value: value.isoformat())
    log.parent.mkdir(parents=True, exist_ok=True)
    is_new = not log.exists()
    with log.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else "\n" + text  # a crash cut the last line off
        file.write(text.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync(log.parent)


def _gate_notes(result_dir: Path, run_id: str) -> tuple[GateNote, ...]:
    notes = []
    for path in sorted(result_dir.glob("*.json"), reverse=True):  # raw before marts
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(result, dict) and result.get("run_id") == run_id:
            failed = sum(not outcome["success"] for outcome in result["outcomes"])
            notes.append(GateNote(result["gate"], result["success"], result["evaluated"], failed))
    return tuple(notes)


def _outcome(connection: duckdb.DuckDBPyConnection, run_id: str) -> str | None:
    row = connection.execute("select outcome from meta.run_history where run_id = ?", [run_id]).fetchone()
    return str(row[0]) if row else None


def _is_under_way(warehouse: Warehouse) -> bool:
    try:
        with (warehouse.work_dir / "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
