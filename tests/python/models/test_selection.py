"""What a build that adds documents runs, and what it may leave out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.connection import connect
from pipeline.build import run_dbt
from pipeline.project import own_project
from pipeline.selection import nodes_with_news

from ..support.warehouses import copied


@pytest.fixture(scope="module")
def manifest() -> Any:
    """The parsed project."""
    return own_project("duckdb", "yusuan").manifest


def rows_in(*tables: str) -> Callable[[str, str], bool]:
    """New documents with rows in these raw tables, and in those that every document has rows in."""
    return lambda schema, table: schema != "raw" or table in {"document", "document_source", "cell", *tables}


def test_a_document_without_tables_runs_no_table_of_facts(manifest: Any) -> None:
    chosen = nodes_with_news(manifest, rows_in())
    assert {"dim_document", "dim_unit", "qc_source_cell", "qc_finding_document", "rpt_document"} <= set(chosen)
    assert [name for name in chosen if name.startswith("fct_")] == ["fct_narrative_change"], "it takes cells"
    assert "primary_key_fct_budget_line_fct_budget_line_key" not in chosen
    assert "primary_key_dim_document_document_id" in chosen


@pytest.mark.parametrize(
    ("raw_table", "runs", "left_out"),
    [
        ("budget_cell", {"int_budget_line_typed", "fct_budget_line", "qc_finding_budget_sum"}, {"fct_project"}),
        ("project_indicator", {"int_indicator_target_parsed", "fct_project_indicator"}, {"fct_budget_line"}),
        ("evaluation", {"fct_project_evaluation", "qc_finding_evaluation"}, {"fct_three_public_expense"}),
        ("three_public_cell", {"fct_three_public_expense", "qc_finding_three_public"}, {"fct_procurement_item"}),
    ],
)
def test_rows_of_a_raw_table_run_what_is_made_of_them(
    manifest: Any, raw_table: str, runs: set[str], left_out: set[str]
) -> None:
    chosen = set(nodes_with_news(manifest, rows_in(raw_table)))
    assert runs <= chosen
    assert not left_out & chosen


def test_lists_and_views_are_never_run_and_all_else_is_where_everything_is_new(manifest: Any) -> None:
    chosen = set(nodes_with_news(manifest, lambda *_: True))
    nodes = [node for node in manifest.nodes.values() if node.resource_type in {"model", "seed"}]
    of_lists = {"dim_class_break", "dim_fiscal_year", "dim_label", "dim_region", "int_region_name", "int_region_span"}
    of_lists |= {"rpt_label"}
    left_out = {node.name for node in nodes if node.name not in chosen}
    expected = {node.name for node in nodes if node.resource_type == "seed" or node.config.materialized == "view"}
    assert expected <= left_out <= expected | of_lists


def test_plain_dbt_rebuilds_a_table_that_the_pipeline_adds_to(samples_warehouse: Path, tmp_path: Path) -> None:
    """Who edits a model and runs dbt sees every row of it changed; only the pipeline may keep rows."""
    file = copied(samples_warehouse, tmp_path)
    with connect(file) as connection:
        connection.execute("update marts.fct_asset set item_printed = 'as it was'")
        connection.execute("create or replace table meta.new_document (document_id varchar)")
    for only_new, kept in (("true", True), ("false", False)):
        variables = {"YUSUAN_WAREHOUSE": str(file), "YUSUAN_ONLY_NEW_DOCUMENTS": only_new}
        run_dbt(own_project("duckdb", "yusuan"), variables, tmp_path, ["fct_asset"])
        with connect(file, read_only=True) as connection:
            rows = connection.execute("select distinct item_printed = 'as it was' from marts.fct_asset").fetchall()
        assert rows == [(kept,)]
