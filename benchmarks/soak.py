"""A soak: the command under a loop as a scheduler would call it, while documents arrive, change and go.

For `--minutes` minutes `yusuan run` is called on an inbox again and again (the real command, in a process of its own,
with dbt and gates). Meanwhile documents arrive, are amended, broken ones are thrown in, some are withdrawn, runs are
killed, a gate is made to fail, one publication is rolled back, a second run is started beside the first, and readers in
processes of their own ask in a loop. In the end the tables must be those of a fresh full run, row for row.

`python benchmarks/soak.py [--minutes 20] [--seed 1] [--readers 2] [--pause 2]`
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

from comparing import current, differences, documents, faults
from sequences import Inbox, id_of
from survive import start

from pipeline import history, releases
from pipeline.layout import Warehouse, warehouse_at
from pipeline.publish import publication_of
from pipeline.reading import PublishedReader

ROOT = Path(__file__).resolve().parents[1]
_FAILING_GATE = 4
# Numbers that belong together: the publication, its documents as stamped and as counted, and facts beside their forms.
QUESTION = """
select
    (select run_no from meta.publication),
    (select count(*) from raw.document),
    (select count(*) from marts.dim_document),
    (select row_count from meta.run_table where table_name = 'raw.document'
     and run_id = (select run_id from meta.publication)),
    (select count(*) from raw.budget_cell) - (select count(*) from marts.fct_budget_line)
"""


@dataclass
class Report:
    """What happened, and what was wrong in the end."""

    minutes: float
    happened: dict[str, int]
    outcomes: dict[str, int]
    publications_seen: int
    queries: int
    failed_queries: int
    mixed_answers: int
    slowest_query: float
    documents: int
    current_documents: int
    file_bytes: int
    faults: list[str]


def read(published: str, stop: Event, answers: Queue[tuple[int, int, int, float, int]]) -> None:
    """Ask in a loop until `stop`: queries, failures, mixed answers, slowest seconds, publications seen."""
    reader = PublishedReader(published)
    queries = failed = mixed = 0
    slowest = 0.0
    numbers: set[int] = set()
    while not stop.is_set():
        started = time.monotonic()
        try:
            run_no, raw, marts, stamped, lost = reader.cursor().execute(QUESTION).fetchall()[0]
            mixed += not raw == marts == stamped or lost != 0
            numbers.add(run_no)
            queries += 1
        except Exception as error:
            failed += 1
            print(f"reader: {type(error).__name__}: {error}", file=sys.stderr)
        slowest = max(slowest, time.monotonic() - started)
        time.sleep(0.2)
    answers.put((queries, failed, mixed, slowest, len(numbers)))


class Soak:
    """The house under soak: an inbox, a warehouse, and what happened to them."""

    def __init__(self, folder: Path, generator: random.Random) -> None:
        self.folder, self.generator = folder, generator
        self.inbox = Inbox(folder / "inbox")
        self.inbox.folder.mkdir(parents=True)
        self.warehouse: Warehouse = warehouse_at(folder / "house" / "yusuan.duckdb")
        self.target = folder / "target"
        self.happened: Counter[str] = Counter()
        self.faults: list[str] = []

    def command(self, *arguments: str) -> int:
        """The real command; gives its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments, "--warehouse", str(self.warehouse.published)],
            cwd=ROOT,
            env={**os.environ, "YUSUAN_TARGET": str(self.target)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 3, _FAILING_GATE, 6):
            self.faults.append(f"yusuan {arguments[0]} ended with {done.returncode}: {done.stderr[-300:]}")
        return done.returncode

    def run(self) -> None:
        """A run that must end well."""
        if self.command("run", str(self.inbox.folder)):
            self.faults.append("a run that should have ended well did not")
        self.inbox.seen()
        self.happened["run"] += 1

    def documents_come(self) -> None:
        """A few documents arrive or are amended; now and then one cannot be read."""
        for _ in range(self.generator.randrange(4)):
            names = sorted(self.inbox.contents)
            if names and self.generator.random() < 0.4:
                self.inbox.write(self.generator.choice(names), self.inbox.new(self.generator))
                self.happened["amended"] += 1
            else:
                self.inbox.write(f"{self.inbox.made:04d}.txt", self.inbox.new(self.generator))
                self.happened["arrived"] += 1
        if self.generator.random() < 0.3:
            self.inbox.break_file(f"broken-{self.generator.randrange(10)}.pdf")
            self.happened["broken file"] += 1

    def withdraw(self) -> None:
        """A document is withdrawn."""
        there = sorted(self.inbox.documents)
        if len(there) < 4:
            return
        document_id = self.generator.choice(there)
        if self.command("remove", document_id) == 0:
            self.inbox.withdraw(document_id)
            self.happened["withdrawn"] += 1
        else:
            self.faults.append("a document could not be withdrawn")

    def killed(self) -> None:
        """A run is killed on its way."""
        before = publication_of(self.warehouse.published)
        child = start(self.inbox, self.warehouse, self.target, real=True)
        time.sleep(self.generator.uniform(0.5, 25))
        step = child.kill()
        if step is None or publication_of(self.warehouse.published) != before:  # it had come as far as that
            self.inbox.seen()
        self.happened[f"killed in {step}" if step else "run"] += 1

    def gate_fails(self) -> None:
        """Somebody wrote a telephone number into the tables on the way: the gate stops that, the file stays."""
        before = self.warehouse.published.stat().st_ino
        self.inbox.write(f"{self.inbox.made:04d}.txt", self.inbox.new(self.generator))
        script = self.folder / "bad_run.py"
        script.write_text(
            "import pipeline.run\nfrom loaders.connection import connect\nfrom pipeline.cli import main\n"
            "real = pipeline.run.load\n"
            "def load(paths, warehouse, *words, **named):\n"
            "    report = real(paths, warehouse, *words, **named)\n"
            "    with connect(warehouse) as connection:\n"
            "        connection.execute(\"update raw.cell set text = '13900000000' where block_no = 1\")\n"
            "    return report\n"
            "pipeline.run.load = load\nmain()\n",
            encoding="utf-8",
        )
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        done = subprocess.run(
            [sys.executable, str(script), "run", str(self.inbox.folder), "--warehouse", str(self.warehouse.published)],
            cwd=ROOT,
            env={**os.environ, "YUSUAN_TARGET": str(self.target), "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != _FAILING_GATE or self.warehouse.published.stat().st_ino != before:
            self.faults.append(f"the gate let a bad run through: {done.returncode} {done.stderr[-300:]}")
        self.happened["gate failed"] += 1

    def two_at_once(self) -> None:
        """A second run beside the first leaves with a clear word."""
        first = start(self.inbox, self.warehouse, self.target, real=True)
        time.sleep(3)
        code = 6 if first.ended() else self.command("run", str(self.inbox.folder))
        first_code, _ = first.wait()
        if code not in (0, 6) or first_code:
            self.faults.append(f"two runs at once ended with {first_code} and {code}")
        self.inbox.seen()
        self.happened["two at once"] += 1

    def roll_back(self) -> None:
        """The publication before is brought back; the next run makes up for it."""
        if len(releases.kept(self.warehouse)) > 1 and self.command("rollback") in (0,):
            self.happened["rolled back"] += 1
            self.faults += faults(self.warehouse.published)
            self.run()


def soak(folder: Path, minutes: float, seed: int, readers: int, pause: float) -> Report:
    """Soak for so long; readers ask meanwhile."""
    generator = random.Random(seed)
    house = Soak(folder, generator)
    os.environ["YUSUAN_TARGET"] = str(house.target)
    for _ in range(3):
        house.inbox.write(f"{house.inbox.made:04d}.txt", house.inbox.new(generator))
    house.run()
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    arguments = (str(house.warehouse.published), stop, answers)
    processes = [context.Process(target=read, args=arguments) for _ in range(readers)]
    for process in processes:
        process.start()
    started = time.monotonic()
    # Each of these once early on, so that a short soak has seen them all; then by chance.
    agenda = [house.gate_fails, house.killed, house.two_at_once, house.roll_back, house.withdraw]
    by_chance = [house.killed, house.killed, house.withdraw, house.gate_fails, house.two_at_once]
    while time.monotonic() - started < 60 * minutes:
        house.documents_come()
        if agenda or generator.random() < 0.4:
            (agenda.pop(0) if agenda else generator.choice(by_chance))()
        else:
            house.run()
        if house.warehouse.published.exists():
            house.faults += faults(house.warehouse.published)
        if house.faults:
            break
        time.sleep(pause)
    house.run()
    stop.set()
    seen = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    found = house.faults + compare(house)
    outcomes = Counter(f"{run.command} {run.outcome}" for run in history.runs(house.warehouse, None))
    return Report(
        round((time.monotonic() - started) / 60, 1),
        dict(house.happened),
        dict(outcomes),
        max((answer[4] for answer in seen), default=0),
        sum(answer[0] for answer in seen),
        sum(answer[1] for answer in seen),
        sum(answer[2] for answer in seen),
        round(max((answer[3] for answer in seen), default=0), 2),
        len(documents(house.warehouse.published)),
        len(house.inbox.current),
        house.warehouse.published.stat().st_size,
        found + [f"readers: {answer}" for answer in seen if answer[1] or answer[2]],
    )


def compare(house: Soak) -> list[str]:
    """The published file against a fresh full run of the real command on what is current."""
    published, inbox = house.warehouse.published, house.inbox
    found = [] if documents(published) == inbox.documents else ["other documents than there should be"]
    ids = {id_of(data) for data in inbox.current.values()}
    if {document_id for document_id, superseded_by in current(published).items() if superseded_by is None} != ids:
        found.append("other documents are current than there should be")
    fresh = Soak(house.folder / "fresh", house.generator)
    for name, data in inbox.current.items():
        (fresh.inbox.folder / name).write_bytes(data)
    fresh.run()
    return found + fresh.faults + differences(published, fresh.warehouse.published, ids)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soaks and prints JSON; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="The command under a loop, with everything that can happen.")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=2, help="seconds between two runs")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report = soak(Path(folder), chosen.minutes, chosen.seed, chosen.readers, chosen.pause)
    print(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
