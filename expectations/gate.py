"""A gate: one suite asked of one warehouse file, with a written result.

The result file is the evidence that publishing asks for. It carries fingerprints of the suite and of the contents that
were checked (expectations/contents.py), so that a result of other rules or of other contents proves nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations import checkpoint, evidence
from expectations.contents import content_fingerprint, storage_fingerprint
from expectations.report import write_report
from expectations.suite import Guard, load_suite, suite_file, suite_fingerprint
from loaders import privacy
from loaders.connection import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

# Failing documents that are kept for the report, for each guard.
ROW_LIMIT = 20


@dataclass(frozen=True)
class Blame:
    """A document that a guard stopped: how many of its rows, and where the first of them stands."""

    document_id: str
    file_name: str | None
    guard: str
    reason: str
    row_count: int
    source_locator: str | None


@dataclass(frozen=True)
class Outcome:
    """What one guard found. `rows` are the first failing documents, `failing_count` how many rows fail in all."""

    name: str
    table: str
    reason: str
    reason_zh: str
    success: bool
    failing_count: int | None
    rows: tuple[dict[str, Any], ...]
    error: str | None


@dataclass(frozen=True)
class GateResult:
    """One run of a gate; the same fields stand in `<result_dir>/<gate>.json`.

    `blamed` are the documents that failed. `stops` is true where something failed that no document can be blamed for.
    """

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
    documents: int = 0  # that were asked about
    blamed: tuple[Blame, ...] = ()
    stops: bool = False

    @property
    def message(self) -> str:
        """One line: which guards failed, on how many rows, and where the first of them stand."""
        if self.success:
            return f"gate {self.gate}: {self.evaluated} checks passed"
        failed = [outcome for outcome in self.outcomes if not outcome.success]
        parts = [self.error] if self.error else []
        parts += [_describe(outcome) for outcome in failed[:3]]
        if len(failed) > 3:
            parts.append(f"and {len(failed) - 3} more")
        return f"gate {self.gate} failed: " + "; ".join(parts)


def run_gate(
    name: str, database: Path, result_dir: Path, run_id: str = "", code: str = "", released: Collection[str] = ()
) -> GateResult:
    """Ask suite `name` ('raw' or 'marts') of the file `database`; 'raw' about documents that have not passed it yet.

    `code` is the version of what made the tables; documents of `released` are not asked about. Writes
    `<result_dir>/<name>.json` (the evidence), `<name>.html` (a page for people) and the checkpoint of
    great-expectations with its Data Docs (`<result_dir>/gx`). A missing table, an exception inside an expectation and a
    suite without a guard are failures, never skipped. Every connection is closed when this returns. Raises ValueError
    for an unknown suite and duckdb.IOException for a file that cannot be opened.
    """
    started = time.monotonic()
    result_dir.mkdir(parents=True, exist_ok=True)
    files = [result_dir / f"{name}.json", result_dir / f"{name}.html"]
    for file in files:  # a result of an earlier run must not survive a crash of this one
        file.unlink(missing_ok=True)
    suite = suite_file(name)
    guards = load_suite(suite)
    asked_by = evidence.asked_by(suite_fingerprint(suite), code) if name == "raw" else None
    with connect(database) as connection:
        documents = evidence.begin(connection, asked_by, released)
    answers = checkpoint.ask(name, guards, database, result_dir) if guards else {}
    with connect(database) as connection:
        names = _names(answers, connection)
        outcomes = tuple(_outcome(guard, answers.get(guard.name), names) for guard in guards)
        if any(not outcome.success for outcome in outcomes):
            _know_functions(connection)
        blamed = tuple(
            blame
            for guard, outcome in zip(guards, outcomes, strict=True)
            if not outcome.success and not outcome.error
            for blame in _blame(guard, connection, names)
        )
        stops = not outcomes or any(_stops(outcome, blamed) for outcome in outcomes)
        if asked_by and not stops:
            evidence.record(connection, asked_by, {blame.document_id for blame in blamed})
        connection.execute("checkpoint")
        content, storage = content_fingerprint(connection, name), storage_fingerprint(connection, name)
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
        error=None if outcomes else f"suite {name} holds no check",
        outcomes=outcomes,
        documents=documents,
        blamed=blamed,
        stops=stops,
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


def _names(answers: Mapping[str, Mapping[str, Any]], connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The masked file names of documents, for people who read of them; empty where every guard has passed."""
    if all(answer["success"] for answer in answers.values()):
        return {}
    named = connection.execute("select document_id, min(file_name) from raw.document group by document_id").fetchall()
    return {document_id: privacy.masked(name) for document_id, name in named if name}


def _outcome(guard: Guard, answer: Mapping[str, Any] | None, names: Mapping[str, str]) -> Outcome:
    error, rows = "it was not asked", []
    if answer is not None:
        error = _raised(answer.get("exception_info") or {}) or ""
        rows = [
            privacy.masked_row({**row, "file_name": names.get(str(row["document_id"]))})
            for row in (answer["result"].get("details") or {}).get("unexpected_rows") or []
        ]
    return Outcome(
        name=guard.name,
        table=", ".join(sorted({str(row["table_name"]) for row in rows if row.get("table_name")})),
        reason=guard.reason,
        reason_zh=guard.reason_zh,
        success=not error and answer is not None and answer["success"] is True,
        failing_count=None if error else sum(int(row["row_count"]) for row in rows),
        rows=tuple(rows[:ROW_LIMIT]),
        error=privacy.masked(error) if error else None,
    )


def _know_functions(connection: duckdb.DuckDBPyConnection) -> None:
    from expectations.gx_duckdb import register_functions  # sqlalchemy takes its time

    register_functions(connection)


def _blame(guard: Guard, connection: duckdb.DuckDBPyConnection, names: Mapping[str, str]) -> Iterator[Blame]:
    """Every document that a guard stopped; great-expectations keeps the first 200."""
    for document_id, row_count, place, _ in connection.execute(guard.query).fetchall():
        if document_id is not None:
            yield Blame(document_id, names.get(document_id), guard.name, guard.reason, row_count, place)


def _stops(outcome: Outcome, blamed: Sequence[Blame]) -> bool:
    """True for a guard that failed, and not for documents alone."""
    if outcome.success:
        return False
    of_none = any(row.get("document_id") is None for row in outcome.rows)
    return bool(outcome.error) or of_none or not any(blame.guard == outcome.name for blame in blamed)


def _raised(exception_info: Mapping[str, Any]) -> str | None:
    """First line of an exception that great-expectations caught; it nests them one level deep by metric."""
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    for info in infos:
        if info.get("raised_exception"):
            return str(info.get("exception_message") or "exception inside the expectation").splitlines()[0][:300]
    return None


def _describe(outcome: Outcome) -> str:
    if outcome.error:
        return f"{outcome.name}: {outcome.error}"
    places = "; ".join(place for row in outcome.rows[:3] if (place := _place(row)))
    found = f"{outcome.name}, {outcome.failing_count} rows" + (f" of {outcome.table}" if outcome.table else "")
    return found + (f" ({places})" if places else "")


def _place(row: Mapping[str, Any]) -> str:
    document = str(row.get("document_id") or "")[:12]
    values = [row.get("file_name"), f"document {document}" if document else None, row.get("source_locator")]
    return " ".join(str(value) for value in values if value)
