"""How many simulated documents a core writes in a second, by format.

    python benchmarks/simulation_throughput.py [--units 40] [--rounds 3] [--json]

Each round writes the same units once a format, in this process, and counts its CPU time, so that neighbours on the
machine count less. The facts of a unit are made anew in every round; the truth and the disk are part of it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from simulation import facts  # noqa: E402
from simulation.corpus import ALL_FORMATS, Settings, write_corpus  # noqa: E402


def measured(format_name: str, units: int) -> tuple[float, float]:
    """Documents a second of CPU time, and kilobytes a document."""
    for cached in (facts.unit_of, facts.budget_of, facts.final_of):
        cached.cache_clear()
    settings = Settings(units=units, first_year=2023, last_year=2024, formats=(format_name,), amend_share=0.0)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        written = write_corpus(Path(folder) / "corpus", settings)
        seconds = time.process_time() - start
    return written.documents / seconds, written.byte_size / written.documents / 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures every format and prints a table or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=40, help="units a round (default 40)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    if chosen.units < 1 or chosen.rounds < 1:
        parser.error("--units and --rounds are at least 1")
    results = []
    for name in ALL_FORMATS:
        rounds = [measured(name, chosen.units) for _ in range(chosen.rounds)]
        rates = [rate for rate, _ in rounds]
        results.append(
            {
                "format": name,
                "documents_per_cpu_second": round(statistics.median(rates), 1),
                "low": round(min(rates), 1),
                "high": round(max(rates), 1),
                "kilobytes": round(rounds[0][1], 1),
            }
        )
    if chosen.json:
        print(json.dumps(results, indent=2))
        return 0
    print("| format | documents a second of CPU time | low | high | kB a document |\n|---|---|---|---|---|")
    for row in results:
        cells = (f".{row['format']}", row["documents_per_cpu_second"], row["low"], row["high"], row["kilobytes"])
        print(f"| {' | '.join(map(str, cells))} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
