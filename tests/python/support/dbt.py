"""dbt as its users call it, in the process of the test: a process of its own imports for seconds."""

from __future__ import annotations

from pathlib import Path

from pipeline.build import _close_connections, _environment

from .paths import ROOT


def run_dbt(words: list[str], warehouse: Path, folder: Path) -> dict[str, str]:
    """`dbt WORDS` on a warehouse file, what it leaves in `folder`: how each node ended, by its name.

    A folder used again for the same file is parsed only once.
    """
    from dbt.cli.main import dbtRunner

    options = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "profiles")]
    options += ["--target-path", str(folder), "--log-path", str(folder)]
    options += ["--quiet", "--no-version-check", "--no-use-colors", "--no-send-anonymous-usage-stats"]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _environment(YUSUAN_WAREHOUSE=str(warehouse), DO_NOT_TRACK="1"):
            answer = dbtRunner().invoke([*words, *options])
    finally:
        _close_connections()
    assert answer.exception is None, answer.exception
    assert answer.result is not None
    return {result.node.name: str(result.status) for result in answer.result.results}
