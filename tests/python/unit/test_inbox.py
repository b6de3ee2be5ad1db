"""Odd things in an inbox: each is listed with a reason, and costs no document anything."""

from __future__ import annotations

import os
import socket
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from loaders.connection import connect
from loaders.errors import InputError
from loaders.inbox import find_files, shown
from loaders.load import LoadReport, load, open_documents
from pipeline.cli import cli
from pipeline.display import show_load, show_refused

NOTE = "一段说明文字。\n"
ODD = ("two\nlines.txt", "\x1b[31mred.txt", "\u202efdp.txt", os.fsdecode(b"\xb5\xa5\xff.txt"), "a'b\"c;--.txt")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "good.txt").write_text(NOTE, "utf-8")
    return folder


def loaded(inbox: Path) -> tuple[LoadReport, dict[str, str], set[str]]:
    """The report, the refusals of the warehouse by name, the names of its documents."""
    warehouse = inbox.parent / "yusuan.duckdb"
    report = load([inbox], warehouse, workers=0)
    with connect(warehouse, read_only=True) as connection:
        refused = connection.execute("select file_name, reason_code from raw.rejected_document").fetchall()
        names = connection.execute("select file_name from raw.document").fetchall()
    return report, dict(refused), {name for (name,) in names}


def test_links_are_followed_within_the_inbox_alone(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("不该发布。\n", "utf-8")
    (tmp_path / "elsewhere").mkdir()
    (inbox / "inside.txt").symlink_to(inbox / "good.txt")
    (inbox / "here").symlink_to(inbox)
    (inbox / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (inbox / "folder").symlink_to(tmp_path / "elsewhere")
    (inbox / "endless.txt").symlink_to("/dev/zero")
    (inbox / "nowhere.txt").symlink_to(tmp_path / "nowhere")
    (inbox / "ring.txt").symlink_to(inbox / "ring.txt")
    report, refused, names = loaded(inbox)
    assert refused == {
        "outside.txt": "link_outside", "folder": "link_outside", "endless.txt": "link_outside",
        "nowhere.txt": "unreadable", "ring.txt": "unreadable",
    }  # fmt: skip
    assert names == {"good.txt"}
    assert (report.loaded, report.unchanged, report.found) == (1, 1, 7)
    assert loaded(inbox)[0].changed is False


def test_a_link_that_is_named_itself_is_followed(inbox: Path, tmp_path: Path) -> None:
    """Who names it means it: as the inbox, or as a document."""
    (tmp_path / "link").symlink_to(inbox)
    (tmp_path / "one.txt").symlink_to(inbox / "good.txt")
    assert [path.name for path in find_files([tmp_path / "link"]).documents] == ["good.txt"]
    assert [path.name for path in find_files([tmp_path / "one.txt"]).documents] == ["one.txt"]


def test_what_is_no_file_is_refused_unopened(inbox: Path) -> None:
    """Reading a pipe waits for somebody who writes, for ever."""
    os.mkfifo(inbox / "pipe.pdf")
    os.mkfifo(inbox / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(inbox / "socket.txt"))
        report, refused, _ = loaded(inbox)
    assert refused == {"pipe.pdf": "special_file", "socket.txt": "special_file"}
    assert {rejection.reason for rejection in report.rejected} == {
        "it is a named pipe, not a file", "it is a socket, not a file",
    }  # fmt: skip
    assert report.ignored == ("pipe",)
    assert report.loaded == 1


@pytest.mark.parametrize("name", ["pipe.txt", "zero"])
def test_what_is_no_file_is_never_waited_for(name: str, tmp_path: Path) -> None:
    """Also where it is named itself, or took the place of a file since it was found."""
    path = tmp_path / name
    if name == "pipe.txt":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        find_files([path])
    (found,) = open_documents(path)
    assert found.refusal
    assert found.refusal.code == "special_file"
    inspected = CliRunner().invoke(cli, ["inspect", str(path)])
    assert inspected.exit_code == 3
    assert inspected.stderr.startswith(f"yusuan: {name}: it is a ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_listed(inbox: Path) -> None:
    (inbox / "shut").mkdir(mode=0)
    assert [(path.name, refusal.code) for path, refusal in find_files([inbox]).refused] == [("shut", "unreadable")]


def test_odd_names_are_shown_escaped_and_stored_so(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in enumerate(ODD):
        (inbox / name).write_text(NOTE * (number + 2), "utf-8")
        (inbox / f"empty {name}").touch()
    report, refused, names = loaded(inbox)
    expected = {r"two\x0alines.txt", r"\x1b[31mred.txt", r"\u202efdp.txt", r"\xb5\xa5\xff.txt", "a'b\"c;--.txt"}
    assert names == {"good.txt", *expected}
    assert refused == {f"empty {name}": "empty" for name in expected}
    console = Console(force_terminal=True, width=200)
    show_load(report, console)
    show_refused([(rejection.file_name, rejection.reason) for rejection in report.rejected], console)
    told = capsys.readouterr().out
    assert "\x1b[31mred" not in told
    assert "\u202e" not in told
    assert loaded(inbox)[0].changed is False


def test_odd_names_in_an_archive_are_shown_escaped(inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "set.zip", "w") as archive:
        archive.writestr("\x1b[31mred\n.txt", NOTE * 2)
    assert r"set.zip/\x1b[31mred\x0a.txt" in loaded(inbox)[2]


def test_a_message_about_an_odd_path_is_one_plain_line(tmp_path: Path) -> None:
    for name in ODD[:4]:
        told = CliRunner().invoke(cli, ["run", str(tmp_path / name), "--warehouse", str(tmp_path / "yusuan.duckdb")])
        assert told.exit_code == 2
        assert told.stderr == f"yusuan: {tmp_path}/{shown(name)}: no such file or folder\n"
    assert CliRunner().invoke(cli, ["status", "--warehouse", str(tmp_path / "yusuan.duckdb")]).exit_code == 2


def test_ordinary_names_are_shown_as_they_are() -> None:
    for name in ("部门预算（2024年）.pdf", "a b\\c　d.txt", "Ünïté.xlsx"):
        assert shown(name) == name
