"""The texts that a schedule installs, and that nothing is written before it is asked for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli
from pipeline.errors import UsageProblem
from pipeline.layout import warehouse_at
from pipeline.schedule import cron_line, plan, units


def yusuan(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["schedule", *(str(argument) for argument in arguments)])


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / 'in "box" 100% $HOME'  # a name that a unit file and a shell read differently
    folder.mkdir()
    return folder


@pytest.mark.parametrize("system", [True, False], ids=["system", "user"])
@pytest.mark.parametrize("when", [("--every", "15min"), ("--at", "2:30"), ()], ids=["span", "clock", "default"])
def test_systemd_takes_the_units(when: tuple[str, ...], system: bool, inbox: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    folder = tmp_path / "units"
    at = ("--warehouse", tmp_path / "house/yusuan.duckdb", "--directory", folder)
    done = yusuan("install", inbox, *when, *(["--system"] if system else []), *at, "--apply")
    assert done.exit_code == 0, done.stderr
    names = ("yusuan.service", "yusuan.timer")
    assert {path.name for path in folder.iterdir()} == set(names)
    command = ["systemd-analyze", "verify", "--recursive-errors=no", *(str(folder / name) for name in names)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    complaints = [line for line in checked.stderr.splitlines() if "yusuan" in line]
    assert (checked.returncode, complaints) == (0, [])


@pytest.mark.parametrize(
    ("when", "kind", "answer"),
    [
        (("--at", "2:30"), "calendar", "Normalized form: *-*-* 02:30:00"),
        (("--every", "15min"), "timespan", "Human: 15min"),
        (("--every", "36h"), "timespan", "Human: 1d 12h"),
    ],
)
def test_systemd_reads_the_times_as_they_are_meant(
    when: tuple[str, str], kind: str, answer: str, inbox: Path, tmp_path: Path
) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    every, at = (when[1], None) if when[0] == "--every" else (None, when[1])
    timer = units(plan(inbox, warehouse_at(tmp_path / "yusuan.duckdb"), every, at), system=False)["yusuan.timer"]
    key = "OnCalendar=" if kind == "calendar" else "OnUnitInactiveSec="
    (written,) = [line.removeprefix(key) for line in timer.splitlines() if line.startswith(key)]
    read = subprocess.run(["systemd-analyze", kind, written], capture_output=True, text=True, check=True)
    assert answer in [" ".join(line.split()) for line in read.stdout.splitlines()]


def test_units_say_what_people_asked_for(inbox: Path, tmp_path: Path) -> None:
    warehouse = warehouse_at(tmp_path / "house/yusuan.duckdb")
    daily = units(plan(inbox, warehouse, None, "2:30"), system=False)["yusuan.timer"]
    assert "OnCalendar=*-*-* 02:30:00\n" in daily
    assert "Persistent=true\n" in daily
    often = units(plan(inbox, warehouse, "2h", None), system=False)["yusuan.timer"]
    assert "OnUnitInactiveSec=120min\n" in often
    service = units(plan(inbox, warehouse, None, None), system=True)["yusuan.service"]
    assert 'in \\"box\\" 100%% $$HOME"' in service
    assert f'"--warehouse" "{warehouse.published}" "--wait" "3600"\n' in service
    assert f'ReadWritePaths="{warehouse.published.parent}" ' in service
    assert "ProtectSystem=strict" in service


def test_the_line_for_cron_is_read_by_a_shell_as_it_is_meant(inbox: Path, tmp_path: Path) -> None:
    warehouse = warehouse_at(tmp_path / "house/yusuan.duckdb")
    assert cron_line(plan(inbox, warehouse, "20min", None)).startswith("*/20 * * * * cd ")
    assert cron_line(plan(inbox, warehouse, "6h", None)).startswith("0 */6 * * * cd ")
    line = cron_line(plan(inbox, warehouse, None, "02:05"))
    assert line.startswith("5 2 * * * cd ")
    _, _, command = line.partition("&& ")
    printed = command.replace(r"\%", "%").partition(" ")[2]  # what cron hands on, without the variable
    words = subprocess.run(["sh", "-c", f"printf '%s\\n' {printed}"], capture_output=True, text=True, check=True)
    assert str(inbox) in words.stdout.splitlines()
    with pytest.raises(UsageProblem, match="cron cannot say every 7 minutes"):
        cron_line(plan(inbox, warehouse, "7min", None))


@pytest.mark.parametrize(
    "words", [("--every", "soon"), ("--every", "0min"), ("--at", "25:00"), ("--at", "1", "--every", "1h")]
)
def test_times_that_nobody_can_mean_are_refused(words: tuple[str, ...], inbox: Path) -> None:
    result = yusuan("show", inbox, *words)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_nothing_is_written_or_removed_without_apply(inbox: Path, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    at = ("--warehouse", tmp_path / "house/yusuan.duckdb", "--directory", folder)
    shown = yusuan("install", inbox, *at)
    assert "[Timer]" in shown.stdout
    assert "nothing is written" in shown.stdout
    assert not folder.exists()
    assert yusuan("install", inbox, *at, "--apply").exit_code == 0
    assert "nothing is removed" in yusuan("remove", *at).stdout
    assert len(list(folder.iterdir())) == 2
    assert yusuan("remove", *at, "--apply").exit_code == 0
    assert list(folder.iterdir()) == []


def test_the_crontab_keeps_its_other_lines(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "table"
    table.write_text("1 1 * * * backup\n", "utf-8")
    program = tmp_path / "bin/crontab"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = -l ]; then cat "{table}"; else cat > "{table}.new" && mv "{table}.new" "{table}"; fi\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    at = ("--warehouse", tmp_path / "house/yusuan.duckdb", "--cron", "--apply")
    for _ in range(2):
        assert yusuan("install", inbox, "--every", "30min", *at).exit_code == 0
    lines = table.read_text("utf-8").splitlines()
    assert lines[0] == "1 1 * * * backup"
    assert len(lines) == 2
    assert lines[1].startswith("*/30 * * * * cd ")
    assert yusuan("remove", *at).exit_code == 0
    assert table.read_text("utf-8") == "1 1 * * * backup\n"
