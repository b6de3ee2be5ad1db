"""Wrong arguments and odd things at the published path: one line, exit code 2, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
import stand_in
from click.testing import CliRunner, Result

import pipeline.run
from pipeline.cli import cli
from pipeline.errors import UsageProblem
from pipeline.layout import Warehouse, require_place, warehouse_at

from ..support.paths import SAMPLES

NOTE = SAMPLES / "note-without-tables.txt"


def yusuan(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs with stand-ins for dbt and the gates."""
    monkeypatch.setattr(pipeline.run, "build", stand_in.build)
    monkeypatch.setattr(pipeline.run, "run_gate", stand_in.evidence)


def contents(folder: Path) -> dict[str, bytes | str]:
    """Everything below a folder: what is in files, where links lead, what kind the rest is."""
    found: dict[str, bytes | str] = {}
    for path in folder.rglob("*"):
        if path.name != "lock":
            is_plain = path.is_file() and not path.is_symlink()
            found[str(path)] = path.read_bytes() if is_plain else f"{path.lstat().st_mode} {path.resolve()}"
    return found


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """Published once, with a working file under way."""
    house = warehouse_at(tmp_path / "house" / "yusuan.duckdb")
    assert yusuan("run", NOTE, "--warehouse", house.published).exit_code == 0
    assert yusuan("load", SAMPLES / "final-2023-culture-centre.txt", "--warehouse", house.published).exit_code == 0
    assert house.working.exists()
    return house


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rollback"], "no publication before the published one is kept"),
        (["rollback", "1999"], "1999: names 0 of the publications that are kept"),
        (["rollback", ""], ": names 0 of the publications that are kept"),
        (["rollback", "%"], "%: names 0 of the publications that are kept"),
        (["remove", "nobody.txt"], "nobody.txt: no document of this warehouse"),
        (["remove", NOTE.name, "nobody.txt"], "nobody.txt: no document of this warehouse"),
        (["remove", ""], "an empty name says no document"),
        (["remove", "nobody.txt", "--forget", "--purge-releases"], "nobody.txt: no document of this warehouse"),
    ],
)
def test_a_wrong_argument_changes_nothing(words: list[str], message: str, warehouse: Warehouse) -> None:
    house = warehouse.published.parent
    before = contents(house)
    refused = yusuan(*words, "--warehouse", warehouse.published)
    assert refused.exit_code == 2
    assert len(refused.stderr.splitlines()) == 1
    assert message in refused.stderr
    assert contents(house) == before


@pytest.mark.parametrize("words", [["rollback"], ["rollback", "1"], ["remove", "a.txt"]])
def test_where_nothing_is_published_nothing_is_made(words: list[str], tmp_path: Path) -> None:
    refused = yusuan(*words, "--warehouse", tmp_path / "nowhere" / "yusuan.duckdb")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
    assert "nothing is published there yet" in refused.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_link_at_the_published_path_is_followed(warehouse: Warehouse, tmp_path: Path) -> None:
    link = tmp_path / "links" / "budget.duckdb"
    link.parent.mkdir()
    link.symlink_to(warehouse.published)
    before = warehouse.published.stat().st_ino
    assert yusuan("run", SAMPLES / "final-2023-culture-centre.txt", "--warehouse", link).exit_code == 0
    assert link.readlink() == warehouse.published
    assert warehouse.published.stat().st_ino != before
    assert [path.name for path in link.parent.iterdir()] == ["budget.duckdb"]
    assert yusuan("rollback", "--warehouse", link).exit_code == 0
    assert link.is_symlink()
    assert warehouse.published.stat().st_ino == before
    assert yusuan("status", "--warehouse", link).exit_code == 0


def test_a_link_to_where_nothing_is_yet_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "yusuan.duckdb"
    link.symlink_to(tmp_path / "house" / "first.duckdb")
    assert yusuan("run", NOTE, "--warehouse", link).exit_code == 0
    assert (tmp_path / "house" / "first.duckdb").is_file()
    assert link.is_symlink()


@pytest.mark.parametrize("kind", ["named pipe", "socket", "folder", "ring", "link to a device"])
@pytest.mark.parametrize("words", [["run", str(NOTE)], ["status"], ["rollback"], ["remove", "a.txt"], ["publish"]])
def test_what_is_no_file_at_the_published_path_stays(
    kind: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    path = Path("yusuan.duckdb")
    listening = socket.socket(socket.AF_UNIX)
    if kind == "named pipe":
        os.mkfifo(path)
    elif kind == "socket":
        listening.bind(str(path))
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path.absolute() if kind == "ring" else "/dev/null")
    before = contents(tmp_path) if kind != "ring" else {}
    refused = yusuan(*words, "--warehouse", path)
    listening.close()
    assert refused.exit_code == 2
    assert len(refused.stderr.splitlines()) == 1, refused.stderr
    said = {"ring": "links that lead to each other", "link to a device": "is a device, not a file"}
    assert said.get(kind, f"is a {kind}, not a file") in refused.stderr
    assert [found.name for found in tmp_path.iterdir()] == ["yusuan.duckdb"]
    if kind != "ring":
        assert contents(tmp_path) == before


def test_what_came_to_the_published_path_during_a_run_is_not_replaced(tmp_path: Path) -> None:
    house = warehouse_at(tmp_path / "yusuan.duckdb")
    require_place(house)
    house.published.symlink_to(tmp_path / "other.duckdb")
    with pytest.raises(UsageProblem, match="has become a link"):
        require_place(house)
    house.published.unlink()
    os.mkfifo(house.published)
    with pytest.raises(UsageProblem, match="is a named pipe"):
        require_place(house)


def test_a_file_at_a_folder_of_ours_is_said_so(warehouse: Warehouse) -> None:
    house = warehouse.published.parent
    shutil.rmtree(warehouse.work_dir)
    warehouse.work_dir.touch()
    refused = yusuan("run", NOTE, "--warehouse", warehouse.published)
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
    assert (house / ".work").is_file()
