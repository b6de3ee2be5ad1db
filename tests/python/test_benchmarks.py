"""The benchmarks run and count what they say; how fast they are is no test."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import build_scale
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


FORMAT_SPEED = SimpleNamespace(**runpy.run_path(str(ROOT / "benchmarks" / "format_speed.py")))


def test_every_format_is_measured_beside_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert FORMAT_SPEED.main(["--samples-only", "--rounds", "1", "--shortest", "0", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert [result["format"] for result in results] == ["txt", "html", "docx", "xlsx", "pdf"]
    for result in results:
        assert result["documents"] == len(list(SAMPLES.glob("*.txt")))
        assert (result["pages"] > result["documents"]) == (result["format"] == "pdf")
        assert 0 < result["text_ms"] < result["read_ms"] < result["extract_ms"]
        assert result["times_text"] == result["extract_ms"] / result["text_ms"]


def test_the_floor_of_each_format_takes_all_of_its_text(tmp_path: Path) -> None:
    """A floor that finds nothing would make every ratio worthless."""
    made = FORMAT_SPEED.written([SAMPLES / "budget-2023-culture-centre.txt"])
    for name, (data,) in made.items():
        assert FORMAT_SPEED.FLOORS[name](data) > 0, name
    assert FORMAT_SPEED.FLOORS["docx"](made["docx"][0]) > 1000


def test_given_files_are_measured_by_their_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = FORMAT_SPEED.written([SAMPLES / "budget-2023-culture-centre.txt"])
    for name in ("html", "xlsx"):
        (tmp_path / f"a.{name}").write_bytes(made[name][0])
    assert FORMAT_SPEED.main([str(tmp_path), "--rounds", "1", "--shortest", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[1] for line in lines[2:]] == [".html", ".xlsx"]
    (tmp_path / "none").mkdir()
    assert FORMAT_SPEED.main([str(tmp_path / "none")]) == 1


QUERIES = SimpleNamespace(**runpy.run_path(str(ROOT / "benchmarks" / "report_queries.py")))


def test_the_questions_are_timed_on_the_samples(capsys: pytest.CaptureFixture[str]) -> None:
    assert QUERIES.main(["--copies", "2", "--rounds", "1", "--json"]) == 0
    timings = json.loads(capsys.readouterr().out)
    assert [timing["question"] for timing in timings] == list(range(1, 26))
    # Question 1 lists the documents: 9 samples, twice. Question 2 asks for one unit, whose copy has another name.
    assert [timing["rows"] for timing in timings[:2]] == [18, 3]
    for timing in timings:
        assert 0 < timing["cold_p50"] <= timing["cold_p95"]
        assert 0 < timing["warm_p50"] <= timing["warm_p95"]


def test_the_straight_build_makes_the_tables_of_dbt(tmp_path: Path) -> None:
    """A straight run that left something out would make every ratio worthless."""
    base = build_scale.empty_file(tmp_path / "base.duckdb")
    build_scale.load([SAMPLES / "budget-2023-culture-centre.txt", SAMPLES / "note-without-tables.txt"], base)
    nothing = build_scale.Cost(0, 0, 0)
    scale = build_scale.measure(base, 2, nothing, tmp_path)
    built, straight = (build_scale.row_counts(tmp_path / name / "yusuan.duckdb") for name in ("built", "straight"))
    assert scale.documents == straight["raw.document"] == 4
    assert scale.raw_rows == sum(count for table, count in straight.items() if table.startswith("raw."))
    assert straight["marts.dim_unit"] == 4, "a copy is of a unit of its own"
    # One more copy was added to what dbt had built.
    assert built["raw.document"] == 6
    assert built.keys() - straight.keys() == {"meta.build", "meta.new_document"}
    for table, count in straight.items():
        own = table.startswith(("raw.", "marts.fct_", "quality.qc_finding"))
        assert built[table] == (count * 3 // 2 if own else built[table]), table
        assert (count > 0) == (built[table] > 0), table
    assert {"model", "seed", "test"} <= {node.kind for node in scale.nodes}
    for cost in (scale.build, scale.straight, scale.added, scale.gates):
        assert min(cost.seconds, cost.cpu, cost.peak_mb) > 0
    assert "| 4 | " in build_scale._table([scale], 3)
