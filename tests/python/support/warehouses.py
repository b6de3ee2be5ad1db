"""Warehouses for tests: published by the real command, or filled by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.schema import create_statements

from .paths import ROOT

if TYPE_CHECKING:
    import duckdb

DOCUMENT = "ab" * 32  # the id of the document in the warehouses filled by hand
FILE_NAME = "budget.txt"


def published_from(documents: Path, folder: Path) -> Path:
    """What the real command publishes from a folder of documents."""
    file = folder / "yusuan.duckdb"
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
    """One document of three lines with a budget form of two amounts, as the loaders would write it."""
    for statement in create_statements():
        connection.execute(statement)
    connection.execute(
        "insert into raw.document (document_id, file_name, byte_size, loader_version, line_count)"
        " values (?, ?, 90, '1', 3)",
        [DOCUMENT, FILE_NAME],
    )
    connection.execute(
        "insert into raw.form (document_id, form_no, form_code, form_kind, amount_unit_printed, source_locator)"
        " values (?, 1, 'b1', 'budget_grid', '万元', 'line 1')",
        [DOCUMENT],
    )
    for line, text in ((1, "收支总表"), (2, "12.50"), (3, "1,300.00")):
        connection.execute(
            "insert into raw.cell"
            " (document_id, block_no, block_kind, text, line_from, line_to, source_locator, claimed_as)"
            " values (?, ?, 'cell', ?, ?, ?, ?, 'fact')",
            [DOCUMENT, line, text, line, line, f"line {line}"],
        )
    for line, amount in ((2, "12.50"), (3, "1,300.00")):
        connection.execute(
            "insert into raw.budget_cell (document_id, form_no, row_no, column_no, amount_printed, source_locator)"
            " values (?, 1, ?, 2, ?, ?)",
            [DOCUMENT, line, amount, f"line {line}"],
        )


def fill_marts(connection: duckdb.DuckDBPyConnection) -> None:
    """The marts that the gate asks about, worked out by hand from `fill_raw`."""
    connection.execute("create schema if not exists marts")
    connection.execute(
        "create or replace table marts.dim_document as"
        " select document_id, file_name, 'u1' as unit_key, 2024 as fiscal_year, 'printed' as fiscal_year_source,"
        " null::varchar as superseded_by from raw.document"
    )
    connection.execute("create or replace table marts.dim_unit as select 'u1' as unit_key, '某单位' as unit_name")
    connection.execute(
        "create or replace table marts.fct_budget_line as"
        " select document_id, source_locator, 'u1' as unit_key, 2024 as fiscal_year, 'table' as source_kind,"
        " amount_printed, '万元' as amount_unit, 2 as amount_scale,"
        " cast(cast(replace(amount_printed, ',', '') as decimal(18, 2)) * 10000 as decimal(20, 2)) as amount_yuan"
        " from raw.budget_cell"
    )
    for table in ("three_public_expense", "procurement_item", "narrative_figure"):
        connection.execute(f"create or replace table marts.fct_{table} as from marts.fct_budget_line limit 0")
    connection.execute(
        "create or replace table marts.fct_project as"
        " select document_id, source_locator, unit_key, fiscal_year, source_kind, '甲项目' as project_name,"
        " amount_yuan as budget_yuan from marts.fct_budget_line limit 0"
    )
    for table in (
        "project_goal",
        "project_indicator",
        "project_evaluation",
        "evaluation_fund",
        "asset",
        "department_goal",
        "department_value",
        "department_task",
    ):
        connection.execute(f"create or replace table marts.fct_{table} as from marts.fct_project")
    connection.execute(
        "create or replace table marts.fct_project_spending_plan as"
        " select *, 25.00::decimal(9, 2) as cumulative_pct from marts.fct_project"
    )


def remake_findings(file: Path, folder: Path) -> None:
    """Have dbt make the families of findings anew in a file whose facts were changed by hand."""
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-version-check", "run"]
    command += ["-s", "path:models/quality/finding", "--profiles-dir", str(ROOT / "profiles")]
    command += ["--target-path", str(folder / "dbt"), "--log-path", str(folder / "dbt")]
    subprocess.run(command, env={**os.environ, "YUSUAN_WAREHOUSE": str(file)}, check=True, cwd=ROOT)
