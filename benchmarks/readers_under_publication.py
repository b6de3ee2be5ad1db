"""Readers in processes of their own query in a loop while one file after another is published.

Each reader asks one question that spans several tables, and checks that its answer is of one publication: documents and
amounts counted now are those that the publication was stamped with. Readers open the file for each query, hold it and
open it again when it changes, hold it for good, or follow it through `pipeline.reading.PublishedReader`.

`python benchmarks/readers_under_publication.py [--publications 300] [--readers 8] [--minutes 60]`
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TYPE_CHECKING

import stand_in

from loaders.connection import connect
from pipeline.display import Steps
from pipeline.layout import Warehouse, gate_dir, warehouse_at
from pipeline.publish import start_working_file
from pipeline.reading import PublishedReader, open_published
from pipeline.run import publish_step

if TYPE_CHECKING:
    import duckdb

MODES = ("open", "reopen", "hold", "follow")
# Of one publication: what was stamped, what is there, and whether the numbers of the rows agree with each other.
QUESTION = """
select
    (select run_no from meta.publication),
    (select count(*) from raw.document), (select documents from stand_in.total),
    (select count(*) from raw.budget_cell), (select lines from stand_in.total),
    (select row_count from meta.run_table where table_name = 'raw.budget_cell'
     and run_id = (select run_id from meta.publication)),
    (select count(distinct line_no_printed) from raw.budget_cell)
"""


@dataclass(frozen=True)
class Answers:
    """What one reader saw: queries, failures, answers of two publications at once, publications, slowest seconds."""

    mode: str
    queries: int
    failed: int
    mixed: int
    publications: int
    slowest: float
    first_problem: str | None


def read(mode: str, published: str, stop: Event, answers: Queue[Answers]) -> None:
    """Query in a loop until `stop`."""
    follower = PublishedReader(published)
    held: duckdb.DuckDBPyConnection | None = None
    seen: tuple[int, int] | None = None
    queries = failed = mixed = 0
    numbers: set[int] = set()
    slowest = 0.0
    problem = None
    while not stop.is_set():
        started = time.monotonic()
        try:
            if mode == "follow":
                connection = follower.cursor()
            else:
                stat = Path(published).stat()
                now = (stat.st_ino, stat.st_mtime_ns)
                if held is None or mode == "open" or (mode == "reopen" and now != seen):
                    if held:
                        held.close()
                    held = open_published(published) if mode == "open" else connect(published, read_only=True)
                    seen = now
                connection = held
            run_no, *counts = connection.execute(QUESTION).fetchall()[0]
            queries += 1
            numbers.add(run_no)
            documents, documents_stamped, lines, lines_stamped, counted, versions = counts
            if documents != documents_stamped or not lines == lines_stamped == counted or versions != 1:
                mixed += 1
                problem = problem or str(counts)
        except Exception as error:
            failed += 1
            problem = problem or f"{type(error).__name__}: {error}"
        time.sleep(0.03)  # leaves the cores to the publisher
        slowest = max(slowest, time.monotonic() - started)
    answers.put(Answers(mode, queries, failed, mixed, len(numbers), round(slowest, 3), problem))


def publish_next(warehouse: Warehouse, number: int, rows: int) -> None:
    """One more publication, by the real steps; each of its rows carries its number."""
    run_id = start_working_file(warehouse)
    with connect(warehouse.working) as connection:
        connection.execute("create schema if not exists raw")
        connection.execute(
            "create or replace table raw.document as"
            " select range::varchar as document_id, ?::varchar as file_name from range(?)",
            [str(number), 10 + number % 7],
        )
        connection.execute(
            "create or replace table raw.budget_cell as"
            " select (range % 10)::varchar as document_id,"
            " ?::varchar as line_no_printed, range::varchar as amount_printed,"
            " 'line 1' as source_locator from range(?)",
            [str(number), rows + 1000 * (number % 11)],
        )
    stand_in.derive(warehouse.working)
    stand_in.pass_gates(warehouse, gate_dir(), run_id)
    publish_step(warehouse, Steps(quiet=True))


def measure(
    folder: Path, publications: int, readers: int, rows: int, minutes: float = 60.0
) -> tuple[int, float, list[Answers]]:
    """Publish so often, or as often as fits into so many minutes; gives how often, the seconds and what readers saw."""
    warehouse = warehouse_at(folder / "house" / "yusuan.duckdb")
    publish_next(warehouse, 0, rows)
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    processes = [
        context.Process(target=read, args=(MODES[number % len(MODES)], str(warehouse.published), stop, answers))
        for number in range(readers)
    ]
    for process in processes:
        process.start()
    time.sleep(1.0)
    started = time.monotonic()
    published = 0
    while published < publications and time.monotonic() - started < 60 * minutes:
        published += 1
        publish_next(warehouse, published, rows)
    seconds = time.monotonic() - started
    stop.set()
    seen = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    return published, seconds, sorted(seen, key=lambda answer: answer.mode)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints JSON; 1 if a reader met an error or half a run."""
    parser = argparse.ArgumentParser(description="Readers under publication.")
    parser.add_argument("--publications", type=int, default=300)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the table that is counted")
    parser.add_argument("--minutes", type=float, default=60.0, help="no new publication after so long")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["YUSUAN_TARGET"] = f"{folder}/target"
        published, seconds, seen = measure(
            Path(folder), chosen.publications, chosen.readers, chosen.rows, chosen.minutes
        )
    report = {
        "publications": published,
        "seconds": round(seconds, 1),
        "queries": sum(answer.queries for answer in seen),
        "failed": sum(answer.failed for answer in seen),
        "mixed": sum(answer.mixed for answer in seen),
        "readers": [asdict(answer) for answer in seen],
    }
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 1 if report["failed"] or report["mixed"] else 0


if __name__ == "__main__":
    sys.exit(main())
