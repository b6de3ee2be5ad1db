"""The dbt project itself: layers, contracts, descriptions and grain, by the manifest; facts of one document alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.connection import connect
from loaders.load import load
from pipeline import increment
from pipeline.project import own_project

from ..support.dbt import run_dbt
from ..support.paths import ROOT
from ..support.warehouses import WAREHOUSE, copied

# A layer may read these and nothing else; reports and quality feed no mart. Marts and quality are for people too.
MAY_READ = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "staging", "marts", "seed"},
    "reports": {"marts", "reports"},
    "quality": {"source", "staging", "intermediate", "marts", "reports", "quality", "seed"},
}
PREFIX = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_"),
    "reports": ("rpt_",),
    "quality": ("qc_",),
}
# Facts that a kept report reads beside those of its changed units: joined to these by document or by unit.
READ_WITHIN_A_DOCUMENT = {"rpt_execution": ("fct_budget_line", "fct_three_public_expense", "rpt_three_public")}
# What reads differently on Spark, or means something else there: only dispatched macros may use it (stack.md).
NOT_PORTABLE = {
    r"\bregexp_matches\b|\brlike\b|(?<![<>=!])\s~\s": "regular expressions: rx_matches",
    r"\bstring_agg\b|\blistagg\b": "aggregated text",
    r"\bexclude\s*\(|\*\s+except\s*\(": "star without columns",
    r"(?<!:)//": "integer division",
    r"\bignore nulls\b": "carried_down",
    r"\bany_value\b|\blist\s*\(|\bapprox_count_distinct\b|\bhash\s*\(": "engine-specific aggregates",
    r"\bcast\([^()]*\bas varchar\)": "string is the type name of both engines",
}

# A macro that takes the rows of new documents, by itself or through another one.
_NEW_ROWS = r"new_rows\(|indicator_value_source\("


@pytest.fixture(scope="module")
def manifest() -> Any:
    """The parsed project: dbt's Manifest. No database is opened."""
    return own_project("duckdb", "yusuan").manifest


def _models(manifest: Any) -> Iterator[Any]:
    yield from (node for node in manifest.nodes.values() if node.resource_type == "model")


def _layer(manifest: Any, unique_id: str) -> str:
    if unique_id.startswith("source."):
        return "source"
    node = manifest.nodes[unique_id]
    return "seed" if node.resource_type == "seed" else str(node.fqn[1])


def _layer_breaks(manifest: Any) -> list[str]:
    """Every dependency that a layer must not have, as text."""
    return [
        f"{node.name} ({node.fqn[1]}) reads {parent}"
        for node in _models(manifest)
        for parent in node.depends_on.nodes
        if _layer(manifest, parent) not in MAY_READ[node.fqn[1]]
    ]


def _is_bilingual(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2}", text) and re.search(r"[\u4e00-\u9fff]", text))


def test_layers_read_only_what_they_may(manifest: Any) -> None:
    assert {node.fqn[1] for node in _models(manifest)} >= {"staging", "intermediate", "marts", "quality"}
    assert _layer_breaks(manifest) == []


def test_layer_rule_sees_a_break(manifest: Any) -> None:
    fact = manifest.nodes["model.yusuan.fct_project"]
    fact.depends_on.nodes.append("model.yusuan.qc_coverage")
    try:
        assert _layer_breaks(manifest) == ["fct_project (marts) reads model.yusuan.qc_coverage"]
    finally:
        fact.depends_on.nodes.remove("model.yusuan.qc_coverage")


def test_facts_do_not_depend_on_other_documents(manifest: Any) -> None:
    """A fact is replaceable by document: nothing upstream says which document supersedes which, or merges units."""
    across_documents = {"int_document_superseded", "dim_document", "dim_unit"}
    for node in _models(manifest):
        if not node.name.startswith("fct_"):
            continue
        todo, seen = list(node.depends_on.nodes), set()
        while todo:
            parent = todo.pop()
            if parent not in seen and parent.startswith("model."):
                seen.add(parent)
                todo += manifest.nodes[parent].depends_on.nodes
        assert seen, node.name
        assert not across_documents & {parent.split(".")[-1] for parent in seen}, node.name


def test_tables_of_single_documents_are_added_to(manifest: Any) -> None:
    """What takes the rows of new documents only is incremental, and reads nothing that other documents decide."""
    # dim_document: what a document says of itself stands there beside what superseded it.
    added_to = {
        node.name: node
        for node in _models(manifest)
        if node.config.materialized == "incremental" and node.fqn[1] != "reports"
    }
    of_documents = {node.name for node in _models(manifest) if node.name.startswith(("fct_", "qc_finding_"))}
    assert of_documents - {"qc_finding_all"} <= added_to.keys()
    assert [name for name, node in added_to.items() if not re.search(_NEW_ROWS, node.raw_code)] == []
    assert {node.name for node in _models(manifest) if re.search(_NEW_ROWS, node.raw_code)} <= added_to.keys()
    for name, node in added_to.items():
        parents = {parent.split(".")[-1] for parent in node.depends_on.nodes}
        assert not [p for p in parents if p.startswith(("rpt_", "dim_")) and p != "dim_document"], name
        assert not parents & {"int_document_superseded", "int_unit_mentioned", "int_class_edition"}, name
        assert node.config.get("incremental_strategy") == "append", name
        assert node.config.get("full_refresh") is None, f"{name}: macros/only_new_documents.sql decides"


def test_reports_that_are_kept_compute_the_rows_of_changed_units(manifest: Any) -> None:
    """Rows of a changed unit are deleted and made of its own; what a report reads of all units is known."""
    kept = {
        node.name: node
        for node in _models(manifest)
        if node.config.materialized == "incremental" and node.fqn[1] == "reports"
    }
    assert {"rpt_budget_line", "rpt_budget_yoy", "rpt_execution", "rpt_indicator_yoy"} <= kept.keys()
    for name, node in kept.items():
        assert "model.yusuan.dim_changed_unit" in node.depends_on.nodes, name
        assert [hook.sql for hook in node.config.pre_hook] == ["{{ delete_rows_of_changed_units() }}"], name
        assert "unit_key" in node.columns, name
        # What is read without its rows of changed units: dimensions that dim_changed_unit compares, or lists.
        whole = set(re.findall(r"(?<!units\()ref\('(\w+)'\)", node.raw_code))
        assert whole <= {*increment.DIMENSIONS, "dim_class_break", *READ_WITHIN_A_DOCUMENT.get(name, ())}, name


def test_names_carry_the_layer(manifest: Any) -> None:
    wrong = [node.name for node in _models(manifest) if not node.name.startswith(PREFIX[node.fqn[1]])]
    assert wrong == []


def test_first_line_states_the_grain(manifest: Any) -> None:
    wrong = [node.name for node in _models(manifest) if not node.raw_code.startswith("-- Grain: one row ")]
    assert wrong == []


def test_marts_and_reports_have_an_enforced_contract(manifest: Any) -> None:
    published = [node for node in _models(manifest) if node.name.startswith(("dim_", "fct_", "rpt_"))]
    assert len(published) >= 14
    assert [node.name for node in published if not node.config.contract.enforced] == []


def test_published_models_are_described_in_both_languages(manifest: Any) -> None:
    missing = []
    for node in _models(manifest):
        if node.fqn[1] not in {"marts", "reports", "quality"}:
            continue
        if not _is_bilingual(node.description):
            missing.append(node.name)
        missing += [f"{node.name}.{name}" for name, c in node.columns.items() if not _is_bilingual(c.description)]
        assert node.columns, node.name
    assert missing == []


def test_every_model_and_seed_is_described(manifest: Any) -> None:
    nodes = [node for node in manifest.nodes.values() if node.resource_type in {"model", "seed"}]
    assert [node.name for node in nodes if not _is_bilingual(node.description)] == []


def test_published_models_and_seeds_have_a_primary_key(manifest: Any) -> None:
    tested = {
        node.attached_node
        for node in manifest.nodes.values()
        if node.resource_type == "test" and getattr(getattr(node, "test_metadata", None), "name", "") == "primary_key"
    }
    wanted = {
        node.unique_id
        for node in manifest.nodes.values()
        if node.resource_type == "seed" or (node.resource_type == "model" and node.fqn[1] in {"marts", "reports"})
    }
    assert wanted - tested == set()


def test_models_with_logic_have_unit_tests(manifest: Any) -> None:
    tested = {test.model for test in manifest.unit_tests.values()}
    # Only pass on what a staging, intermediate or reference table says; the rules are tested where they stand.
    without_logic = {
        "int_document_attributed", "dim_region", "dim_function_class", "dim_economic_class",
        "rpt_document", "rpt_label",
        "dim_changed_unit",  # empty but for a build that adds: tests/python/models/test_increment.py
    }  # fmt: skip
    wanted = {
        node.name
        for node in _models(manifest)
        if node.fqn[1] in {"intermediate", "reports"} or node.name.startswith("dim_")
    }
    assert (wanted | {"fct_narrative_change"}) - without_logic - tested == set()


def test_models_use_portable_sql(manifest: Any) -> None:
    found = []
    for node in _models(manifest):
        code = re.sub(r"--[^\n]*|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", node.raw_code, flags=re.DOTALL).lower()
        found += [f"{node.name}: {why}" for pattern, why in NOT_PORTABLE.items() if re.search(pattern, code)]
    assert found == []


def test_no_dispatched_macro_lacks_a_side(manifest: Any) -> None:
    names = {macro.name for macro in manifest.macros.values()}  # dbt's own too: we may replace the Spark side of one
    for macro in manifest.macros.values():
        if macro.package_name == "yusuan" and macro.name.startswith("spark__"):
            assert macro.name.replace("spark__", "default__") in names
            assert macro.name.removeprefix("spark__") in names


def test_every_macro_is_documented_and_known_to_the_linter(manifest: Any) -> None:
    macros = [
        macro
        for macro in manifest.macros.values()
        if macro.package_name == "yusuan" and not macro.name.startswith(("default__", "spark__", "test_"))
    ]
    assert len(macros) > 20
    assert [macro.name for macro in macros if not macro.description] == []
    # Macros that models call need a placeholder for sqlfluff.
    placeholders = (ROOT / "tests" / "sqlfluff" / "placeholders.sql").read_text(encoding="utf-8")
    code = "\n".join(node.raw_code for node in _models(manifest))
    called = [macro.name for macro in macros if re.search(rf"\b{macro.name}\(", code)]
    assert [name for name in called if f"macro {name}(" not in placeholders] == []


def _facts_of(file: Path, document_id: str) -> dict[str, list[tuple[Any, ...]]]:
    connection = connect(file, read_only=True)
    try:
        tables = connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = 'marts' and starts_with(table_name, 'fct_') order by 1"
        ).fetchall()
        return {
            table: connection.execute(
                f'select * from marts.{table} where document_id = ? order by "{table}_key"', [document_id]
            ).fetchall()
            for (table,) in tables
        }
    finally:
        connection.close()


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where documents are built alone, one after the other: the project is parsed once."""
    return tmp_path_factory.mktemp("alone")


@pytest.mark.parametrize("document_kind", ["budget", "self_evaluation"])
def test_facts_of_a_document_are_the_same_alone(document_kind: str, samples_warehouse: Path, one_folder: Path) -> None:
    """Building one document alone gives the rows that it has among others, so a fact can be replaced by document."""
    connection = duckdb.connect(str(samples_warehouse), read_only=True)
    row = connection.execute(
        "select document_id, file_name from marts.dim_document where document_kind = ? order by fiscal_year desc, 2",
        [document_kind],
    ).fetchone()
    connection.close()
    assert row is not None, f"no sample of kind {document_kind}"
    document_id, file_name = row
    (sample,) = (ROOT / "samples").rglob(file_name)
    warehouse = one_folder / WAREHOUSE
    warehouse.unlink(missing_ok=True)
    load([sample], warehouse)
    select = ["--select", "+path:models/marts", "--resource-type", "model", "--resource-type", "seed"]
    ended = run_dbt(["build", *select], warehouse, one_folder / "dbt")
    assert set(ended.values()) == {"success"}, ended
    alone = _facts_of(warehouse, document_id)
    assert sum(map(len, alone.values())) > 0
    assert alone == _facts_of(samples_warehouse, document_id)


def test_generic_tests_fail_on_bad_rows(samples_warehouse: Path, tmp_path: Path) -> None:
    """Our own tests pass on good tables and fail on a doubled row, a null key and a false statement."""
    warehouse = copied(samples_warehouse, tmp_path)
    words = ["test", "--select", "fct_project_goal,test_type:data", "dim_document,test_type:data"]
    good = run_dbt(words, warehouse, tmp_path / "dbt")
    assert set(good.values()) == {"pass"}, good
    connection = connect(warehouse)
    connection.execute("insert into marts.fct_project_goal from marts.fct_project_goal limit 1")
    connection.execute("update marts.dim_document set is_current = not is_current")
    connection.execute("insert into marts.dim_document (document_id) values (null)")
    connection.close()
    bad = run_dbt(words, warehouse, tmp_path / "dbt")
    failed = {name for name, status in bad.items() if status == "fail"}
    assert {
        "primary_key_fct_project_goal_fct_project_goal_key",
        "primary_key_dim_document_document_id",
        "dim_document__superseded_is_not_current",
        "assert_no_row_is_lost",
    } <= failed


def test_seed_replaces_a_table_of_other_columns(samples_warehouse: Path, tmp_path: Path) -> None:
    """A warehouse built with an earlier edition of a reference list takes the new one: its table is made anew."""
    warehouse = copied(samples_warehouse, tmp_path)
    connection = connect(warehouse)
    connection.execute("alter table reference.class_change drop column note")
    connection.close()
    ended = run_dbt(["seed", "--select", "class_change"], warehouse, tmp_path / "dbt")
    assert ended == {"class_change": "success"}
    connection = connect(warehouse, read_only=True)
    assert connection.execute("select count(note) > 0 from reference.class_change").fetchall() == [(True,)]
    connection.close()
