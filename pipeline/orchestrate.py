"""For teams with Dagster: the same run as an asset graph, with its gates as asset checks.

`dagster dev -m pipeline.orchestrate` (or `dagster-daemon run`) after `pip install yusuan[dagster]`. The tables of raw,
the models and the published file are assets of one run, because they are published in one step or not at all: it is
`pipeline.run.run`, under the same lock, with the same history. YUSUAN_INBOX names the folder, YUSUAN_PUBLISHED the
file.
"""

# Annotations are not put off here: Dagster looks at those of its contexts.

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg

from loaders.inbox import find_documents
from loaders.schema import TABLES
from pipeline.display import Steps
from pipeline.errors import GateFailed, PipelineError
from pipeline.layout import DEFAULT_WAREHOUSE, ROOT, Warehouse, gate_dir, target_dir, warehouse_at
from pipeline.lock import only_run
from pipeline.run import RunReport, run

# Where the results of each gate hang: on what it guards.
GATE_ASSETS = {"raw": dg.AssetKey(["raw", "document"]), "marts": dg.AssetKey(["marts", "dim_document"])}
PUBLISHED = dg.AssetKey(["published", "warehouse"])
_WAIT_SECONDS = 3600.0
_REF = re.compile(r"\bref\(\s*'(\w+)'\s*\)")
_SOURCE = re.compile(r"\bsource\(\s*'(\w+)'\s*,\s*'(\w+)'\s*\)")


def specs(root: Path = ROOT) -> list[dg.AssetSpec]:
    """An asset for each raw table, seed and model, and one for the published file; models depend as dbt has it.

    None stands before what it depends on.
    """
    models = {path.stem: path for path in sorted((root / "models").rglob("*.sql"))}
    layers = {name: path.relative_to(root / "models").parts[0] for name, path in models.items()}
    seeds = [path.stem for path in sorted((root / "seeds").glob("*.csv"))]
    keys = {name: dg.AssetKey([layer, name]) for name, layer in layers.items()}
    keys |= {name: dg.AssetKey(["reference", name]) for name in seeds}
    groups = {dg.AssetKey(["raw", table]): "raw" for table in TABLES}
    groups |= {keys[name]: "reference" for name in seeds}
    groups |= {keys[name]: layer for name, layer in layers.items()}
    above: dict[dg.AssetKey, list[dg.AssetKey]] = {key: [] for key in groups}
    for name, path in models.items():
        sql = path.read_text(encoding="utf-8")
        read = {keys[ref] for ref in _REF.findall(sql)}
        read |= {dg.AssetKey(list(pair)) for pair in _SOURCE.findall(sql) if pair[0] == "raw"}
        above[keys[name]] = sorted(read)
    last = [keys[name] for name, layer in layers.items() if layer not in {"staging", "intermediate"}]
    ordered = [_spec(key, groups[key], above[key]) for key in TopologicalSorter(above).static_order()]
    return [*ordered, _spec(PUBLISHED, "published", last)]


def _spec(key: dg.AssetKey, group: str, above: list[dg.AssetKey]) -> dg.AssetSpec:
    # Skippable: a run that finds nothing new makes nothing.
    return dg.AssetSpec(key, deps=above, group_name=group, skippable=True)


def results(report: RunReport) -> Iterator[Any]:
    """What a run that ended well made: every asset with its rows, or nothing if nothing changed; its gates."""
    newest = report.status.runs[0] if report.status.runs else None
    checks = {note.gate: asdict(note) for note in newest.gates} if newest else {}
    for gate, key in GATE_ASSETS.items():
        told = checks.get(gate) or {"note": "nothing changed since it passed"}
        yield dg.AssetCheckResult(passed=True, check_name=f"gate_{gate}", asset_key=key, metadata=told)
    if report.outcome == "unchanged":
        return
    rows = newest.tables if newest else {}
    for spec in specs():
        if spec.key == PUBLISHED:
            continue
        count = rows.get(".".join(spec.key.path))
        yield dg.MaterializeResult(spec.key, metadata={} if count is None else {"dagster/row_count": count})
    load = {"loaded": report.load.loaded, "refused": len(report.load.rejected), "documents": report.status.documents}
    yield dg.MaterializeResult(PUBLISHED, metadata={"file": report.status.file, **load})


def failed_checks(error: PipelineError) -> Iterator[Any]:
    """The gates of a run that failed, as far as they were asked."""
    for gate, key in GATE_ASSETS.items():
        path = gate_dir() / f"{gate}.json"
        told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        passed = bool(told.get("success")) and not (isinstance(error, GateFailed) and f"gate {gate} " in str(error))
        metadata = {"error": str(error), "report": str(path.with_suffix(".html"))}
        yield dg.AssetCheckResult(passed=passed, check_name=f"gate_{gate}", asset_key=key, metadata=metadata)


def definitions(inbox: Path, warehouse: Warehouse) -> dg.Definitions:
    """Assets, job, daily schedule (02:00, Asia/Shanghai) and a sensor that looks into the inbox every minute."""

    @dg.multi_asset(
        name="yusuan_run",
        specs=specs(),
        check_specs=[dg.AssetCheckSpec(f"gate_{gate}", asset=key) for gate, key in GATE_ASSETS.items()],
        retry_policy=dg.RetryPolicy(max_retries=2, delay=60),
    )
    def yusuan_run(context: dg.AssetExecutionContext) -> Iterator[Any]:
        steps = Steps(quiet=True)
        try:
            with only_run(warehouse.work_dir, target_dir(), wait=_WAIT_SECONDS):
                report = run([inbox], warehouse, steps)
        except PipelineError as error:
            yield from failed_checks(error)
            # A gate or a model that fails fails again: only what may pass is tried once more.
            raise dg.Failure(str(error), allow_retries=error.exit_code in {6, 7}) from error
        context.log.info(f"{report.outcome}: {json.dumps(steps.seconds)}")
        yield from results(report)

    job = dg.define_asset_job("yusuan", selection=dg.AssetSelection.assets(*[spec.key for spec in specs()]))

    @dg.sensor(job=job, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
    def inbox_sensor(context: dg.SensorEvaluationContext) -> Any:
        seen = inbox_state(inbox)
        if seen == (context.cursor or ""):
            return dg.SkipReason("nothing new in the inbox")
        context.update_cursor(seen)
        return dg.RunRequest(run_key=seen)

    daily = dg.ScheduleDefinition(
        name="daily",
        job=job,
        cron_schedule="0 2 * * *",
        execution_timezone="Asia/Shanghai",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(assets=[yusuan_run], jobs=[job], schedules=[daily], sensors=[inbox_sensor])


def inbox_state(inbox: Path) -> str:
    """Names, sizes and times of the files of the inbox, as one line; only a hint: the run looks at the bytes."""
    if not inbox.is_dir():
        return ""
    files = [(str(path), path.stat()) for path in find_documents([inbox])]
    told = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in files)
    return hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest() if files else ""


defs = definitions(
    Path(os.environ.get("YUSUAN_INBOX") or "inbox").absolute(),
    warehouse_at(Path(os.environ.get("YUSUAN_PUBLISHED") or DEFAULT_WAREHOUSE)),
)
