"""The command from end to end on samples/: what it publishes, how it fails, what it leaves untouched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

import pipeline.run
from loaders.connection import connect
from loaders.inbox import find_documents
from loaders.load import load
from pipeline import build as build_module
from pipeline.build import build
from pipeline.cli import cli
from pipeline.errors import BuildFailed
from pipeline.fingerprint import code_fingerprint
from pipeline.layout import warehouse_at
from pipeline.lock import only_run

from ..support.paths import ROOT, SAMPLES
from ..support.warehouses import environment

SAMPLE_FILES = find_documents([SAMPLES])


def yusuan(*arguments: object) -> Result:
    """The command in this process."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def published(samples_warehouse: Path, tmp_path: Path) -> Path:
    """A copy of the published samples, in a folder of its own."""
    file = tmp_path / "house" / "yusuan.duckdb"
    file.parent.mkdir()
    return Path(shutil.copyfile(samples_warehouse, file))


@pytest.fixture
def no_dbt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the models as they are: for tests of what stands before or after the dbt step."""
    monkeypatch.setattr(pipeline.run, "build", lambda *_, **__: build_module.BuildReport(1, 0))


def count(file: Path, table: str, condition: str = "true") -> int:
    with connect(file, read_only=True) as connection:
        row = connection.execute(f"select count(*) from {table} where {condition}").fetchone()
    assert row
    return int(row[0])


def plant(file: Path, statement: str) -> None:
    with connect(file) as connection:
        connection.execute(statement)


def test_run_publishes_every_sample_with_its_facts(published: Path) -> None:
    assert count(published, "raw.document") == len(SAMPLE_FILES) >= 13
    assert count(published, "raw.rejected_document") == 0
    for table in ("budget_line", "three_public_expense", "project", "project_indicator", "project_evaluation"):
        assert count(published, f"marts.fct_{table}") > 0, table
    assert count(published, "marts.fct_budget_line") == count(published, "raw.budget_cell")
    # A file is opened again under another path: its views must not hold the catalogue of the first.
    assert count(published, "staging.stg_document") == len(SAMPLE_FILES)


def test_amounts_stand_in_the_line_that_their_locator_names(published: Path) -> None:
    with connect(published, read_only=True) as connection:
        rows = connection.execute(
            "select d.file_name, f.amount_printed, f.source_locator from marts.fct_budget_line as f"
            " inner join marts.dim_document as d using (document_id) where d.file_name like '%.txt'"
        ).fetchall()
    texts = [file for file in SAMPLE_FILES if file.suffix == ".txt"]
    lines = {file.name: file.read_text(encoding="utf-8").splitlines() for file in texts}
    assert rows
    for file_name, amount, locator in rows:
        line = int(locator.removeprefix("lines ").removeprefix("line ").split("-")[0])
        assert amount in lines[file_name][line - 1], (file_name, locator)


def test_second_run_changes_nothing_and_says_so(published: Path) -> None:
    before = published.read_bytes()
    result = yusuan("run", SAMPLES, "--warehouse", published)
    assert result.exit_code == 0, result.stderr
    assert "nothing changed" in result.stdout
    assert published.read_bytes() == before
    assert not warehouse_at(published).working.exists()


def test_json_is_the_only_thing_on_stdout(published: Path) -> None:
    result = yusuan("run", SAMPLES, "--warehouse", published, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["outcome"], answer["exit_code"]) == ("unchanged", 0)
    assert answer["load"]["unchanged"] == len(SAMPLE_FILES)
    assert answer["warehouse"]["facts"]["fct_budget_line"] == count(published, "marts.fct_budget_line")
    assert answer["warehouse"]["publication"]["code_fingerprint"] == code_fingerprint()
    assert answer["warehouse"]["example"]["rows"]


def test_other_code_rebuilds_the_same_documents(
    published: Path, monkeypatch: pytest.MonkeyPatch, own_target: Path
) -> None:
    """Also the one test of the whole run in JSON: dbt and great-expectations must not write to stdout."""
    monkeypatch.setattr(pipeline.run, "code_fingerprint", lambda: "other code")
    result = yusuan("run", SAMPLES, "--warehouse", published, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["outcome"] == "published"
    assert set(answer["seconds"]) == {"load", "gate raw", "build", "gate marts", "publish"}
    assert answer["warehouse"]["publication"]["code_fingerprint"] == "other code"
    assert (own_target / "gates/marts.html").exists()
    assert not list(published.parent.glob("*.wal"))


def test_status_for_people_and_for_machines(published: Path) -> None:
    shown = yusuan("status", "--warehouse", published)
    assert shown.exit_code == 0, shown.stderr
    assert f"file: {published}" in shown.stdout
    assert "fct_budget_line" in shown.stdout
    assert "for example" in shown.stdout
    answer = json.loads(yusuan("status", "--warehouse", published, "--json").stdout)
    assert answer["documents"] == len(SAMPLE_FILES)


PHONE = (
    "update raw.cell set text = '13900000000'"
    " where block_no = 1 and document_id = (select min(document_id) from raw.cell)"
)


def test_a_document_that_fails_a_gate_is_named_and_left_out(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_target: Path
) -> None:
    before = published.read_bytes()

    def load_badly(paths: Any, warehouse: Path, tell: Any, **options: Any) -> Any:
        report = load(paths, warehouse, tell, **options)
        plant(warehouse, PHONE)
        return report

    new = tmp_path / "new.txt"
    new.write_text("一段说明文字。\n", encoding="utf-8")
    monkeypatch.setattr(pipeline.run, "load", load_badly)
    result = yusuan("run", new, "--warehouse", published, "--json")
    assert result.exit_code == 9, result.stderr
    assert "held back by rows_are_those_that_were_read" in result.stderr
    assert "13900000000" not in result.stderr + result.stdout
    answer = json.loads(result.stdout)
    assert (answer["outcome"], answer["exit_code"]) == ("published", 9)
    (held,) = answer["warehouse"]["held"]
    assert held["file_name"] in result.stderr
    with connect(published, read_only=True) as connection:
        names = {name for (name,) in connection.execute("select file_name from raw.document").fetchall()}
    assert "new.txt" in names
    assert held["file_name"] not in names
    assert published.read_bytes() != before
    assert (own_target / "gates/raw.html").exists()
    assert not warehouse_at(published).working.exists()
    assert count(published, "raw.cell", "text = '13900000000'") == 0


def test_steps_one_by_one(published: Path, no_dbt: None, own_target: Path) -> None:
    before = published.read_bytes()
    at = ("--warehouse", published)
    refused = yusuan("publish", *at)
    assert (refused.exit_code, refused.stderr) == (
        2,
        "yusuan: there is no working file: start with `yusuan load PATH…`\n",
    )
    assert yusuan("load", SAMPLE_FILES[0], *at).exit_code == 0
    working = warehouse_at(published).working
    assert yusuan("build", *at).exit_code == 0
    plant(working, "insert into raw.rejected_document (file_name, reason_code) values ('a.txt', 'empty')")
    failed = yusuan("check", *at)
    assert failed.exit_code == 4
    assert "gate raw failed: refusal_has_reason" in failed.stderr
    refused = yusuan("publish", *at)
    assert (refused.exit_code, refused.stderr) == (4, "yusuan: not published: gate raw has not passed\n")
    plant(working, "delete from raw.rejected_document where file_name = 'a.txt'")
    assert yusuan("check", "all", *at).exit_code == 0
    (own_target / "gates/raw.json").unlink()
    refused = yusuan("publish", *at)
    assert (refused.exit_code, refused.stderr) == (4, "yusuan: not published: gate raw has left no result\n")
    assert published.read_bytes() == before
    assert yusuan("check", "raw", *at).exit_code == 0
    assert yusuan("publish", *at).exit_code == 0
    assert not working.exists()
    assert count(published, "raw.document") == len(SAMPLE_FILES)


def test_load_goes_on_with_the_working_file_under_way(tmp_path: Path) -> None:
    at = ("--warehouse", tmp_path / "new" / "yusuan.duckdb")
    for file in SAMPLE_FILES[:2]:
        assert yusuan("load", file, *at).exit_code == 0
    assert count(warehouse_at(at[1]).working, "raw.document") == 2
    assert not at[1].exists()


def test_refused_files_are_recorded_and_published(published: Path, tmp_path: Path, no_dbt: None) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    result = yusuan("run", empty, "--warehouse", published, "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert (answer["outcome"], answer["exit_code"]) == ("published", 3)
    assert answer["warehouse"]["refused"][0]["file_name"] == "empty.txt"
    assert result.stderr.startswith("yusuan: 1 of 1 files refused: empty.txt: ")
    assert count(published, "raw.rejected_document", "file_name = 'empty.txt'") == 1
    assert count(published, "raw.document") == len(SAMPLE_FILES)


def test_strict_ends_with_3_if_any_file_was_refused(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    shutil.copy(SAMPLE_FILES[0], folder)
    (folder / "empty.txt").touch()
    at = ("--warehouse", tmp_path / "yusuan.duckdb")
    assert yusuan("load", folder, *at).exit_code == 0
    assert yusuan("load", folder, *at, "--strict").exit_code == 3


@pytest.mark.parametrize(
    ("make", "code", "message"),
    [
        (lambda folder: folder / "nowhere", 2, "no such file or folder"),
        (lambda folder: folder, 3, "no documents found in"),
    ],
    ids=["path that does not exist", "folder without documents"],
)
def test_input_that_cannot_be_used(
    make: Callable[[Path], Path], code: int, message: str, published: Path, tmp_path: Path
) -> None:
    before = published.read_bytes()
    folder = tmp_path / "empty"
    folder.mkdir()
    result = yusuan("run", make(folder), "--warehouse", published, "--json")
    assert result.exit_code == code
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert json.loads(result.stdout)["exit_code"] == code
    assert published.read_bytes() == before
    assert not warehouse_at(published).working.exists()


def test_usage_errors_end_with_2(tmp_path: Path) -> None:
    assert yusuan("run").exit_code == 2
    assert yusuan("check", "everything").exit_code == 2
    assert yusuan("status", "--warehouse", tmp_path / "none.duckdb").exit_code == 2
    assert yusuan("build", "--warehouse", tmp_path / "none.duckdb").exit_code == 2


def test_run_under_way_ends_with_6(tmp_path: Path) -> None:
    house = warehouse_at(tmp_path / "yusuan.duckdb")
    with only_run(house.work_dir):
        result = yusuan("run", SAMPLES, "--warehouse", house.published)
    assert result.exit_code == 6
    assert "another run is under way" in result.stderr


def test_internal_error_is_one_line(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(pipeline.run, "find_files", broken)
    result = yusuan("run", SAMPLES, "--warehouse", published)
    assert (result.exit_code, result.stderr) == (1, "yusuan: internal error: RuntimeError: two lines\n")
    monkeypatch.setenv("YUSUAN_DEBUG", "1")
    assert isinstance(yusuan("run", SAMPLES, "--warehouse", published).exception, RuntimeError)


def test_help_documents_the_exit_codes_that_running_md_lists() -> None:
    shown = yusuan("run", "--help").stdout
    listed = (ROOT / "docs/running.md").read_text(encoding="utf-8")
    for code in (*range(9), 10):
        assert f"\n   {code:>2}  " in shown
        assert f"\n| {code} |" in listed


def dbt_project(folder: Path, model: str) -> Path:
    """A project of one model with one test, for the profile of this repository."""
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: small\nprofile: yusuan\nflags: {send_anonymous_usage_stats: false}\n", encoding="utf-8"
    )
    (folder / "models/one.sql").write_text(model, encoding="utf-8")
    (folder / "models/one.yml").write_text(
        "models: [{name: one, columns: [{name: n, data_tests: [not_null]}]}]", encoding="utf-8"
    )
    return folder


def small_build(folder: Path, model: str) -> list[tuple[int, int, str]]:
    told: list[tuple[int, int, str]] = []
    build(
        folder / "small.duckdb",
        folder / "target",
        dbt_project(folder / "project", model),
        ROOT / "profiles",
        lambda done, total, node: told.append((done, total, node)),
    )
    return told


def test_build_runs_models_and_tests_and_closes_the_file(tmp_path: Path) -> None:
    told = small_build(tmp_path, "select 1 as n")
    assert [(done, total) for done, total, _ in told] == [(1, 2), (2, 2)]
    assert count(tmp_path / "small.duckdb", "main.one") == 1
    (tmp_path / "small.duckdb").unlink()
    with connect(tmp_path / "small.duckdb") as connection:  # a handle left open would still show the old file
        assert connection.execute("select count(*) from duckdb_views()where not internal").fetchone() == (0,)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("select nothing from nowhere", "dbt error: model.small.one: .*nowhere"),
        ("select null::integer as n", "dbt fail: test.small.not_null_one_n.*1 rows"),
        ("select * from {{ ref('elsewhere') }}", "dbt: .*elsewhere"),
    ],
    ids=["model", "data test", "project"],
)
def test_build_failure_is_one_line_a_node(model: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=message) as raised:
        small_build(tmp_path, model)
    assert len(str(raised.value).splitlines()) == 1


def test_dbt_failure_ends_with_5_and_leaves_the_published_file(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published.read_bytes()
    project = dbt_project(tmp_path / "project", "select nothing from nowhere")

    def build_other(database: Path, target: Path, **_: Any) -> Any:
        return build(database, target, project, ROOT / "profiles")

    monkeypatch.setattr(pipeline.run, "build", build_other)
    monkeypatch.setattr(pipeline.run, "code_fingerprint", lambda: "other code")
    result = yusuan("run", SAMPLES, "--warehouse", published)
    assert result.exit_code == 5
    assert "yusuan: dbt error: model.small.one" in result.stderr
    assert published.read_bytes() == before


def test_help_is_fast_because_nothing_heavy_is_imported(tmp_path: Path) -> None:
    script = tmp_path / "imports.py"  # a file: some libraries behave differently under `python -c`
    script.write_text(
        "import sys\nimport pipeline.cli\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'dbt', 'great_expectations', 'polars'}))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**environment(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_command_leaves_no_noise_on_stderr(published: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "check", "raw", "--warehouse", str(published)],
        cwd=ROOT,
        env=environment(tmp_path / "target"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "yusuan: there is no working file: start with `yusuan load PATH…`\n"
    loaded = [
        subprocess.run(
            [sys.executable, "-m", "pipeline", *step, "--warehouse", str(published)],
            cwd=ROOT,
            env=environment(tmp_path / "target"),
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for step in (["load", str(SAMPLE_FILES[0])], ["check", "raw"])
    ]
    assert [len(stderr.splitlines()) for stderr in loaded] == [1, 1], loaded


@pytest.mark.parametrize("memory", ["500MB", "1.5 GiB", "25%"])
def test_memory_is_bounded_for_every_connection_and_for_dbt(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "select current_setting('memory_limit')"
    with duckdb.connect() as plain:
        plain.execute("set memory_limit = ?", [memory])
        wanted = plain.execute(asked).fetchone()
    monkeypatch.setenv("YUSUAN_MEMORY", "")  # the command sets it for its process; the test puts it back
    assert yusuan("--memory", memory, "status", "--warehouse", tmp_path / "none.duckdb").exit_code == 2
    with connect(tmp_path / "ours.duckdb") as connection:
        assert connection.execute(asked).fetchone() == wanted
    small_build(tmp_path, "{{ config(materialized='table') }} " + f"{asked} as n")
    with connect(tmp_path / "small.duckdb", read_only=True) as connection:
        assert connection.execute("from main.one").fetchone() == wanted


def test_an_empty_variable_bounds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUSUAN_MEMORY", "")
    assert small_build(tmp_path, "select 1 as n")


@pytest.mark.parametrize("memory", ["much", "0%", "120%", "2XB", "-1GB", "2GB; drop"])
def test_memory_that_is_no_amount_ends_with_2(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUSUAN_MEMORY", memory)
    answer = yusuan("status")
    assert answer.exit_code == 2
    assert f"'{memory}' is no amount of memory, such as 2GB or 50%" in answer.output
