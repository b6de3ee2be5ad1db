"""The steps in their order: load → gate raw → dbt build → gate marts → publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from expectations.gate import GateResult, run_gate
from loaders.errors import InputError
from loaders.load import LoadReport, find_documents, load
from pipeline.build import BuildReport, build
from pipeline.display import Steps
from pipeline.errors import GateFailed, NothingLoaded, UsageProblem
from pipeline.fingerprint import code_fingerprint
from pipeline.layout import Warehouse, gate_dir, target_dir
from pipeline.publish import (
    Publication,
    discard_working_file,
    publish,
    set_aside_working_file,
    start_working_file,
    working_run_id,
)
from pipeline.status import Status, read_status


@dataclass(frozen=True)
class RunReport:
    """What a whole run did. `outcome` is 'published' or 'unchanged'."""

    outcome: str
    load: LoadReport
    status: Status


def run(paths: Sequence[Path], warehouse: Warehouse, steps: Steps) -> RunReport:
    """All steps on a fresh working file; the published file changes only in the last one.

    If no document changed and the published file was made by the same code, nothing is rebuilt. Raises the errors of
    the steps; the working file of a failed run is set aside (`Warehouse.failed`) to be looked at.
    """
    _require_documents(paths)
    start_working_file(warehouse)
    try:
        report = load_step(paths, warehouse, steps)
        if not report.changed and _published_fingerprint(warehouse) == code_fingerprint():
            discard_working_file(warehouse)
            return RunReport("unchanged", report, read_status(warehouse.published))
        check_step("raw", warehouse, steps)
        build_step(warehouse, steps)
        check_step("marts", warehouse, steps)
        publish_step(warehouse, steps)
    except Exception:
        set_aside_working_file(warehouse)
        raise
    return RunReport("published", report, read_status(warehouse.published))


def load_step(paths: Sequence[Path], warehouse: Warehouse, steps: Steps) -> LoadReport:
    """Read documents into the working file; started from the published file unless one is under way."""
    _require_documents(paths)
    _ensure_working_file(warehouse)
    with steps("load") as tell:
        return load(paths, warehouse.working, tell)


def build_step(warehouse: Warehouse, steps: Steps) -> BuildReport:
    """Build the models in the working file; started from the published file unless one is under way."""
    if not warehouse.working.exists() and not warehouse.published.exists():
        raise UsageProblem("there is nothing to build: start with `yusuan load PATH…`")
    _ensure_working_file(warehouse)
    with steps("build") as tell:
        return build(warehouse.working, target_dir(), on_progress=tell)


def check_step(gate: str, warehouse: Warehouse, steps: Steps) -> GateResult:
    """Run one gate on the working file. Raises GateFailed with what failed, where, and where the report is."""
    run_id = working_run_id(warehouse)
    with steps(f"gate {gate}"):
        result = run_gate(gate, warehouse.working, gate_dir(), run_id)
    if not result.success:
        raise GateFailed(f"{result.message}; report: {gate_dir() / f'{gate}.html'}")
    return result


def publish_step(warehouse: Warehouse, steps: Steps) -> Publication:
    """Make the working file the published one, if both gates left evidence that they passed for it."""
    with steps("publish"):
        return publish(warehouse, gate_dir(), code_fingerprint())


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
        documents = find_documents(paths)
    except InputError as error:
        raise UsageProblem(str(error)) from error
    if not documents:
        raise NothingLoaded(f"no documents found in {', '.join(map(str, paths))}")


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
