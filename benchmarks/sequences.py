"""Random sequences of what happens to an inbox; in the end the tables are those of a fresh run.

A sequence adds, amends, puts back, breaks and withdraws documents and runs in between; a simple model keeps count of
what must be there. In the end

- the documents are those of the model, each once, and each superseded by what the model says;
- every table has, for the documents that are current, the same rows as a fresh warehouse that read only these.

`python benchmarks/sequences.py [--sequences 20] [--steps 15] [--seed 1] [--real]`; with `--real` the models and the
gates of every run are the real ones, otherwise stand-ins stand for them within a sequence, and its end is built by dbt.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import stand_in
from comparing import current, differences, documents, faults
from loader_throughput import variant

from loaders.load import load
from pipeline.build import build
from pipeline.display import Steps
from pipeline.errors import NothingLoaded
from pipeline.layout import Warehouse, warehouse_at
from pipeline.publish import start_working_file
from pipeline.remove import remove
from pipeline.run import run

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))


def id_of(data: bytes) -> str:
    """The id of a document."""
    return hashlib.sha256(data).hexdigest()


@dataclass
class Inbox:
    """A folder of documents, and what a warehouse that reads it must hold.

    `contents` are the contents that a run has seen at each place, in order; `waiting` is what was written since.
    """

    folder: Path
    contents: dict[str, list[bytes]] = field(default_factory=dict)
    waiting: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    made: int = 0

    def new(self, generator: random.Random) -> bytes:
        """A document that was never there before."""
        self.made += 1
        return variant(generator.choice(SAMPLES).read_bytes(), self.made)

    def write(self, name: str, data: bytes) -> None:
        """Put a document into the folder, whole or not at all, as people should."""
        part = self.folder / f".{name}.part"
        part.write_bytes(data)
        part.replace(self.folder / name)
        self.waiting[name] = data

    def break_file(self, name: str) -> None:
        """Write a file that cannot be read at a place of its own."""
        (self.folder / name).write_bytes(b"\x00\x01" + name.encode())
        self.broken.add(name)

    def seen(self) -> None:
        """A run has read the folder."""
        for name, data in self.waiting.items():
            if id_of(data) not in self.removed and self.contents.get(name, [b""])[-1] != data:
                self.contents.setdefault(name, []).append(data)
        self.waiting.clear()

    def withdraw(self, document_id: str) -> None:
        """A document was removed from the warehouse."""
        self.removed.add(document_id)
        for name, contents in list(self.contents.items()):
            left = [data for data in contents if id_of(data) != document_id]
            if left:
                self.contents[name] = left
            else:
                del self.contents[name]

    @property
    def documents(self) -> set[str]:
        return {id_of(data) for contents in self.contents.values() for data in contents}

    @property
    def current(self) -> dict[str, bytes]:
        """Place → the content that is current there."""
        return {name: contents[-1] for name, contents in self.contents.items()}


def play(inbox: Inbox, warehouse: Warehouse, generator: random.Random, steps: int) -> list[str]:
    """Let `steps` things happen, with runs in between and one at the end; gives what happened."""
    told = []
    for _ in range(steps):
        what = generator.choices(
            ["add", "amend", "put back", "break", "withdraw", "run", "run again"], [5, 4, 2, 1, 2, 4, 1]
        )[0]
        if what == "add":
            inbox.write(f"{inbox.made:04d}.txt", inbox.new(generator))
        elif what == "amend" and inbox.contents:
            inbox.write(generator.choice(sorted(inbox.contents)), inbox.new(generator))
        elif what == "put back":
            changed = [name for name, contents in sorted(inbox.contents.items()) if len(contents) > 1]
            if changed:
                name = generator.choice(changed)
                inbox.write(name, inbox.contents[name][0])
        elif what == "break":
            inbox.break_file(f"broken-{generator.randrange(3)}.txt")
        elif what == "withdraw" and len(inbox.documents) > 1:
            document_id = generator.choice(sorted(inbox.documents))
            remove([document_id], warehouse, Steps(quiet=True))
            inbox.withdraw(document_id)
        elif what.startswith("run"):
            run_all(inbox, warehouse)
        told.append(what)
    run_all(inbox, warehouse)
    return told


def run_all(inbox: Inbox, warehouse: Warehouse) -> None:
    """One run on the folder."""
    try:
        run([inbox.folder], warehouse, Steps(quiet=True))
    except NothingLoaded:
        assert not any(inbox.folder.glob("[!.]*"))
        return
    inbox.seen()


def check(inbox: Inbox, warehouse: Warehouse, folder: Path) -> list[str]:
    """What is wrong in the end; nothing if all is well. The published file is built by dbt, and so is a fresh one."""
    found = faults(warehouse.published)
    if documents(warehouse.published) != inbox.documents:
        return [*found, "other documents than there should be"]
    built = folder / "built" / warehouse.published.name
    built.parent.mkdir(parents=True)
    built.write_bytes(warehouse.published.read_bytes())
    build(built, folder / "target")
    fresh = fresh_warehouse(inbox, folder)
    ids = {id_of(data) for data in inbox.current.values()}
    superseded = current(built)
    for name, contents in inbox.contents.items():
        for data in contents:
            wanted = None if id_of(data) in ids else id_of(inbox.current[name])
            if superseded[id_of(data)] != wanted:
                found.append(f"{name}: superseded by {superseded[id_of(data)]}, not by {wanted}")
    return found + differences(built, fresh, ids)


def fresh_warehouse(inbox: Inbox, folder: Path) -> Path:
    """A warehouse that read nothing but what is current."""
    documents_folder = folder / "fresh"
    documents_folder.mkdir(parents=True)
    for name, data in inbox.current.items():
        (documents_folder / name).write_bytes(data)
    house = warehouse_at(folder / "fresh-house" / "yusuan.duckdb")
    start_working_file(house)
    load([documents_folder], house.working)
    build(house.working, folder / "target")
    return house.working


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays sequences and says of each whether it ended as it should."""
    parser = argparse.ArgumentParser(description="Random sequences against a fresh run.")
    parser.add_argument("--sequences", type=int, default=20)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="real models and gates in every run")
    chosen = parser.parse_args(arguments)
    failed = 0
    with nullcontext() if chosen.real else stand_in.installed():
        for number in range(chosen.sequences):
            generator = random.Random(chosen.seed + number)
            started = time.monotonic()
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                os.environ["YUSUAN_TARGET"] = f"{name}/target"
                inbox = Inbox(folder / "inbox")
                inbox.folder.mkdir()
                warehouse = warehouse_at(folder / "house" / "yusuan.duckdb")
                told = play(inbox, warehouse, generator, chosen.steps)
                found = check(inbox, warehouse, folder / "check")
            failed += bool(found)
            seconds = time.monotonic() - started
            what = f"{len(inbox.documents)} documents, {len(inbox.current)} current, {len(inbox.removed)} removed"
            print(f"seed {chosen.seed + number}: {what}, {seconds:.0f} s: {'; '.join(found) or 'the same'}", flush=True)
            if found:
                print(f"  {', '.join(told)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
