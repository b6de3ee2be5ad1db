"""The formats that LibreOffice opens for us, with the real program: .doc, .rtf and .odt, and its own .xls and .ods."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loaders.errors import RefusedDocument
from loaders.readers import legacy, read_bytes, sniff
from loaders.workers import read_all
from simulation.writers import as_docx, as_xlsx
from simulation.writers.xlsx import as_xlsx_of_numbers

from ..support.facts import facts, raw_rows
from ..support.paths import SAMPLES
from ..support.processes import processes_with, wait_for_the_end_of
from ..support.rendering import blocks_of

if TYPE_CHECKING:
    from simulation.grid import Block

PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        PROGRAM is None,
        reason="LibreOffice (soffice) is not installed: apt install libreoffice-writer-nogui libreoffice-calc-nogui",
    ),
]
SAMPLE = SAMPLES / "budget-2023-culture-centre.txt"
EVALUATION = SAMPLES / "self-evaluation-2022-tabbed-rows.txt"


@cache
def blocks(path: Path) -> tuple[Block, ...]:
    return tuple(blocks_of(raw_rows(path.read_text("utf-8"))))


def converted(data: bytes, suffix: str, target: str, folder: Path) -> bytes:
    """`data`, a file of type `suffix`, as LibreOffice saves it in the format `target` ("doc", or "xls:MS Excel 97")."""
    source = folder / f"given.{suffix}"
    source.write_bytes(data)
    assert PROGRAM
    command = [
        PROGRAM, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", target,
        "--outdir", str(folder / "out"), str(source),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return (folder / "out" / f"given.{target.partition(':')[0]}").read_bytes()


@pytest.mark.parametrize(
    ("path", "target"),
    [(SAMPLE, "doc:MS Word 97"), (EVALUATION, "doc:MS Word 97"), (EVALUATION, "rtf"), (EVALUATION, "odt")],
    ids=lambda value: getattr(value, "stem", value),
)
def test_a_document_saved_by_libreoffice_has_the_facts_of_its_text(path: Path, target: str, tmp_path: Path) -> None:
    kind = target[:3]
    data = converted(as_docx(blocks(path)), "docx", target, tmp_path)
    assert sniff.kind_of(data) == kind
    assert facts(data) == facts(path.read_text("utf-8"))
    assert read_bytes(data).media_type == legacy.MEDIA_TYPES[kind]


@pytest.mark.parametrize("path", [SAMPLE, EVALUATION], ids=lambda path: path.stem[:15])
def test_an_old_workbook_with_numbers_has_the_facts_of_its_text(path: Path, tmp_path: Path) -> None:
    """The bytes of .et, the format of another office program, are the same."""
    data = converted(as_xlsx_of_numbers(blocks(path)), "xlsx", "xls:MS Excel 97", tmp_path)
    assert sniff.kind_of(data) == "xls"
    assert facts(data) == facts(path.read_text("utf-8"))


def test_an_open_document_sheet_has_the_facts_of_its_text(tmp_path: Path) -> None:
    data = converted(as_xlsx(blocks(SAMPLE)), "xlsx", "ods", tmp_path)
    assert facts(data) == facts(SAMPLE.read_text("utf-8"))


def documents(folder: Path, count: int) -> Sequence[bytes]:
    """`count` different .doc files."""
    data = converted(as_docx(blocks(EVALUATION)), "docx", "doc:MS Word 97", folder)
    return [data + bytes(number) for number in range(count)]


def test_many_documents_are_read_side_by_side(tmp_path: Path) -> None:
    """Under the limits of the workers, each with a profile of its own."""
    expected = len(raw_rows(EVALUATION.read_text("utf-8"))["project_indicator"])
    outcomes = list(read_all(documents(tmp_path, 6), 2))
    assert [outcome.refusal for outcome in outcomes] == [None] * 6
    assert {len((outcome.rows or {})["project_indicator"]) for outcome in outcomes} == {expected}


def test_a_conversion_that_takes_too_long_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data,) = documents(tmp_path, 1)
    monkeypatch.setattr(legacy, "TIMEOUT_S", 0.2)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RefusedDocument) as caught:
        legacy.read(data)
    assert caught.value.code == "timeout"
    assert processes_with(f"{tmp_path}/yusuan-") == []
    assert list(tmp_path.glob("yusuan-*")) == []


def test_a_worker_that_is_ended_ends_its_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (outcome,) = read_all(documents(tmp_path, 1), 1, patience=1.0)
    assert outcome.refusal is None or outcome.refusal.code == "machine_busy"
    wait_for_the_end_of(f"{tmp_path}/yusuan-")
    assert list(tmp_path.glob("yusuan-*")) == []
