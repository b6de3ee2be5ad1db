"""The dbt step: models, seeds and data tests, in this process."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loaders.connection import connect
from pipeline import increment
from pipeline.compact import compact, drop_models
from pipeline.errors import BuildFailed
from pipeline.layout import ROOT
from pipeline.project import QUIET, Project, environment, load_project, one_line, prepared_dir
from pipeline.selection import nodes_with_news

_FAILING = {"error", "fail", "runtime error", "partial success"}
_SHOWN = 20
_CHOSEN = "has_news"  # tag of the nodes that a build runs


@dataclass(frozen=True)
class BuildReport:
    """Nodes that dbt ran (models, seeds, tests) and how many of them warned.

    `added` are the documents that were added to the tables of single documents; None if all tables were rebuilt.
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
    artefacts: bool = False,
) -> BuildReport:
    """Run `dbt build` on the working file `database`, unit tests left out: they test the code, not the data.

    Tables of single documents are added to where that gives the same rows (pipeline/increment.py); else every table is
    rebuilt, in the room of the one that it replaces. A file of which a quarter is free is compacted.
    `on_progress(done, total, node)` is called after each node. What dbt ran goes to `target_dir`, with `artefacts` its
    manifest and results as well. Raises BuildFailed with one line per failing node. The connection that dbt holds is
    closed in any case.
    """
    profiles_dir = profiles_dir or project_dir / "profiles"
    added = increment.begin(database, project_dir)
    prepared = prepared_dir() if project_dir == ROOT else target_dir / "prepared"
    project = load_project("duckdb", database.stem, project_dir, profiles_dir, prepared)
    variables = {"YUSUAN_WAREHOUSE": str(database), "YUSUAN_ONLY_NEW_DOCUMENTS": "false" if added is None else "true"}
    select = None
    if added is None:
        with connect(database) as connection:
            drop_models(connection)
    else:
        select = nodes_with_news(project.manifest, increment.new_rows(database))
    report = run_dbt(project, variables, target_dir, select, on_progress=on_progress, artefacts=artefacts)
    increment.complete(database, project_dir)
    compact(database)
    return replace(report, added=added)


def run_dbt(
    project: Project,
    variables: Mapping[str, str],
    target_dir: Path,
    select: Sequence[str] | None = None,
    exclude_resource_types: Sequence[str] = ("unit_test",),
    on_progress: Callable[[int, int, str], None] | None = None,
    artefacts: bool = False,
) -> BuildReport:
    """`dbt build` of a parsed project, which reads `variables` of the environment; otherwise as `build`.

    `select` names the models and data tests to run, None means all. What is of
    `exclude_resource_types` is left out; with `test` among them the data tests are left out too.
    """
    from dbt.cli.main import dbtRunner

    arguments = ["build", *project.arguments(target_dir), *QUIET]
    arguments += ["--log-level-file", "info"]
    if not artefacts:  # nobody reads the manifest and the results as files: they are in this process
        arguments.append("--no-write-json")
    for name in exclude_resource_types:
        arguments += ["--exclude-resource-type", name]
    if select is not None:
        _tag(project.manifest, select)
        arguments += ["--indirect-selection", "empty", "--select", f"tag:{_CHOSEN}"]
    callbacks = [_progress(on_progress)] if on_progress else []
    target_dir.mkdir(parents=True, exist_ok=True)
    gc.freeze()  # the parse stays: the collector need not walk through it again and again
    try:
        with environment(DO_NOT_TRACK="1", **variables):
            answer = dbtRunner(manifest=project.manifest, callbacks=callbacks).invoke(arguments)
    finally:
        gc.unfreeze()
        if project.target == "duckdb":
            close_connections()
    results = getattr(answer.result, "results", None)
    failing = [result for result in results or [] if str(result.status) in _FAILING]
    if failing:
        more = [f"dbt: and {len(failing) - _SHOWN} more failing nodes"] if len(failing) > _SHOWN else []
        raise BuildFailed("\n".join([_describe(result) for result in failing[:_SHOWN]] + more), failing)
    if not answer.success or results is None:
        raise BuildFailed(f"dbt: {one_line(answer.exception or 'no result')}")
    if not results:
        raise BuildFailed("dbt: the project holds no models")
    return BuildReport(len(results), sum(str(result.status) == "warn" for result in results))


def _tag(manifest: Any, names: Sequence[str]) -> None:
    """Tag the nodes of these names in the parse at hand, and no other: dbt asks each name of every node, a tag once."""
    chosen = set(names)
    for node in manifest.nodes.values():
        node.tags = [tag for tag in node.tags if tag != _CHOSEN] + ([_CHOSEN] if node.name in chosen else [])


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
    return f"dbt {result.status}: {result.node.unique_id}{count}: {one_line(result.message)}"


def close_connections() -> None:
    """Close the file: dbt's adapter keeps it open in the process, and its last handles die with the garbage."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()
    gc.collect()
