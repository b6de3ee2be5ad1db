"""dbt as its users call it, in the process of the test: a process of its own imports for seconds."""

from __future__ import annotations

from pathlib import Path

from pipeline.build import close_connections
from pipeline.project import QUIET, environment, own_project


def run_dbt(words: list[str], warehouse: Path, folder: Path) -> dict[str, str]:
    """`dbt WORDS` on a warehouse file, what it leaves in `folder`: how each node ended, by its name."""
    from dbt.cli.main import dbtRunner

    project = own_project("duckdb", warehouse.stem)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with environment(YUSUAN_WAREHOUSE=str(warehouse), DO_NOT_TRACK="1"):
            answer = dbtRunner(manifest=project.manifest).invoke([*words, *project.arguments(folder), *QUIET])
    finally:
        close_connections()
    assert answer.exception is None, answer.exception
    assert answer.result is not None
    nodes = [result for result in answer.result.results if result.node.resource_type != "operation"]  # hooks
    return {result.node.name: str(result.status) for result in nodes}
