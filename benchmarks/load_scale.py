"""What loading costs on few and on many documents: flat a document, bounded in memory, on all cores?

Run: .venv/bin/python benchmarks/load_scale.py [CORPUS] [--documents 100 1000 10000] [--by-format 200] [--json]

CORPUS is what `yusuan simulate` wrote; without one, a corpus of the largest size is simulated first. A smaller size is
loaded several times, from parts of the corpus that lie apart, so that every size reads a like mixture; the sizes and
formats take turns, so that a machine that grows slower does so for all. What is printed is the median. Every load is of
a fresh warehouse in a process of its own, with a worker a core, as a run does it. CPU is of that process and its
workers. On the same files, in this process:

- **bytes**: reading them, and nothing else;
- **text**: taking the text out with the fastest extractor of each format (format_speed.py).

"start" is the CPU of a load of two documents as small as can be: Python, libraries and two workers.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from format_speed import FLOORS
from sizes import parquet_bytes, peak_mb

from loaders.inbox import find_documents
from loaders.load import load
from simulation.corpus import DOCUMENTS, Settings, default_workers, write_corpus

DOCUMENTS_A_UNIT = 10  # a little fewer than a unit publishes in the three years that are simulated
ROUNDS = 5


@dataclass(frozen=True)
class Cost:
    """One load. Seconds by the clock and of CPU; the peaks in MB of the loading process and of its largest worker."""

    seconds: float
    cpu: float
    peak_mb: float
    worker_peak_mb: float


@dataclass(frozen=True)
class Scale:
    """One size: medians of its loads. CPU in milliseconds a document; `bytes_ms` and `text_ms` are the floors."""

    documents: int
    loads: int
    kilobytes: float
    cpu_ms: float
    cpu_ms_beyond_start: float
    seconds: float
    cores: float
    peak_mb: float
    worker_peak_mb: float
    bytes_ms: float
    text_ms: float
    duckdb_kb: float
    parquet_kb: float

    @property
    def times_text(self) -> float:
        """CPU beyond the start by that of merely taking out the text."""
        return self.cpu_ms_beyond_start / self.text_ms


@dataclass(frozen=True)
class Load:
    """One load of a part of the corpus, and what the raw tables take a document in kB."""

    files: Sequence[Path]
    cost: Cost
    duckdb_kb: float
    parquet_kb: float


def parts_of(files: Sequence[Path], size: int, rounds: int) -> list[Sequence[Path]]:
    """At most `rounds` parts of `size` documents that lie apart, no document twice."""
    rounds = min(rounds, len(files) // size)
    step = (len(files) - size) // max(rounds - 1, 1)
    return [files[number * step : number * step + size] for number in range(rounds)]


def measure(groups: Mapping[str, Sequence[Sequence[Path]]], start: float, folder: Path) -> dict[str, Scale]:
    """Loads a part of each group in turn, then the next of each: a machine that grows slower does so for all."""
    loads: dict[str, list[Load]] = {name: [] for name in groups}
    for turn in range(max(map(len, groups.values()))):
        for name, parts in groups.items():
            if turn < len(parts):
                loads[name].append(load_part(parts[turn], folder))
                cpu = loads[name][-1].cost.cpu * 1000 / len(parts[turn])
                print(f"{name} documents: {cpu:.1f} ms a document", file=sys.stderr, flush=True)
    return {name: scale_of(found, start) for name, found in loads.items()}


def load_part(files: Sequence[Path], folder: Path) -> Load:
    """Load into a fresh warehouse."""
    warehouse = folder / "scale.duckdb"
    cost = load_in_own_process(files, warehouse)
    size = len(files) * 1000
    load = Load(files, cost, warehouse.stat().st_size / size, parquet_bytes(warehouse, folder) / size)
    warehouse.unlink()
    return load


def scale_of(loads: Sequence[Load], start: float) -> Scale:
    """Medians of loads of one size."""
    middle, size = statistics.median, len(loads[0].files)
    costs = [load.cost for load in loads]
    return Scale(
        documents=size,
        loads=len(loads),
        kilobytes=middle(sum(file.stat().st_size for file in load.files) / 1000 / size for load in loads),
        cpu_ms=middle(cost.cpu for cost in costs) * 1000 / size,
        cpu_ms_beyond_start=middle(cost.cpu - start for cost in costs) * 1000 / size,
        seconds=middle(cost.seconds for cost in costs),
        cores=middle(cost.cpu / cost.seconds for cost in costs),
        peak_mb=max(cost.peak_mb for cost in costs),
        worker_peak_mb=max(cost.worker_peak_mb for cost in costs),
        bytes_ms=middle(cpu_ms(Path.read_bytes, load.files) for load in loads),
        text_ms=middle(cpu_ms(text_of, load.files) for load in loads),
        duckdb_kb=middle(load.duckdb_kb for load in loads),
        parquet_kb=middle(load.parquet_kb for load in loads),
    )


def text_of(file: Path) -> None:
    """Take the text out of a file. Raises RuntimeError where there is none: then nothing was measured."""
    if not FLOORS[file.suffix[1:]](file.read_bytes()):
        raise RuntimeError(f"{file}: no text")


def cpu_ms(step: Callable[[Path], object], files: Sequence[Path]) -> float:
    """CPU milliseconds of `step` a file."""
    start = time.process_time()
    for file in files:
        step(file)
    return (time.process_time() - start) * 1000 / len(files)


def load_in_own_process(files: Sequence[Path], warehouse: Path) -> Cost:
    """Load into a file that is not there yet. Raises RuntimeError unless each file became a document."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_load, args=(list(files), warehouse, sender))
    process.start()
    sender.close()
    try:
        loaded, cost = receiver.recv()
    except EOFError as error:
        raise RuntimeError("the load failed") from error
    finally:
        process.join()
    if loaded != len(files):
        raise RuntimeError(f"{loaded} of {len(files)} files were loaded")
    return Cost(*cost)


def _load(files: Sequence[Path], warehouse: Path, sender: Any) -> None:
    start = time.perf_counter()
    report = load(files, warehouse)
    seconds = time.perf_counter() - start
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime
    sender.send((report.loaded, (seconds, cpu, peak_mb(), workers.ru_maxrss / 1024)))


def start_of(folder: Path, rounds: int) -> float:
    """CPU seconds of a load of almost nothing, the median of `rounds`."""
    files = [folder / f"{name}.txt" for name in ("a", "b")]
    for file in files:
        file.write_text(f"{file.name}\n", "utf-8")
    costs = []
    for _ in range(rounds):
        (folder / "start.duckdb").unlink(missing_ok=True)
        costs.append(load_in_own_process(files, folder / "start.duckdb").cpu)
    return statistics.median(costs)


def simulated(documents: int, folder: Path) -> Path:
    """A corpus of so many documents at least, the same every time."""
    settings = Settings(-(-documents // DOCUMENTS_A_UNIT), 2022, 2024)
    written = write_corpus(folder, settings, default_workers())
    if written.documents < documents:
        raise RuntimeError(f"{written.documents} documents were simulated, {documents} are needed")
    return folder


def table(first: str, scales: Mapping[str, Scale]) -> str:
    """Results as a Markdown table; the column × is the cost a document by that of the first line."""
    lines = [
        f"| {first} | loads | kB | CPU | beyond start | × | wall | cores busy | peak, a worker's | bytes | text"
        " | × text | DuckDB | Parquet |",
        "|---" * 14 + "|",
    ]
    base = next(iter(scales.values())).cpu_ms_beyond_start
    for name, scale in scales.items():
        ratio = scale.cpu_ms_beyond_start / base
        lines.append(
            f"| {name} | {scale.loads} | {scale.kilobytes:.1f} | {scale.cpu_ms:.1f} ms"
            f" | {scale.cpu_ms_beyond_start:.1f} ms | {ratio:.2f} | {scale.seconds:.1f} s | {scale.cores:.2f}"
            f" | {scale.peak_mb:,.0f} MB, {scale.worker_peak_mb:,.0f} MB | {scale.bytes_ms:.2f} ms"
            f" | {scale.text_ms:.2f} ms | {scale.times_text:.0f}"
            f" | {_size(scale.duckdb_kb, scale)} | {_size(scale.parquet_kb, scale)} |"
        )
    return "\n".join(lines)


def _size(kilobytes: float, scale: Scale) -> str:
    return f"{kilobytes:.1f} kB (×{kilobytes / scale.kilobytes:.2f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures sizes and formats in turn, and prints tables or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", nargs="?", type=Path, help="what `yusuan simulate` wrote (default: simulates one)")
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1000, 10000], metavar="N")
    parser.add_argument("--by-format", type=int, default=200, metavar="N", help="documents a format (default 200)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="loads of a smaller size or format (default 5)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    chosen = parser.parse_args(arguments)
    if min(*chosen.documents, chosen.by_format, chosen.rounds) < 1:
        parser.error("--documents, --by-format and --rounds are at least 1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        needed = max(*chosen.documents, chosen.by_format * len(FLOORS) * 3 // 2)
        corpus = chosen.corpus or simulated(needed, folder / "corpus")
        files = find_documents([corpus / DOCUMENTS])
        formats = {kind: [file for file in files if file.suffix == f".{kind}"] for kind in FLOORS}
        if len(files) < max(chosen.documents) or min(map(len, formats.values())) < chosen.by_format:
            parser.error(f"{corpus}: only {len(files)} documents")
        start = start_of(folder, chosen.rounds)
        sizes = {f"{size:,}": parts_of(files, size, chosen.rounds) for size in sorted(chosen.documents)}
        of_format = {f".{kind}": parts_of(found, chosen.by_format, chosen.rounds) for kind, found in formats.items()}
        scales = measure(sizes | of_format, start, folder)
    load_average = os.getloadavg()[0]
    if chosen.json:
        told: dict[str, Any] = {"start_cpu": start, "load_average": load_average}
        told |= {"sizes": [asdict(scales[name]) for name in sizes]}
        told |= {"formats": {name[1:]: asdict(scales[name]) for name in of_format}}
        print(json.dumps(told, indent=1))
        return 0
    print(table("documents", {name: scales[name] for name in sizes}), end="\n\n")
    print(table("format", {name: scales[name] for name in of_format}), end="\n\n")
    print(f"start {start:.2f} s of CPU; load average {load_average:.1f}; cores {os.cpu_count()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
