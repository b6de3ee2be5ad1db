"""The steps in their order: load → gate raw → dbt build → gate marts → publish."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from expectations import evidence
from expectations.gate import Blame, GateResult, run_gate
from loaders.connection import connect
from loaders.errors import InputError
from loaders.inbox import find_files, shown
from loaders.load import Change, LoadReport, load
from pipeline import history, quarantine, releases, stop
from pipeline.build import BuildReport, build
from pipeline.display import Steps, warn
from pipeline.errors import (
    INTERNAL_ERROR,
    BuildFailed,
    GateFailed,
    NothingLoaded,
    PipelineError,
    StorageFailed,
    UsageProblem,
)
from pipeline.fingerprint import code_fingerprint
from pipeline.layout import Warehouse, gate_dir, target_dir
from pipeline.memory import require_memory, too_little_memory
from pipeline.publish import (
    Publication,
    discard_working_file,
    has_table,
    publication_of,
    publish,
    set_aside_working_file,
    start_working_file,
    working_run,
    working_run_id,
)
from pipeline.status import Status, read_status

if TYPE_CHECKING:
    from pipeline.history import Run


@dataclass(frozen=True)
class RunReport:
    """What a whole run did. `outcome` is 'published' or 'unchanged'."""

    outcome: str
    load: LoadReport
    status: Status


def run(
    paths: Sequence[Path], warehouse: Warehouse, steps: Steps, keep: int = releases.KEEP, retry: bool = False
) -> RunReport:
    """All steps on a fresh working file; the published file changes only in the last one.

    If no document changed and the published file was made by the same code, nothing is rebuilt. Raises the errors of
    the steps; the working file of a failed run is set aside (`Warehouse.failed`) to be looked at. However it ends, the
    history tells.
    """
    with recorded(warehouse, "run", steps) as record:
        _require_documents(paths)
        start_working_file(warehouse, record.run)
        report = load_step(paths, warehouse, steps, retry)
        if not report.changed and _published_fingerprint(warehouse) == code_fingerprint():
            record.end("unchanged")
            discard_working_file(warehouse)
            return RunReport("unchanged", report, read_status(warehouse.published))
        rebuild(warehouse, steps)
        publish_step(warehouse, steps, keep, record.run)
        record.end("published")
    return RunReport("published", report, read_status(warehouse.published))


def rebuild(warehouse: Warehouse, steps: Steps) -> None:
    """The gates and dbt between them, on the working file; documents that fail are held back."""
    check_step("raw", warehouse, steps)
    build_step(warehouse, steps)
    check_step("marts", warehouse, steps)


class Record:
    """The record of one command: kept in the history when it ends, whatever ends it."""

    def __init__(self, warehouse: Warehouse, run: Run, steps: Steps) -> None:
        self.warehouse, self.run, self.steps = warehouse, run, steps

    def end(self, outcome: str, exit_code: int = 0, error: str | None = None, changes: Sequence[Change] = ()) -> None:
        """Write the last line, with what the working or the published file knows of the run."""
        error = error and "\n".join(map(shown, error.splitlines()))
        run = replace(self.run, seconds=dict(self.steps.seconds), error=error, documents=tuple(changes))
        file = self.warehouse.published if outcome == "published" else self.warehouse.working
        run = history.details_of(run, file, gate_dir())
        run = replace(run, outcome=outcome, exit_code=exit_code, code_fingerprint=code_fingerprint())
        if outcome == "unchanged":  # the rows are those of the run before
            run = replace(run, tables={})
        try:
            history.finish(self.warehouse, replace(run, finished_at=history.now()))
        except OSError as problem:
            warn(f"the history could not be written ({problem.strerror}): {self.warehouse.history_log}")


@contextmanager
def recorded(warehouse: Warehouse, command: str, steps: Steps) -> Iterator[Record]:
    """A command whose failure is recorded and leaves its working file aside.

    No trace of that file is left if the disk is full, or somebody stopped the command. One that is stopped after it
    has published did what it was to do.
    """
    require_memory()
    try:
        record = Record(warehouse, history.begin(warehouse, command), steps)
    except OSError as error:
        raise StorageFailed(f"{warehouse.history_log}: cannot be written ({error.strerror})") from error
    try:
        yield record
    except (Exception, KeyboardInterrupt) as error:
        with stop.held():
            cause = _ended(record, error)
        if cause:
            raise cause from error


def _ended(record: Record, error: BaseException) -> BaseException | None:
    """Record how a command failed and tidy up; gives what is to be raised."""
    warehouse = record.warehouse
    if stopped := stop.asked(error):
        if _is_published(record):
            record.end("published")
            return None
        record.end("interrupted", stopped.exit_code, str(stopped))
        discard_working_file(warehouse)
        return stopped
    storage = _storage_failed(error)
    cause = storage or too_little_memory(error) or error
    exit_code = cause.exit_code if isinstance(cause, PipelineError) else INTERNAL_ERROR
    record.end("failed", exit_code, str(cause))
    if storage:
        discard_working_file(warehouse)
    else:
        set_aside_working_file(warehouse)
    return cause


def _is_published(record: Record) -> bool:
    published = record.warehouse.published
    publication = publication_of(published) if published.exists() else None
    return publication is not None and publication.run_id == record.run.run_id


def load_step(paths: Sequence[Path], warehouse: Warehouse, steps: Steps, retry: bool = False) -> LoadReport:
    """Read documents into the working file; started from the published file unless one is under way."""
    require_memory()
    _require_documents(paths)
    _ensure_working_file(warehouse)
    with connect(warehouse.working) as connection:
        withdrawn = history.withdrawn(connection)
        evidence.remember_documents(connection)
        quarantine.lift(connection, history.released(connection), code_fingerprint())
    with steps("load") as tell:
        report = load(paths, warehouse.working, tell, withdrawn=withdrawn, retry=retry)
    under_way = working_run(warehouse)
    with connect(warehouse.working) as connection:
        history.note_load(connection, under_way, report)
        evidence.remember_documents(connection)
    return report


def build_step(warehouse: Warehouse, steps: Steps) -> BuildReport:
    """Build the models in the working file; started from the published file unless one is under way."""
    require_memory()
    if not warehouse.working.exists() and not warehouse.published.exists():
        raise UsageProblem("there is nothing to build: start with `yusuan load PATH…`")
    _ensure_working_file(warehouse)
    try:
        with steps("build") as tell:
            return build(warehouse.working, target_dir(), on_progress=tell)
    except BuildFailed as failure:
        with connect(warehouse.working, read_only=True) as connection:
            blamed = quarantine.blamed_by_tests(failure.results, connection)
        if not blamed:
            raise
    _hold_back(blamed, warehouse)
    check_step("raw", warehouse, steps)
    return build_step(warehouse, steps)


def check_step(gate: str, warehouse: Warehouse, steps: Steps) -> GateResult:
    """Run one gate on the working file; documents that fail are held back, and the rest is asked again.

    Where models were built with a document that fails, they are built again without it. Raises GateFailed where no
    document can be blamed, with what failed, where, and where the report is.
    """
    require_memory()
    run_id = working_run_id(warehouse)
    with connect(warehouse.working, read_only=True) as connection:
        released = history.released(connection) if has_table(connection, "meta", "run_document") else frozenset()
    with steps(f"gate {gate}"):
        result = run_gate(gate, warehouse.working, gate_dir(), run_id, code_fingerprint(), released)
    if result.success:
        return result
    if result.stops or not result.blamed:
        raise GateFailed(f"{result.message}; report: {gate_dir() / f'{gate}.html'}")
    _hold_back(result.blamed, warehouse)
    if gate != "raw":
        check_step("raw", warehouse, steps)
        build_step(warehouse, steps)
    return check_step(gate, warehouse, steps)


def _hold_back(blamed: Sequence[Blame], warehouse: Warehouse) -> None:
    """Hold documents back, and say so in one line each."""
    under_way = working_run(warehouse)
    with connect(warehouse.working) as connection:
        changes = quarantine.hold_back(connection, blamed, code_fingerprint())
        history.note_changes(connection, under_way, changes)
    for blame in {blame.document_id: blame for blame in reversed(blamed)}.values():
        place = f", first at {blame.source_locator}" if blame.source_locator else ""
        warn(
            f"{blame.file_name or blame.document_id[:12]}: held back by {blame.guard}"
            f" ({blame.row_count} rows{place}): {blame.reason}"
        )


def release_step(names: Sequence[str], warehouse: Warehouse, steps: Steps) -> list[str]:
    """Let held documents pass: the next run reads them, and no guard is asked about them. Gives their ids.

    Raises UsageProblem for a name that says no held document, or several.
    """
    ids = sorted({quarantine.named(name, warehouse) for name in names})
    with recorded(warehouse, "release", steps) as record:
        record.end("recorded", changes=[Change(document_id, None, "released") for document_id in ids])
    return ids


def publish_step(warehouse: Warehouse, steps: Steps, keep: int = releases.KEEP, run: Run | None = None) -> Publication:
    """Make the working file the published one, if both gates left evidence that they passed for it.

    The last `keep` publications are kept, this one among them. It takes seconds, and nobody stops it half-way.
    """
    with stop.held(), steps("publish"):
        working = working_run(warehouse)
        releases.settle(warehouse)
        run = replace(run, seconds=dict(steps.seconds)) if run else None
        publication = publish(warehouse, gate_dir(), code_fingerprint(), run)
        releases.prune(warehouse, keep)
    if run is None:  # the steps one by one: nobody else writes their line
        record = history.details_of(working, warehouse.published, gate_dir())
        history.finish(warehouse, replace(record, seconds=dict(steps.seconds)))
    return publication


def rollback_step(run_id: str | None, warehouse: Warehouse, steps: Steps) -> releases.Release:
    """Make a kept publication the published one. Raises UsageProblem where `releases.named` does: nothing changes."""
    releases.named(warehouse, run_id)
    with recorded(warehouse, "rollback", steps) as record:
        with stop.held(), steps("publish"):
            release = releases.rollback(warehouse, run_id)
        record.end("published")
    return release


def refusal_of(report: LoadReport, strict: bool) -> NothingLoaded | None:
    """The error to end with if every file was refused, or with `strict` if any was; None otherwise."""
    refused = len(report.rejected)
    if not refused or (refused < report.found and not strict):
        return None
    reasons = "; ".join(f"{rejection.file_name}: {rejection.reason}" for rejection in report.rejected[:3])
    more = f"; and {refused - 3} more" if refused > 3 else ""
    return NothingLoaded(f"{refused} of {report.found} files refused: {reasons}{more}")


def _require_documents(paths: Sequence[Path]) -> None:
    try:
        inbox = find_files(paths)
    except InputError as error:
        raise UsageProblem(str(error)) from error
    if not inbox.documents and not inbox.refused:
        raise NothingLoaded(f"no documents found in {', '.join(shown(str(path)) for path in paths)}")


def _ensure_working_file(warehouse: Warehouse) -> None:
    if warehouse.working.exists():
        working_run_id(warehouse)  # refuses a file that is not ours
    else:
        start_working_file(warehouse)


def _published_fingerprint(warehouse: Warehouse) -> str | None:
    if not warehouse.published.exists():
        return None
    publication = read_status(warehouse.published).publication
    return publication.code_fingerprint if publication else None


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_FULL_WORDS = ("No space left on device", "Disk quota exceeded", "Read-only file system")


def _storage_failed(error: BaseException) -> StorageFailed | None:
    """The error as one of the disk, if it is one: DuckDB and dbt hand the system's words on in theirs."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return StorageFailed(f"{error.filename or 'a file'}: cannot be written ({error.strerror})")
    if isinstance(error, (duckdb.Error, PipelineError)):
        words = [words for words in _FULL_WORDS if words.lower() in str(error).lower()]
        if words:
            return StorageFailed(f"a file cannot be written ({words[0]})")
    return None
