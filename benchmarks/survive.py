"""kill -9 at random points of runs: the published file stays whole, and the next run completes by itself.

In each round the inbox changes, a run starts in a process group of its own, one of the moments of a run is drawn
(`resident.MOMENTS`, each as likely as the others, however short it is), and after a random part of the time that runs
spend there all of it is killed; within the move of the file, which takes a millisecond, before one of its calls. Then
the published file must be complete (the counts that it was stamped with are those that it has) and hold the documents
of the publication before or of this run, no others. Every few rounds a run is let through; at the end the documents are
those of the inbox, each once, and the raw rows those of a fresh load.

`python benchmarks/survive.py [--kills 300] [--minutes 60] [--seed 1] [--real]`; with `--real` dbt and the gates are the
real ones, otherwise stand-ins stand for them, and a kill takes a tenth of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from comparing import documents, faults
from resident import MOMENTS, MOVES, ROOT, Child
from sequences import Inbox, id_of

from loaders.connection import connect
from loaders.load import load
from loaders.schema import TABLES
from pipeline import history, releases
from pipeline.layout import Warehouse, warehouse_at
from pipeline.publish import publication_of

_EVERY = 5  # rounds from one run that is let through to the next


@dataclass
class Report:
    """Kills that hit a run, by the moment that it was in; runs let through; and what went wrong."""

    kills: int
    by_moment: dict[str, int]
    published_meanwhile: int
    completed: int
    interrupted_known: int
    documents: int
    seconds: float
    faults: list[str]


def survive(folder: Path, kills: int, seed: int, real: bool, minutes: float = 60.0) -> Report:
    """`kills` kills in `folder`, or as many as fit into so many minutes."""
    generator = random.Random(seed)
    inbox = Inbox(folder / "inbox")
    inbox.folder.mkdir(parents=True)
    warehouse = warehouse_at(folder / "house" / "yusuan.duckdb")
    target = folder / "target"
    started = time.monotonic()
    found: list[str] = []
    hit: Counter[str] = Counter()
    done = meanwhile = completed = 0
    change(inbox, generator)
    usual = complete(inbox, warehouse, target, real, found)
    while done < kills and not found and time.monotonic() - started < 60 * minutes:
        change(inbox, generator)
        before = documents(warehouse.published)
        new = {id_of(data) for data in inbox.waiting.values()}
        run_no = _run_no(warehouse)
        drawn = generator.choice(MOMENTS)
        dies_at = generator.randrange(MOVES) if drawn == "move" else None
        child = start(inbox, warehouse, target, real, dies_at)
        child.reach(drawn if dies_at is None else "end")
        time.sleep(generator.uniform(0.0, usual.get(drawn, 0.1)))
        moment = child.kill()
        now = _run_no(warehouse)
        if moment is None:  # it had come to its end
            inbox.seen()
        else:
            done += 1
            hit[moment] += 1
            meanwhile += now != run_no
        found += faults(warehouse.published)
        wanted = before | new if now != run_no else before
        there = documents(warehouse.published)
        if not before <= there <= wanted:
            found.append(f"round {done}: {len(there)} documents, before it were {len(before)}")
        for release in releases.kept(warehouse):
            found += [f"release {release.publication.run_id}: {fault}" for fault in faults(release.file)]
        if done % _EVERY == 0:
            usual = complete(inbox, warehouse, target, real, found)
            completed += 1
    complete(inbox, warehouse, target, real, found)
    found += compare(inbox, warehouse, folder)
    outcomes = Counter(run.outcome for run in history.runs(warehouse, 10**6))
    return Report(
        done,
        {moment: hit[moment] for moment in MOMENTS},
        meanwhile,
        completed + 2,
        outcomes["interrupted"],
        len(inbox.documents),
        round(time.monotonic() - started, 1),
        found,
    )


def change(inbox: Inbox, generator: random.Random) -> None:
    """Something new in the folder: a document, or another content of one."""
    names = sorted(inbox.contents)
    amend = len(names) > 3 and generator.random() < 0.6
    inbox.write(generator.choice(names) if amend else f"{inbox.made:04d}.txt", inbox.new(generator))


def start(inbox: Inbox, warehouse: Warehouse, target: Path, real: bool, dies_at: int | None = None) -> Child:
    """A run of the command, in a process group of its own; `dies_at`: it is killed at this call while it moves."""
    arguments = ["run", str(inbox.folder), "--warehouse", str(warehouse.published)]
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return Child(arguments, {**os.environ, "YUSUAN_TARGET": str(target), "PYTHONPATH": paths}, real, dies_at)


def complete(inbox: Inbox, warehouse: Warehouse, target: Path, real: bool, found: list[str]) -> dict[str, float]:
    """Let a run through; gives its seconds by moment."""
    child = start(inbox, warehouse, target, real)
    code, told = child.wait()
    if code:
        found.append(f"a run that was let through ended with {code}: {told[-300:]}")
    inbox.seen()
    if warehouse.published.exists():
        found += faults(warehouse.published)
    return child.seconds()


def compare(inbox: Inbox, warehouse: Warehouse, folder: Path) -> list[str]:
    """In the end: the current documents are there, each once, with the raw rows of a fresh load."""
    there = documents(warehouse.published)
    wanted = {id_of(data) for data in inbox.current.values()}
    if not wanted <= there:
        return [f"{len(wanted - there)} documents are lost"]
    fresh = folder / "fresh" / "yusuan.duckdb"
    report = load([inbox.folder], fresh)
    found = [f"the fresh load refused a document: {rejection.reason}" for rejection in report.rejected]
    with connect(warehouse.published, read_only=True) as one, connect(fresh, read_only=True) as other:
        for table, columns in TABLES.items():
            names = ", ".join(name for name in columns if name not in {"loaded_at", "seen_at", "sequence_no"})
            if "document_id" in columns and table != "document_source":
                query = f"select {names} from raw.{table} where document_id in (select unnest(?)) order by all"
                if one.execute(query, [sorted(wanted)]).fetchall() != other.execute(query, [sorted(wanted)]).fetchall():
                    found.append(f"raw.{table} differs from a fresh load")
    return found


def _run_no(warehouse: Warehouse) -> int:
    publication = publication_of(warehouse.published)
    return publication.run_no if publication else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Kills and says what came of it."""
    parser = argparse.ArgumentParser(description="Kill runs at random points.")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=60.0, help="no new kill after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="with dbt and the gates")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report = survive(Path(folder), chosen.kills, chosen.seed, chosen.real, chosen.minutes)
    print(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
