"""A run that somebody stops, or that gets too little memory: one line, an entry in the history, nothing half left."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import history, memory
from pipeline.errors import TooLittleMemory
from pipeline.layout import Warehouse, warehouse_at

from ..support.paths import ROOT, SAMPLES
from ..support.processes import wait_for_the_end_of, wait_until

# A reader that never comes back.
READER = """
import sys, time
from pathlib import Path
from loaders import workers

def read(data):
    Path(__file__).with_name("sign").touch()
    time.sleep(600)

workers.extract_bytes = read
workers.main(sys.argv[1:])
"""
# The command with stand-ins for the reader, dbt and the gates; at one place it waits for ever.
COMMAND = """
import sys, time
from pathlib import Path
import pipeline.run, stand_in
from loaders import workers
from pipeline.cli import main

where, sign = sys.argv.pop(1), Path(__file__).with_name("sign")

def build(*_, **__):
    sign.touch()
    try:
        time.sleep(600)
    except BaseException:
        if where == "in a library":
            raise RuntimeError("a library has words of its own") from None
        raise

pipeline.run.build, pipeline.run.run_gate = build, stand_in.evidence
if where == "load":
    workers.COMMAND = [sys.executable, str(sign.with_name("reader.py"))]
main()
"""


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    (tmp_path / "command.py").write_text(COMMAND)
    (tmp_path / "reader.py").write_text(READER)
    return warehouse_at(tmp_path / "house" / "yusuan.duckdb")


def start(house: Warehouse, where: str) -> subprocess.Popen[str]:
    folder = house.published.parents[1]
    words = [where, "run", str(SAMPLES / "note-without-tables.txt"), "--warehouse", str(house.published), "--json"]
    return subprocess.Popen(
        [sys.executable, str(folder / "command.py"), *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'benchmarks'}", "YUSUAN_TARGET": str(folder / "target")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("number", "where", "code"),
    [(signal.SIGINT, "load", 130), (signal.SIGTERM, "build", 143), (signal.SIGHUP, "in a library", 129)],
)
def test_a_run_that_is_stopped_says_so_and_leaves_nothing_half(
    number: signal.Signals, where: str, code: int, house: Warehouse, tmp_path: Path
) -> None:
    running = start(house, where)
    wait_until((tmp_path / "sign").exists)
    running.send_signal(number)
    told, errors = running.communicate()
    assert running.returncode == code, errors
    assert errors.splitlines()[-1] == f"yusuan: interrupted ({number.name}): the published file is untouched"
    assert f'"exit_code": {code}' in told
    assert "Traceback" not in errors
    assert [(run.outcome, run.exit_code, run.error) for run in history.runs(house, 9)] == [
        ("interrupted", code, f"interrupted ({number.name})")
    ]
    assert sorted(path.name for path in house.work_dir.iterdir()) == ["lock"]
    assert not house.published.exists()
    wait_for_the_end_of(str(tmp_path / "reader.py"))


def test_too_little_address_space_is_one_line(house: Warehouse) -> None:
    """Libraries abort without a word where they get none (`ulimit -v`)."""
    words = ["run", str(SAMPLES), "--warehouse", str(house.published)]
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *words],
        cwd=ROOT,
        env={**os.environ, "YUSUAN_TARGET": str(house.published.parents[1] / "target")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 10
    assert done.stderr == (
        "yusuan: ulimit -v leaves 1.0 GB of address space, and a run needs 4: YUSUAN_MEMORY bounds the memory itself\n"
    )
    assert not house.published.exists()


@pytest.mark.parametrize(
    ("limit", "named", "bound"), [(10**10, "", "5000MB"), (5 * 10**9, "", "2000MB"), (10**10, "2GB", "2GB")]
)
def test_duckdb_keeps_within_the_address_space(
    limit: int, named: str, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, resource.RLIM_INFINITY))
    monkeypatch.setenv("YUSUAN_MEMORY", named)
    memory.require_memory()
    assert os.environ["YUSUAN_MEMORY"] == bound


def test_memory_that_ends_on_the_way_is_one_line() -> None:
    found = memory.too_little_memory(MemoryError())
    assert isinstance(found, TooLittleMemory)
    assert str(found) == "there is too little memory (ulimit -v, YUSUAN_MEMORY)"
    assert memory.too_little_memory(ValueError()) is None
