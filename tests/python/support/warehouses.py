"""Warehouses for tests: made once for all workers of a test run, by the real command or from rows written by hand."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from loaders.connection import connect
from loaders.schema import create_statements
from loaders.seal import seal_anew
from pipeline import history
from pipeline.build import build

from .dbt import run_dbt
from .paths import ROOT

if TYPE_CHECKING:
    import duckdb

DOCUMENT = "ab" * 32  # the id of the document in the warehouses filled by hand
FILE_NAME = "budget.txt"
WAREHOUSE = "yusuan.duckdb"  # dbt writes the name of the file into its views: copies keep it

Make = Callable[[Path], object]


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of a test run share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(folder: Path, make: Make) -> Path:
    """A folder that `make` fills: the first worker that asks does it while the others wait. Nobody writes there later.

    A folder whose maker failed is made again by the next one that asks.
    """
    done = folder.with_name(f"{folder.name}.made")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            for file in folder.glob("*.duckdb"):
                file.chmod(0o444)
            done.touch()
    return folder


def copied(warehouse: Path, folder: Path) -> Path:
    """A copy of a warehouse under the same name, which may be written in."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(warehouse, folder / warehouse.name))


def published_from(documents: Path, folder: Path) -> Path:
    """What the real command publishes from a folder of documents, run in this process."""
    from pipeline.cli import cli

    file = folder / WAREHOUSE
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YUSUAN_TARGET", str(folder / "target"))
        answer = CliRunner().invoke(cli, ["run", str(documents), "--warehouse", str(file)])
    assert answer.exit_code == 0, answer.output
    return file


def published_by_program(documents: Path, folder: Path) -> Path:
    """The same by the command as people start it, in a process of its own."""
    file = folder / WAREHOUSE
    command = [sys.executable, "-m", "pipeline", "run", str(documents), "--warehouse", str(file)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(folder / "target"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return file


def environment(target: Path) -> dict[str, str]:
    """The environment of a command whose artefacts go to `target`."""
    return {**os.environ, "YUSUAN_TARGET": str(target), "PYTHONUTF8": "1"}


def fill_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """One document with a budget form of two amounts and a project with a plan, as the loaders would write it."""
    for statement in create_statements():
        connection.execute(statement)
    connection.execute(
        "insert into raw.document (document_id, file_name, byte_size, loader_version, loaded_at, publisher_printed,"
        " document_kind, phase, fiscal_year_printed, fiscal_year_locator, line_count)"
        " values (?, ?, 90, '1', timestamp '2026-01-02 03:04:05', '示例省某县某单位', 'budget', 'budget', '2024',"
        " 'line 1', 5)",
        [DOCUMENT, FILE_NAME],
    )
    connection.execute(
        "insert into raw.form (document_id, form_no, form_code, form_kind, amount_unit_printed, source_locator)"
        " values (?, 1, 'b1', 'budget_grid', '万元', 'line 1')",
        [DOCUMENT],
    )
    connection.execute(
        "insert into raw.document_source values ('place', ?, ?, timestamp '2026-01-02 03:04:05', 1)",
        [DOCUMENT, FILE_NAME],
    )
    texts = ("示例省某县某单位2024年收支总表", "12.50", "1,300.00", "甲项目", "25%")
    for line, (text, form_no) in enumerate(zip(texts, (1, 1, 1, 2, 2), strict=True), start=1):
        connection.execute(
            "insert into raw.cell"
            " (document_id, block_no, block_kind, column_no, text, line_from, line_to, source_locator, claimed_as,"
            " form_no)"
            " values (?, ?, 'cell', 2, ?, ?, ?, ?, 'fact', ?)",
            [DOCUMENT, line, text, line, line, f"line {line}", form_no],
        )
    for line, amount in ((2, "12.50"), (3, "1,300.00")):
        connection.execute(
            "insert into raw.budget_cell (document_id, form_no, row_no, column_no, amount_printed, source_locator)"
            " values (?, 1, ?, 2, ?, ?)",
            [DOCUMENT, line, amount, f"line {line}"],
        )
    connection.execute(
        "insert into raw.form (document_id, form_no, form_code, form_kind, amount_unit_printed, source_locator)"
        " values (?, 2, 'project_target', 'project_target', '万元', 'line 4')",
        [DOCUMENT],
    )
    connection.execute(
        "insert into raw.project (document_id, form_no, project_sequence, project_name_printed, budget_printed,"
        " budget_locator, source_locator) values (?, 2, 1, '甲项目', '12.50', 'line 4', 'line 4')",
        [DOCUMENT],
    )
    connection.execute(
        "insert into raw.project_plan (document_id, form_no, plan_no, month_printed, plan_printed, source_locator)"
        " values (?, 2, 1, '3月底', '25%', 'line 5')",
        [DOCUMENT],
    )


def fill_and_build(folder: Path) -> None:
    """A small warehouse, good in every respect: the rows of `fill_raw`, and what dbt makes of them."""
    file = folder / WAREHOUSE
    with connect(file) as connection:
        fill_raw(connection)
        seal_anew(connection, [DOCUMENT])
        history.create_tables(connection)
    build(file, folder / "target")


def remake_findings(file: Path, folder: Path) -> None:
    """Have dbt make the families of findings anew in a file whose facts were changed by hand."""
    ended = run_dbt(["run", "-s", "path:models/quality/finding"], file, folder / "dbt")
    assert set(ended.values()) == {"success"}, ended
