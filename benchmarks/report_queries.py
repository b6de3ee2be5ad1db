"""Time of every question of docs/questions.md on the samples and on many copies of them.

Run: .venv/bin/python benchmarks/report_queries.py [--copies 100] [--rounds 7] [--json]

The copies are made in SQL in the raw tables (copies.py), so that units, projects and documents grow alike; then dbt
builds the warehouse once, as a run does. A cold query is the first one of a fresh connection to a file that the system
may still hold in memory; warm ones follow on the same connection.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copies import add_copies

from loaders.connection import connect
from loaders.load import load
from pipeline.build import build
from pipeline.history import create_tables

if TYPE_CHECKING:
    import duckdb

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "questions.md"


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one question on a warehouse of so many copies: cold once a round, warm many times."""

    question: int
    copies: int
    rows: int
    cold_p50: float
    cold_p95: float
    warm_p50: float
    warm_p95: float


def questions(page: Path = PAGE) -> list[str]:
    """The SQL of the page, in order."""
    return re.findall(r"^```sql\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def measure(warehouse: Path, copies: int, rounds: int) -> list[Timing]:
    """Every question: once on each of `rounds` fresh connections, and `rounds` times more on the last of them."""
    timings = []
    for number, sql in enumerate(questions(), start=1):
        cold, warm, rows = [], [], 0
        for turn in range(rounds):
            with connect(warehouse, read_only=True) as connection:
                cold.append(_milliseconds(connection, sql)[0])
                for _ in range(rounds if turn == rounds - 1 else 0):
                    taken, rows = _milliseconds(connection, sql)
                    warm.append(taken)
        p = percentile
        timings.append(Timing(number, copies, rows, p(cold, 50), p(cold, 95), p(warm, 50), p(warm, 95)))
    return timings


def _milliseconds(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, int]:
    start = time.perf_counter()
    rows = len(connection.execute(sql).fetchall())
    return (time.perf_counter() - start) * 1000, rows


def percentile(values: Sequence[float], percent: int) -> float:
    """Milliseconds that so many percent of `values` do not exceed."""
    if len(values) == 1:
        return round(values[0], 2)
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 2)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Time the questions of docs/questions.md.")
    parser.add_argument("--copies", type=int, nargs="*", default=[1, 100], help="copies of the samples")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    timings = []
    for copies in options.copies:
        with tempfile.TemporaryDirectory() as folder:
            warehouse = Path(folder) / "yusuan.duckdb"
            load([ROOT / "samples"], warehouse)
            with connect(warehouse) as connection:
                create_tables(connection)  # the models on runs read them, as in a warehouse that a run has made
            base = shutil.copyfile(warehouse, Path(folder) / "base.duckdb")
            documents = add_copies(base, warehouse, range(1, copies))
            start = time.perf_counter()
            build(warehouse, Path(folder) / "target")
            print(f"{documents} documents built in {time.perf_counter() - start:.0f} s", file=sys.stderr)
            timings += measure(warehouse, copies, options.rounds)
    if options.json:
        print(json.dumps([asdict(timing) for timing in timings], indent=1))
        return 0
    print("| question | copies | rows | cold p50 | cold p95 | warm p50 | warm p95 |")
    print("|---|---|---|---|---|---|---|")
    for timing in timings:
        print("| " + " | ".join(str(value) for value in asdict(timing).values()) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
