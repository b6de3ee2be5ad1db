"""The dbt step: models, seeds and data tests, in this process."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import increment
from pipeline.errors import BuildFailed
from pipeline.layout import ROOT

_FAILING = {"error", "fail", "runtime error", "partial success"}
_SHOWN = 20


@dataclass(frozen=True)
class BuildReport:
    """Nodes that dbt ran (models, seeds, tests) and how many of them warned.

    `added` are the documents that were added to the tables of single documents; None if all tables were made anew.
    """

    nodes: int
    warnings: int
    added: int | None = None


def build(
    database: Path,
    target_dir: Path,
    project_dir: Path = ROOT,
    profiles_dir: Path | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> BuildReport:
    """Run `dbt build` on the working file `database`, unit tests left out: they test the code, not the data.

    Tables of single documents are added to where that gives the same rows (pipeline/increment.py), else made anew.
    `on_progress(done, total, node)` is called after each node. Artefacts go to `target_dir`. Raises BuildFailed with
    one line a failing node. The connection that dbt holds is closed in any case.
    """
    added = increment.begin(database, project_dir)
    variables = {"only_new_documents": True} if added is not None else {}
    environment = {"YUSUAN_WAREHOUSE": str(database)}
    try:
        report = run_dbt("duckdb", environment, target_dir, project_dir, profiles_dir, variables, on_progress)
    finally:
        _close_connections()
    increment.complete(database, project_dir)
    return replace(report, added=added)


def run_dbt(
    target: str,
    environment: Mapping[str, str],
    target_dir: Path,
    project_dir: Path = ROOT,
    profiles_dir: Path | None = None,
    variables: Mapping[str, object] | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
    exclude_resource_types: Sequence[str] = ("unit_test",),
) -> BuildReport:
    """`dbt build` without unit tests on a target of the profile, which reads `environment`; otherwise as `build`.

    `exclude_resource_types` are left out; with `test` among them the data tests are left out too.
    """
    from dbt.cli.main import dbtRunner

    arguments = [
        "build",
        "--target", target,
        "--project-dir", str(project_dir),
        "--profiles-dir", str(profiles_dir or project_dir / "profiles"),
        "--target-path", str(target_dir),
        "--log-path", str(target_dir / "logs"),
        *(word for kind in exclude_resource_types for word in ("--exclude-resource-type", kind)),
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        "--no-print",
        "--no-use-colors",
        "--log-level", "none",
        "--vars", json.dumps(variables or {}),
    ]  # fmt: skip
    callbacks = [_progress(on_progress)] if on_progress else []
    target_dir.mkdir(parents=True, exist_ok=True)
    with _environment(DO_NOT_TRACK="1", **environment):
        answer = dbtRunner(callbacks=callbacks).invoke(arguments)
    results = getattr(answer.result, "results", None)
    failing = [result for result in results or [] if str(result.status) in _FAILING]
    if failing:
        more = [f"dbt: and {len(failing) - _SHOWN} more failing nodes"] if len(failing) > _SHOWN else []
        raise BuildFailed("\n".join([_describe(result) for result in failing[:_SHOWN]] + more))
    if not answer.success or results is None:
        raise BuildFailed(f"dbt: {_one_line(answer.exception or 'no result')}")
    if not results:
        raise BuildFailed("dbt: the project holds no models")
    return BuildReport(len(results), sum(str(result.status) == "warn" for result in results))


def _progress(on_progress: Callable[[int, int, str], None]) -> Callable[[Any], None]:
    done = 0

    def callback(event: Any) -> None:
        nonlocal done
        if event.info.name in {"LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult"}:
            done += 1
            # dbt calls the number of nodes `num_models` in the event of a test, `total` in the others
            total = event.data.num_models if event.info.name == "LogTestResult" else event.data.total
            on_progress(done, total, event.data.node_info.node_name)

    return callback


def _describe(result: Any) -> str:
    count = f" ({result.failures} rows)" if result.failures else ""
    return f"dbt {result.status}: {result.node.unique_id}{count}: {_one_line(result.message)}"


def _one_line(message: object) -> str:
    return " ".join(str(message or "").split())[:400]


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Environment variables for the block, with what was there before put back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _close_connections() -> None:
    """Close the file: dbt's adapter keeps it open in the process, and its last handles die with the garbage."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    gc.collect()
