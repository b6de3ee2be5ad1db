"""The unit tests of the models (`unit_tests:` in their YAML), all of them in one call of dbt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.project import own_project

from ..support.dbt import run_dbt

if TYPE_CHECKING:
    from pathlib import Path


def test_every_unit_test_of_the_models_passes(database: Path, tmp_path: Path) -> None:
    declared = {test.name for test in own_project("duckdb", database.stem).manifest.unit_tests.values()}
    ended = run_dbt(["test", "--select", "test_type:unit"], database, tmp_path / "dbt")
    assert ended.keys() == declared
    assert {name: status for name, status in ended.items() if status != "pass"} == {}
