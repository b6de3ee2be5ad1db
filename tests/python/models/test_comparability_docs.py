"""The page on comparing years: it lists the reasons that the SQL can give, all of them and no others."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from loaders.connection import connect

from ..support.paths import ROOT

PAGE = (ROOT / "docs" / "year-over-year.md").read_text("utf-8")
# A reason is a literal behind `then` or `else`; other literals there are these.
OTHER_COLUMNS = {
    "break", "missing", "zero_base", "comparable", "narrative", "table", "declared_empty", "general", "fiscal_grant",
    "key", "name", "department", "unit", "function", "total", "total_expenditure", "three_public", "three_public_",
}  # fmt: skip


def reasons_of_sql() -> set[str]:
    """Every reason that a report can give: literals of the models, and the codes that the seeds bring."""
    found = set()
    for model in sorted((ROOT / "models" / "reports").glob("*.sql")):
        code = re.sub(r"--[^\n]*", "", model.read_text("utf-8"))
        found |= set(re.findall(r"\b(?:then|else)\s+'([a-z][a-z_0-9]*)'", code))
    seeds = ROOT / "seeds"
    with (seeds / "classification_reform.csv").open(encoding="utf-8", newline="") as lines:
        found |= {row["reason_code"] for row in csv.DictReader(lines)}
    with (seeds / "class_change.csv").open(encoding="utf-8", newline="") as lines:
        found |= {"class_" + row["change_kind"] for row in csv.DictReader(lines) if row["comparable"] == "no"}
    return found - OTHER_COLUMNS


def test_the_page_lists_exactly_the_reasons_of_the_sql() -> None:
    rows = re.findall(r"^\| (?:zero_base|break|missing) \| (.*?) \|", PAGE, re.MULTILINE)
    listed = [code for row in rows for code in re.findall(r"`([a-z_0-9]+)`", row)]
    assert len(listed) == len(set(listed)), "a reason is listed twice"
    assert set(listed) == reasons_of_sql()


def test_the_query_on_earlier_printings_runs(samples_warehouse: Path) -> None:
    (query,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    with connect(samples_warehouse, read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    # The total lines of 2023 and 2024, line 266 of each sample.
    assert [(row[0], row[5], row[6]) for row in rows] == [(2023, True, "381.91"), (2024, True, "380.52")]


def test_reasons_in_the_samples_are_listed(samples_warehouse: Path) -> None:
    with connect(samples_warehouse, read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.columns"
            " where table_schema = 'reports' and column_name = 'break_reason'"
        ).fetchall()
        given = {
            reason
            for (table,) in tables
            for (reason,) in connection.execute(f"select distinct break_reason from reports.{table}").fetchall()
        }
    assert len(tables) >= 6
    assert given - {None} <= reasons_of_sql()
