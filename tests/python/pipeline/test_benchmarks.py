"""The benchmarks run and count what they say; how fast they are is no test."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import build_scale
import load_scale
import pytest
import report_scale

from loaders.connection import connect
from loaders.load import load

from ..support.paths import ROOT, SAMPLES

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
        assert min(result["text_ms"], result["read_ms"], result["extract_ms"]) > 0
        assert result["times_text"] == result["extract_ms"] / result["text_ms"]


def test_the_floor_of_each_format_takes_all_of_its_text() -> None:
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
    # Question 1 lists the documents: 13 samples, twice. Question 2 asks for one unit, whose copy has another name.
    assert [timing["rows"] for timing in timings[:2]] == [26, 3]
    for timing in timings:
        assert 0 < timing["cold_p50"] <= timing["cold_p95"]
        assert 0 < timing["warm_p50"] <= timing["warm_p95"]


def test_the_straight_build_makes_the_tables_of_dbt(tmp_path: Path) -> None:
    """A straight run that left something out would make every ratio worthless."""
    base = build_scale.empty_file(tmp_path / "base.duckdb")
    load([SAMPLES / "budget-2023-culture-centre.txt", SAMPLES / "note-without-tables.txt"], base)
    nothing = build_scale.Cost(0, 0, 0)
    scale = build_scale.measure(base, 2, nothing, tmp_path)
    built, straight = (build_scale.row_counts(tmp_path / name / "yusuan.duckdb") for name in ("built", "straight"))
    assert scale.documents == straight["raw.document"] == 4
    assert scale.raw_rows == sum(count for table, count in straight.items() if table.startswith("raw."))
    assert straight["marts.dim_unit"] == 4, "a copy is of a unit of its own"
    # One more copy was added to what dbt had built.
    assert built["raw.document"] == 6
    notes = {"asked_document", "build", "document_evidence", "guarded_document", "known_document", "new_document"}
    assert built.keys() - straight.keys() == {f"meta.{note}" for note in notes}
    assert (straight.pop("meta.dim_changed_unit"), built["meta.dim_changed_unit"]) == (0, 2), "the units of the copy"
    for table, count in straight.items():
        own = table.startswith(("raw.", "marts.fct_", "quality.qc_finding"))
        assert built[table] == (count * 3 // 2 if own else built[table]), table
        assert (count > 0) == (built[table] > 0), table
    assert {"model", "seed", "test"} <= {node.kind for node in scale.nodes}
    for cost in (scale.build, scale.straight, scale.added, scale.gates):
        assert cost
        assert min(cost.seconds, cost.cpu, cost.peak_mb) > 0
    assert "| 4 | " in build_scale._table([scale], 3)


def test_loads_of_every_size_and_format_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_scale.main(["--documents", "12", "4", "--by-format", "1", "--rounds", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(scale["documents"], scale["loads"]) for scale in told["sizes"]] == [(4, 2), (12, 1)]
    assert list(told["formats"]) == ["txt", "html", "docx", "xlsx", "pdf"]
    for scale in (*told["sizes"], *told["formats"].values()):
        assert 0 < scale["bytes_ms"] < scale["cpu_ms"]
        assert 0 < scale["text_ms"] < scale["cpu_ms"]
        assert scale["cpu_ms"] - scale["cpu_ms_beyond_start"] == pytest.approx(
            told["start_cpu"] * 1000 / scale["documents"]
        )
        assert min(scale[name] for name in ("cores", "peak_mb", "worker_peak_mb", "kilobytes", "parquet_kb")) > 0


def test_a_load_of_which_a_file_is_refused_measures_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(RuntimeError, match="0 of 1 files"):
        load_scale.load_in_own_process([tmp_path / "empty.txt"], tmp_path / "a.duckdb")


def test_published_tables_are_multiplied_and_every_question_is_asked(samples_warehouse: Path, tmp_path: Path) -> None:
    target = tmp_path / "scale.duckdb"
    with connect(samples_warehouse, read_only=True) as connection:
        before = {table: report_scale._count(connection, table) for table in report_scale.tables_read()}
    facts = before[report_scale.FACTS]
    assert report_scale.multiply(samples_warehouse, target, 3 * facts) == 3
    with connect(target, read_only=True) as connection:
        for table, count in before.items():
            once = report_scale._AS_THEY_ARE.fullmatch(table)
            assert report_scale._count(connection, table) == count * (1 if once else 3), table
        units = report_scale._count(connection, "(select distinct unit_key from reports.rpt_budget_line)")
        joined = report_scale._count(
            connection, "reports.rpt_budget_line inner join marts.dim_document using (document_id)"
        )
    with connect(samples_warehouse, read_only=True) as connection:
        assert units == 3 * report_scale._count(connection, "(select distinct unit_key from reports.rpt_budget_line)")
    assert joined == 3 * before["reports.rpt_budget_line"], "keys of a copy go together over the tables"
    timings = {timing.question: timing for timing in report_scale.measure(target, 3 * facts, rounds=1)}
    assert list(timings)[:25] == [str(number) for number in range(1, 26)]
    assert len(timings) > 50
    # Question 1 lists the documents, of all copies; question 2 asks for one unit, whose copies have other names.
    documents = 3 * before["marts.dim_document"]
    assert [(timings[name].about, timings[name].rows) for name in ("1", "2")] == [("all", documents), ("one", 3)]
    assert all(timings[str(number)].rows for number in range(1, 26))
    size = report_scale.size_of(target, 3 * facts, 3, 1.0, tmp_path)
    assert size.documents == documents
    assert size.documents_mb == 3.0
    assert size.parquet_mb
    assert 0 < size.parquet_mb < size.duckdb_mb


def test_large_reports_lie_in_the_order_that_prunes_them(samples_warehouse: Path) -> None:
    """A question about one unit or document reads a part of these tables only because its rows lie together."""
    with connect(":memory:") as connection:
        connection.execute(f"attach '{samples_warehouse}' as base (read_only)")
        for table, order in (
            ("marts.fct_budget_line", ("form_code", "is_total", "document_id")),
            ("reports.rpt_budget_line", ("unit_key",)),
            ("reports.rpt_budget_yoy", ("unit_key",)),
            ("reports.rpt_execution", ("basis", "unit_key")),
            ("quality.qc_source_cell", ("document_id",)),
        ):
            assert report_scale._order(connection, table) == order, table
