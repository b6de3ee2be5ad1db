"""CPU seconds of the build step: the samples from nothing, then one document more.

    PYTHONPATH=. .venv/bin/python benchmarks/one_more.py

The import of dbt is left out. A fixed loop of Python is timed beside each step: on a busy or throttled machine the same
work takes more CPU seconds, and only ratios within one run say something. Run it in checkouts of two commits by turns
to compare them.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
import time
from pathlib import Path

from loaders.connection import connect
from loaders.load import load
from pipeline.build import build
from pipeline.history import create_tables

ROOT = Path(__file__).resolve().parents[1]


def loop_seconds() -> float:
    """CPU seconds of five million rounds of a loop."""
    started = time.process_time()
    total = 0
    for number in range(5_000_000):
        total += number * number
    return time.process_time() - started


def measure(folder: Path) -> None:
    """Prints, for each step, nodes, CPU seconds, those of the loop, and the size of the file."""
    importlib.import_module("dbt.cli.main")  # what importing takes is no part of the step
    file = folder / "yusuan.duckdb"
    documents = sorted((ROOT / "samples").glob("*.txt"))
    more = folder / "one-more.txt"
    text = (ROOT / "samples" / "budget-2024-culture-centre.txt").read_text(encoding="utf-8")
    more.write_text(text.replace("清溪县文化馆", "清溪县博物馆"), encoding="utf-8")
    for step, paths in (("samples from nothing", documents), ("one document more", [*documents, more])):
        load(paths, file)
        with connect(file) as connection:
            create_tables(connection)
        before, started = loop_seconds(), time.process_time()
        report = build(file, folder / "target")
        seconds = time.process_time() - started
        loop = (before + loop_seconds()) / 2
        size = file.stat().st_size / 1e6
        print(f"{step}: {report.nodes} nodes, {seconds:.1f} CPU s ({seconds / loop:.0f} loops), {size:.1f} MB")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place))
