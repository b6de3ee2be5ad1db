"""A gate: one suite asked of one warehouse file, with a written result.

The result file is the evidence that publishing asks for. It carries fingerprints of the suite and of the contents that
were checked (expectations/contents.py), so that a result of other rules or of other contents proves nothing.
"""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.contents import content_fingerprint, storage_fingerprint
from expectations.report import write_report
from expectations.suite import Check, load_suite, suite_file, suite_fingerprint
from loaders import privacy
from loaders.connection import connect

if TYPE_CHECKING:
    import duckdb

# Failing rows kept for the report, a check.
ROW_LIMIT = 20


@dataclass(frozen=True)
class Outcome:
    """What one check found. `rows` are the first failing rows, with the file name of their document."""

    name: str
    expectation: str
    table: str
    reason: str
    reason_zh: str
    success: bool
    failing_count: int | None
    rows: tuple[dict[str, Any], ...]
    error: str | None


@dataclass(frozen=True)
class GateResult:
    """One run of a gate; the same fields stand in `<result_dir>/<gate>.json`."""

    gate: str
    success: bool
    run_id: str
    checked_at: str  # UTC, ISO 8601
    seconds: float
    suite_sha256: str
    content_sha256: str
    storage_sha256: str | None
    evaluated: int
    error: str | None
    outcomes: tuple[Outcome, ...]

    @property
    def message(self) -> str:
        """One line: which checks failed, on how many rows, and where the first of them stand."""
        if self.success:
            return f"gate {self.gate}: {self.evaluated} checks passed"
        failed = [outcome for outcome in self.outcomes if not outcome.success]
        parts = [self.error] if self.error else []
        parts += [_describe(outcome) for outcome in failed[:3]]
        if len(failed) > 3:
            parts.append(f"and {len(failed) - 3} more")
        return f"gate {self.gate} failed: " + "; ".join(parts)


def run_gate(name: str, database: Path, result_dir: Path, run_id: str = "") -> GateResult:
    """Ask suite `name` ('raw' or 'marts') of the DuckDB file `database`, read-only.

    Writes `<result_dir>/<name>.json` (the evidence) and `<name>.html` (a page for people). A missing table, an
    exception inside an expectation and a suite without a check are failures, never skipped. Every connection is closed
    when this returns. Raises ValueError for an unknown suite and duckdb.IOException for a file that cannot be opened.
    """
    started = time.monotonic()
    result_dir.mkdir(parents=True, exist_ok=True)
    files = [result_dir / f"{name}.json", result_dir / f"{name}.html"]
    for file in files:  # a result of an earlier run must not survive a crash of this one
        file.unlink(missing_ok=True)
    suite = suite_file(name)
    checks = load_suite(suite)
    with connect(database, read_only=True) as connection:
        content, storage = content_fingerprint(connection, name), storage_fingerprint(connection, name)
        columns = _columns_by_table(connection)
        file_names = _file_names(connection, columns)
    outcomes = tuple(_with_file_names(outcome, file_names) for outcome in _ask(checks, database, columns))
    error = None if outcomes else f"suite {name} holds no check"
    result = GateResult(
        gate=name,
        success=bool(outcomes) and all(outcome.success for outcome in outcomes),
        run_id=run_id,
        checked_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - started, 2),
        suite_sha256=suite_fingerprint(suite),
        content_sha256=content,
        storage_sha256=storage,
        evaluated=len(outcomes),
        error=error,
        outcomes=outcomes,
    )
    document = asdict(result)
    write_report(document, files[1])
    # Written last: where it stands, the gate has run to its end.
    files[0].write_text(json.dumps(document, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
    return result


def missing_evidence(name: str, connection: duckdb.DuckDBPyConnection, result_dir: Path, run_id: str) -> str | None:
    """Why gate `name` has not passed for the contents of the open file, in one line; None if it has."""
    path = result_dir / f"{name}.json"
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return f"gate {name} has left no result"
    except ValueError:
        return f"the result of gate {name} cannot be read"
    if not isinstance(result, dict) or result.get("success") is not True or not result.get("evaluated"):
        return f"gate {name} has not passed"
    if result.get("run_id") != run_id:
        return f"the result of gate {name} belongs to another run"
    if result.get("suite_sha256") != suite_fingerprint(suite_file(name)):
        return f"the suite of gate {name} has changed since it ran"
    stored = result.get("storage_sha256")
    if stored is not None and stored == storage_fingerprint(connection, name):
        return None
    if result.get("content_sha256") != content_fingerprint(connection, name):
        return f"the contents have changed since gate {name} ran"
    return None


def _ask(checks: Iterable[Check], database: Path, columns: dict[str, list[str]]) -> Iterable[Outcome]:
    """Outcomes of the checks, in their order. great-expectations is imported here: it takes seconds."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)  # of pyspark, which it imports where it is installed
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        from expectations.gx_duckdb import functions_of_suites  # importing it registers the dialect

    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            # no folder in /tmp for a site that nobody builds
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        ),
    )
    source = context.data_sources.add_sql(
        "warehouse", connection_string=f"duckdb+gx:///{database}", create_temp_table=False
    )
    with functions_of_suites(database):
        try:
            return [_ask_one(check, source, columns.get(check.table)) for check in checks]
        finally:
            source.get_engine().dispose()
            source.get_execution_engine().close()


def _ask_one(check: Check, source: Any, columns: list[str] | None) -> Outcome:
    import great_expectations.expectations as gxe

    outcome = Outcome(
        name=check.name,
        expectation=check.expectation,
        table=check.table,
        reason=check.reason,
        reason_zh=check.reason_zh,
        success=False,
        failing_count=None,
        rows=(),
        error=None,
    )
    if columns is None:
        return replace(outcome, error=f"table {check.table} is missing")
    try:
        kwargs = dict(check.kwargs)
        if check.expectation == "UnexpectedRowsExpectation":
            kwargs = {"unexpected_rows_query": _query(kwargs["unexpected_rows_query"]), "description": check.name}
        expectation = getattr(gxe, check.expectation)(**kwargs)
        schema, table = check.table.split(".")
        asset_name = f"{check.table}.{check.name}"
        asset = source.add_table_asset(asset_name, table_name=table, schema_name=schema)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        answer = batch.validate(expectation, result_format=_result_format(check, columns)).to_json_dict()
    except Exception as error:  # whatever goes wrong while asking is a failed check, and says so
        return replace(outcome, error=_first_line(error))
    raised = _raised(answer.get("exception_info") or {})
    if raised:
        return replace(outcome, error=raised)
    return replace(
        outcome,
        success=answer["success"] is True,
        failing_count=_failing_count(answer["result"]),
        rows=tuple(_failing_rows(answer["result"])[:ROW_LIMIT]),
    )


def _query(declared: str) -> str:
    """The declared SQL as great-expectations wants it: its own placeholder for the table, every other brace doubled."""
    escaped = declared.replace("{", "{{").replace("}", "}}")
    return escaped.replace("{{table}}", "(select * from {batch})")


def _result_format(check: Check, columns: list[str]) -> dict[str, Any]:
    """Ask for the failing rows with what finds them again; only the first, except where rows come from a query."""
    if check.expectation == "UnexpectedRowsExpectation":
        return {"result_format": "COMPLETE"}
    wanted = ["document_id", "source_locator", "amount_printed", check.kwargs.get("column")]
    names = [name for name in dict.fromkeys(wanted) if name in columns]
    return {
        "result_format": "SUMMARY",
        "partial_unexpected_count": ROW_LIMIT,
        **({"unexpected_index_column_names": names} if names else {}),
    }


def _failing_count(result: dict[str, Any]) -> int | None:
    count = result.get("unexpected_count", result.get("observed_value"))
    return count if isinstance(count, int) else None


def _failing_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    rows = result.get("partial_unexpected_index_list") or (result.get("details") or {}).get("unexpected_rows") or []
    return [dict(row) for row in rows]


def _raised(exception_info: dict[str, Any]) -> str | None:
    """First line of an exception that great-expectations caught; it nests them one level deep by metric."""
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    for info in infos:
        if info.get("raised_exception"):
            return str(info.get("exception_message") or "exception inside the expectation").splitlines()[0][:300]
    return None


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def _columns_by_table(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()"
        " where database_name = current_database() and not internal group by all"
    ).fetchall()
    return dict(rows)


def _file_names(connection: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]) -> dict[str, str]:
    if not {"document_id", "file_name"} <= set(columns.get("raw.document", [])):
        return {}
    return dict(connection.execute("select document_id, min(file_name) from raw.document group by 1").fetchall())


def _with_file_names(outcome: Outcome, file_names: dict[str, str]) -> Outcome:
    """The outcome with the file of each row, for people to read: what is private in a row is not repeated."""
    rows = (
        {"file_name": file_names.get(str(row.get("document_id"))), **row} if "document_id" in row else row
        for row in outcome.rows
    )
    error = privacy.masked(outcome.error) if outcome.error else outcome.error
    return replace(outcome, rows=tuple(map(privacy.masked_row, rows)), error=error)


def _describe(outcome: Outcome) -> str:
    if outcome.error:
        return f"{outcome.name} on {outcome.table}: {outcome.error}"
    count = "" if outcome.failing_count is None else f", {outcome.failing_count} rows"
    places = "; ".join(_place(row) for row in outcome.rows[:3])
    return f"{outcome.name} on {outcome.table}{count}" + (f" ({places})" if places else "")


def _place(row: dict[str, Any]) -> str:
    document = str(row.get("document_id") or "")[:12]
    values = [row.get("file_name"), f"document {document}" if document else None, row.get("source_locator")]
    return " ".join(str(value) for value in values if value)
