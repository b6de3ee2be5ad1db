"""A disk that fills while a run works, and folders that cannot be written: one clear line, and nothing is lost.

The warehouse and the target folder stand on a small disk of their own (a tmpfs; that needs root). In each round the
inbox changes, a run starts, and when it comes to one moment of a run (`resident.MOMENTS`, in turn) something else takes
all the room of the disk but a few bytes. The run must end with exit code 7 and one line that says so, or with 0 if it
needed no more room; either way the published file is whole, and the next run, with room again, ends well and holds what
waited. Then the warehouse, the kept publications and the target folder are read-only in turn: exit code 2 or 7.

`python benchmarks/full_disk.py [--rounds 9] [--moments build stamp] [--minutes 60] [--seed 1] [--real]`; with
`--real` dbt and the gates are the real ones, otherwise stand-ins stand for them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from comparing import documents, faults
from resident import MOMENTS
from sequences import Inbox, id_of
from survive import change, complete, start

from pipeline.layout import Warehouse, warehouse_at

_MEGABYTE = 1 << 20
_LEFT = (0, 16 << 10, 256 << 10, _MEGABYTE)  # bytes that are still free; a run may need fewer
_STORAGE, _USAGE = 7, 2  # exit codes


@dataclass
class Report:
    """Runs whose disk filled, by moment: those that failed, those that needed no more room; and what was wrong."""

    rounds: int
    failed: dict[str, int]
    needed_no_more: dict[str, int]
    told: list[str]
    read_only: dict[str, str]
    documents: int
    seconds: float
    faults: list[str]


@dataclass(frozen=True)
class Plan:
    """How often and when the disk is filled, and how many bytes are `left` at most: one of these, at random.

    No new round begins after `minutes`; the disk has `megabytes`.
    """

    rounds: int
    seed: int
    real: bool
    minutes: float = 60.0
    megabytes: int = 512
    also_read_only: bool = True
    moments: Sequence[str] = MOMENTS
    left: Sequence[int] = _LEFT


def fill_disks(folder: Path, plan: Plan) -> Report:
    """Round after round, at its moments in turn; the warehouse stands on a disk of its own in `folder` meanwhile."""
    generator = random.Random(plan.seed)
    inbox = Inbox(folder / "inbox")
    inbox.folder.mkdir(parents=True)
    disk = folder / "disk"
    started = time.monotonic()
    found: list[str] = []
    failed, needed_no_more = dict.fromkeys(MOMENTS, 0), dict.fromkeys(MOMENTS, 0)
    told: set[str] = set()
    done = 0
    with small_disk(disk, plan.megabytes):
        warehouse, target = warehouse_at(disk / "house" / "yusuan.duckdb"), disk / "target"
        change(inbox, generator)
        complete(inbox, warehouse, target, plan.real, found)
        while done < plan.rounds and not found and time.monotonic() - started < 60 * plan.minutes:
            moment = plan.moments[done % len(plan.moments)]
            change(inbox, generator)
            before = documents(warehouse.published)
            child = start(inbox, warehouse, target, plan.real)
            child.reach(moment)
            with child.paused():
                ballast = fill(disk, generator.choice(plan.left))
            code, words = child.wait()
            problems = [*faults(warehouse.published), *judge(code, words, (0, _STORAGE))]
            if code:
                failed[moment] += 1
                told.add(words.splitlines()[-1].replace(str(folder), "…"))
                problems += [] if documents(warehouse.published) == before else ["other documents than before"]
                problems += [f"{file} is left" for file in (warehouse.working, warehouse.failed) if file.exists()]
            else:
                needed_no_more[moment] += 1
            ballast.unlink()
            found += [f"round {done}, {moment}: {problem}" for problem in problems]
            complete(inbox, warehouse, target, plan.real, found)
            found += waiting_is_there(inbox, warehouse)
            done += 1
        said = {}
        if plan.also_read_only and not found:
            said = refuse_to_write(inbox, warehouse, target, plan.real, generator, found)
        there = len(documents(warehouse.published))
    seconds = round(time.monotonic() - started, 1)
    return Report(done, failed, needed_no_more, sorted(told), said, there, seconds, found)


def refuse_to_write(
    inbox: Inbox, warehouse: Warehouse, target: Path, real: bool, generator: random.Random, found: list[str]
) -> dict[str, str]:
    """A run with each of its folders read-only; gives folder → exit code and what it said."""
    said = {}
    for folder in (warehouse.published.parent, warehouse.releases_dir, target):
        change(inbox, generator)
        before = documents(warehouse.published)
        with read_only(folder):
            code, words = start(inbox, warehouse, target, real).wait()
        problems = [*faults(warehouse.published), *judge(code, words, (_USAGE, _STORAGE))]
        problems += [] if documents(warehouse.published) == before else ["other documents than before"]
        found += [f"{folder.name} read-only: {problem}" for problem in problems]
        said[folder.name] = f"{code}: {words.splitlines()[-1].replace(str(warehouse.published.parents[1]), '…')}"
        complete(inbox, warehouse, target, real, found)
        found += waiting_is_there(inbox, warehouse)
    return said


def judge(code: int, words: str, codes: Sequence[int]) -> list[str]:
    """What is wrong with the end of a command: its code, or more than one line of error beside those of its steps."""
    problems = [] if code in codes else [f"exit code {code}: {words[-300:]}"]
    lines = [line for line in words.splitlines() if " done " not in line]
    problems += [f"said {line[:300]}" for line in lines if not line.startswith("yusuan: ")]
    errors = [line for line in lines if line.startswith("yusuan: ") and "warning:" not in line]
    if len(errors) != bool(code):
        problems.append(f"{len(errors)} lines of error with exit code {code}")
    return problems


def waiting_is_there(inbox: Inbox, warehouse: Warehouse) -> list[str]:
    """After a run that was let through: the current documents are published."""
    lost = {id_of(data) for data in inbox.current.values()} - documents(warehouse.published)
    return [f"{len(lost)} documents are lost"] if lost else []


def fill(disk: Path, leave: int) -> Path:
    """Take all room of the disk but `leave` bytes, though others write there; gives the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        while (room := free(disk) - leave) > 0:
            try:
                file.write(b"\0" * min(room, _MEGABYTE))
            except OSError:
                break
    return ballast


def free(disk: Path) -> int:
    """Bytes that are free."""
    stat = os.statvfs(disk)
    return stat.f_bavail * stat.f_frsize


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of its own at `folder`. Raises CalledProcessError where mounting is not allowed."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody can write into a folder, root included."""
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fills disks and prints JSON; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Fill the disk under runs, and take the right to write away.")
    parser.add_argument("--rounds", type=int, default=len(MOMENTS))
    parser.add_argument("--minutes", type=float, default=60.0, help="no new round after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--moments", nargs="+", choices=MOMENTS, default=MOMENTS, help="when the disk fills, in turn")
    parser.add_argument("--real", action="store_true", help="with dbt and the gates")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(chosen.rounds, chosen.seed, chosen.real, chosen.minutes, moments=chosen.moments)
        report = fill_disks(Path(folder), plan)
    print(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
