"""Loader throughput: how fast documents become raw rows, beside merely splitting the same bytes into lines.

Three things are measured, in this process, one after the other in each round:

- split: read the files and split their text into lines, nothing else: the floor;
- extract: read the files and turn each into raw rows (`loaders.extract.extract_bytes`);
- load: `loaders.load.load` of generated copies into a fresh warehouse file, without worker processes, hashing and
  writing included.

Rates are for one second of one core: they divide by CPU seconds of the whole process, so a second thread is no gain.
Run it with `python benchmarks/loader_throughput.py [--rounds 5] [--copies 50] [--json]`.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from loaders import grid, money, text
from loaders.extract import extract_bytes
from loaders.inbox import find_documents
from loaders.load import load

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
SEEDS = ROOT.parent / "shared" / "corpus" / "seeds"  # beside the repository, not part of it

_FRACTION = re.compile(r"(?<=[0-9]\.)[0-9]{1,2}")
_SHORTEST_SECONDS = 0.2  # a step is repeated within a round until it took this long


@dataclass(frozen=True)
class Spread:
    """Smallest, middle and largest of the rounds."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Result:
    """One step over one set of documents.

    `documents` and `megabytes` (10^6 bytes) are what one pass reads; the rates are for one CPU second.
    `times_split` is the median, over the rounds, of this step's CPU seconds a byte by those of `split`.
    """

    documents_from: str
    step: str
    documents: int
    megabytes: float
    megabytes_per_second: Spread
    documents_per_second: Spread
    times_split: float


def copies_of(files: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """`count` files in `folder`, made in turn from `files`, all of different content and of the same shape.

    The decimals of figures are moved on by the number of the copy, their width kept, so that no table changes its
    layout; line ends at the end of the file tell the copies of a text without decimals apart.
    """
    made = []
    for number in range(count):
        source = files[number % len(files)]
        copy = variant(source.read_bytes(), number // len(files))
        path = folder / f"{number:05d}-{source.name}"
        path.write_bytes(copy)
        made.append(path)
    return made


def variant(data: bytes, step: int) -> bytes:
    """The UTF-8 text `data` with the decimals of its figures moved on by `step`, and so many line ends behind it."""

    def moved(match: re.Match[str]) -> str:
        width = len(match[0])
        return f"{(int(match[0]) + step) % 10**width:0{width}d}"

    return (_FRACTION.sub(moved, data.decode("utf-8")) + "\n" * step).encode("utf-8")


def split(files: Sequence[Path]) -> None:
    """Reads each file and splits its text into lines."""
    for file in files:
        if not file.read_bytes().decode("utf-8").split("\n"):
            raise RuntimeError(f"{file.name}: no lines")


def extract(files: Sequence[Path]) -> None:
    """Reads each file and extracts its raw rows. Raises if a file yields no cells: then nothing was measured."""
    for file in files:
        if not extract_bytes(file.read_bytes()).get("cell"):
            raise RuntimeError(f"{file.name}: nothing was extracted")


def load_all(files: Sequence[Path], folder: Path) -> None:
    """Loads the files into a fresh warehouse file in `folder`. Raises unless each became a document."""
    warehouse = folder / "benchmark.duckdb"
    warehouse.unlink(missing_ok=True)
    report = load(files, warehouse, workers=0)
    if report.loaded != len(files):
        raise RuntimeError(f"{report.loaded} of {len(files)} files were loaded")


def cpu_seconds(step: Callable[[], None], shortest: float) -> float:
    """CPU seconds, over all threads of this process, of one call of `step`; repeated until `shortest` is reached."""
    gc.collect()
    calls = 0
    started = time.process_time()
    while True:
        for remembered in (grid.bare, grid.column_code, money.is_amount, text.label):
            remembered.cache_clear()  # a second pass over the same bytes must not live on what the first one looked up
        step()
        calls += 1
        taken = time.process_time() - started
        if taken >= shortest:
            return taken / calls


def measure(name: str, files: Sequence[Path], rounds: int, copies: int) -> list[Result]:
    """All three steps over the documents `files`, in `rounds` rounds."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "copies"
        inputs.mkdir()
        copied = copies_of(files, copies, inputs)
        steps: dict[str, tuple[Sequence[Path], Callable[[], None]]] = {
            "split": (files, lambda: split(files)),
            "extract": (files, lambda: extract(files)),
            "load": (copied, lambda: load_all(copied, Path(folder))),
        }
        sizes = {step: sum(path.stat().st_size for path in read) / 1e6 for step, (read, _) in steps.items()}
        for _, run in steps.values():  # once without measuring: caches, imports
            run()
        taken: dict[str, list[float]] = {step: [] for step in steps}
        for _ in range(rounds):
            for step, (_, run) in steps.items():
                taken[step].append(cpu_seconds(run, _SHORTEST_SECONDS))
    return [
        Result(
            documents_from=name,
            step=step,
            documents=len(read),
            megabytes=sizes[step],
            megabytes_per_second=_spread([sizes[step] / seconds for seconds in taken[step]]),
            documents_per_second=_spread([len(read) / seconds for seconds in taken[step]]),
            times_split=statistics.median(
                (seconds / sizes[step]) / (floor / sizes["split"])
                for seconds, floor in zip(taken[step], taken["split"], strict=True)
            ),
        )
        for step, (read, _) in steps.items()
    ]


def _spread(values: Sequence[float]) -> Spread:
    return Spread(min(values), statistics.median(values), max(values))


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| documents | step | read in one pass | MB/s: min, median, max | documents/s: min, median, max | × split |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        cells = (
            result.documents_from,
            result.step,
            f"{result.documents} documents, {result.megabytes:.2f} MB",
            _figures(result.megabytes_per_second),
            _figures(result.documents_per_second),
            f"{result.times_split:,.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _figures(spread: Spread) -> str:
    return ", ".join(_figure(value) for value in (spread.low, spread.median, spread.high))


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures the samples, and the seeds where they are, and prints a table or JSON."""
    parser = argparse.ArgumentParser(description="Measure the throughput of the loaders.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--copies", type=int, default=50, help="documents in a load (default 50)")
    parser.add_argument("--samples-only", action="store_true", help="leave the seeds out")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    if chosen.rounds < 1 or chosen.copies < 1:
        parser.error("--rounds and --copies are at least 1")
    sets = {"samples": sorted(SAMPLES.glob("*.txt"))}
    if not chosen.samples_only:
        if SEEDS.is_dir():
            sets["seeds"] = find_documents([SEEDS])
        else:
            print("the seeds (../shared/corpus/seeds) are not beside the repository: samples only", file=sys.stderr)
    results = [result for name, files in sets.items() for result in measure(name, files, chosen.rounds, chosen.copies)]
    if chosen.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    else:
        print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
