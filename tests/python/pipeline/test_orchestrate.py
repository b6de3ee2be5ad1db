"""The run as a graph of Dagster's assets; skipped where the extra is not installed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stand_in

import pipeline.run
from pipeline.history import runs
from pipeline.layout import Warehouse, gate_dir, warehouse_at
from pipeline.publish import publication_of

from ..support.paths import ROOT, SAMPLES

if TYPE_CHECKING:
    from expectations.gate import GateResult


@pytest.fixture
def dg() -> Any:
    return pytest.importorskip("dagster", reason="the extra is not installed: pip install yusuan[dagster]")


@pytest.fixture
def orchestrate(dg: Any) -> Any:
    from pipeline import orchestrate

    return orchestrate


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    shutil.copy(SAMPLES / "budget-2023-culture-centre.txt", folder)
    return folder


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """Runs with stand-ins for dbt and the gates."""
    monkeypatch.setattr(pipeline.run, "build", stand_in.build)
    monkeypatch.setattr(pipeline.run, "run_gate", stand_in.evidence)
    return warehouse_at(tmp_path / "house/yusuan.duckdb")


def materialize(dg: Any, definitions: Any) -> Any:
    job = definitions.resolve_job_def("yusuan")
    return job.execute_in_process(instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)


def checks(result: Any) -> dict[str, bool]:
    return {check.check_name: check.passed for check in result.get_asset_check_evaluations()}


def test_a_run_of_dagster_publishes_as_the_command_does(
    dg: Any, orchestrate: Any, inbox: Path, warehouse: Warehouse
) -> None:
    definitions = orchestrate.definitions(inbox, warehouse)
    result = materialize(dg, definitions)
    assert result.success
    made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()}
    assert {"raw/document", "marts/fct_budget_line", "quality/qc_finding", "published/warehouse"} <= made
    models = {path.stem for path in (ROOT / "models").rglob("*.sql")}
    assert models <= {key.rpartition("/")[2] for key in made}
    assert checks(result) == {"gate_raw": True, "gate_marts": True}
    (run,) = runs(warehouse, 5)
    assert (run.command, run.outcome, run.loaded) == ("run", "published", 1)
    again = materialize(dg, definitions)
    assert again.success
    assert again.get_asset_materialization_events() == []
    assert [run.outcome for run in runs(warehouse, 5)] == ["unchanged", "published"]


def test_a_failing_gate_is_a_failed_check_and_publishes_nothing(
    dg: Any, orchestrate: Any, inbox: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_marts(gate: str, database: Path, result_dir: Path, run_id: str, *_: object) -> GateResult:
        passed = stand_in.evidence(gate, database, result_dir, run_id)
        if gate == "raw":
            return passed
        told = json.loads((gate_dir() / "marts.json").read_text("utf-8"))
        (gate_dir() / "marts.json").write_text(json.dumps({**told, "success": False}), "utf-8")
        return replace(passed, success=False, error="planted")

    monkeypatch.setattr(pipeline.run, "run_gate", fail_marts)
    result = materialize(dg, orchestrate.definitions(inbox, warehouse))
    assert not result.success
    assert checks(result) == {"gate_raw": True, "gate_marts": False}
    assert publication_of(warehouse.published) is None


def test_the_sensor_asks_for_a_run_when_the_inbox_changes(
    dg: Any, orchestrate: Any, inbox: Path, warehouse: Warehouse
) -> None:
    sensor = orchestrate.definitions(inbox, warehouse).get_sensor_def("inbox_sensor")
    context = dg.build_sensor_context()
    first = sensor(context)
    assert isinstance(first, dg.RunRequest)
    assert isinstance(sensor(context), dg.SkipReason)
    (inbox / "more.txt").write_text("一段说明文字。\n", "utf-8")
    second = sensor(context)
    assert isinstance(second, dg.RunRequest)
    assert second.run_key != first.run_key


def test_a_schedule_runs_every_day(orchestrate: Any, inbox: Path, warehouse: Warehouse) -> None:
    schedule = orchestrate.definitions(inbox, warehouse).get_schedule_def("daily")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")


def test_models_depend_on_each_other_as_in_dbt(orchestrate: Any) -> None:
    above = {
        spec.key.to_user_string(): {dep.asset_key.to_user_string() for dep in spec.deps} for spec in orchestrate.specs()
    }
    assert "raw/document" in above["staging/stg_document"]
    assert {"staging/stg_document", "intermediate/int_document_superseded"} <= above["marts/dim_document"]
    assert "reference/region" in above["intermediate/int_region_span"]
    assert "marts/dim_document" in above["published/warehouse"]


def test_nothing_calls_home() -> None:
    told = (ROOT / "profiles/dagster.yaml").read_text("utf-8")
    assert "telemetry:\n  enabled: false" in told
    assert "max_concurrent_runs: 1" in told
