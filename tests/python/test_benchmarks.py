"""The benchmarks run and count what they say; how fast they are is no test."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from .conftest import ROOT, SAMPLES

BENCHMARK = SimpleNamespace(**runpy.run_path(str(ROOT / "benchmarks" / "loader_throughput.py")))


def test_the_throughput_of_the_samples_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert BENCHMARK.main(["--samples-only", "--rounds", "1", "--copies", "8", "--json"]) == 0
    results = {result["step"]: result for result in json.loads(capsys.readouterr().out)}
    samples = list(SAMPLES.glob("*.txt"))
    assert [results[step]["documents"] for step in ("split", "extract", "load")] == [len(samples), len(samples), 8]
    assert results["extract"]["megabytes"] == sum(path.stat().st_size for path in samples) / 1e6
    assert results["split"]["times_split"] == 1
    for result in results.values():
        rate = result["megabytes_per_second"]
        assert 0 < rate["low"] <= rate["median"] <= rate["high"]


def test_copies_differ_from_each_other_and_keep_their_shape(tmp_path: Path) -> None:
    sources = [SAMPLES / "budget-2023-culture-centre.txt", SAMPLES / "note-without-tables.txt"]
    copies = BENCHMARK.copies_of(sources, 6, tmp_path)
    texts = [path.read_text("utf-8") for path in copies]
    assert len(set(texts)) == 6
    assert texts[0] == sources[0].read_text("utf-8")
    assert "381.91" in texts[0]
    assert "381.92" in texts[2]
    widths = [[len(line) for line in texts[number].rstrip("\n").split("\n")] for number in (0, 4)]
    assert widths[0] == widths[1]


def test_a_load_that_does_not_take_every_file_measures_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    with pytest.raises(RuntimeError, match="0 of 1 files"):
        BENCHMARK.load_all([empty], tmp_path)
