"""Loading: what is read, refused, known, superseded; each with one clear message and no harm to the others."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from loaders import limits, raw, workers
from loaders.connection import connect
from loaders.document import Place
from loaders.errors import InputError, RefusedDocument
from loaders.extract import extract_bytes
from loaders.extraction import Extraction
from loaders.inbox import find_documents
from loaders.load import LoadReport, load
from loaders.schema import TABLES

from ..support.paths import ROOT, SAMPLES
from ..support.processes import processes_with, wait_for_the_end_of, wait_until

BUDGET = SAMPLES / "budget-2023-culture-centre.txt"
EVALUATION = SAMPLES / "self-evaluation-2022-tabbed-rows.txt"


def rows(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    with connect(warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def everything(warehouse: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(rows(warehouse, f"from raw.{table}"), key=repr) for table in TABLES}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "yusuan.duckdb"


def refused(inbox: Path, warehouse: Path, name: str, data: bytes) -> tuple[LoadReport, tuple[object, ...]]:
    """Loads a bad file beside a good one; returns the report and the row of the refusal."""
    (inbox / "good.txt").write_bytes(BUDGET.read_bytes())
    (inbox / name).write_bytes(data)
    report = load([inbox], warehouse)
    assert report.loaded == 1, "the good document beside the bad one is loaded"
    found = rows(warehouse, "select file_name, reason_code, reason, byte_size from raw.rejected_document")
    assert len(found) == 1
    assert found[0][0] == name
    return report, found[0]


def test_the_same_folder_twice_changes_nothing(warehouse: Path) -> None:
    first = load([SAMPLES], warehouse)
    before = everything(warehouse)
    second = load([SAMPLES], warehouse)
    assert (first.loaded, first.changed) == (13, True)
    assert (second.loaded, second.unchanged, second.changed) == (0, 13, False)
    assert everything(warehouse) == before


def test_an_interrupted_order_of_loading_gives_the_same_rows(tmp_path: Path) -> None:
    """Each document's rows depend on that document alone."""
    together, apart = tmp_path / "a.duckdb", tmp_path / "b.duckdb"
    load([SAMPLES], together)
    for path in sorted(find_documents([SAMPLES]), reverse=True):
        load([path], apart)
    for table in ("budget_cell", "project_indicator", "cell", "narrative_figure"):
        assert sorted(rows(together, f"from raw.{table}"), key=repr) == sorted(
            rows(apart, f"from raw.{table}"), key=repr
        )


def test_a_changed_file_supersedes_and_the_old_document_stays(inbox: Path, warehouse: Path) -> None:
    file = inbox / "budget.txt"
    file.write_bytes(BUDGET.read_bytes())
    load([inbox], warehouse)
    file.write_bytes(BUDGET.read_bytes().replace("文化馆".encode(), "文化站".encode()))
    report = load([inbox], warehouse)
    assert (report.loaded, report.superseded) == (1, 1)
    assert rows(warehouse, "select count(*) from raw.document") == [(2,)]
    places = rows(warehouse, "select sequence_no, document_id from raw.document_source order by sequence_no")
    assert [number for number, _ in places] == [1, 2]
    assert len({document for _, document in places}) == 2


def test_a_file_that_goes_back_to_an_earlier_content_has_that_again(inbox: Path, warehouse: Path) -> None:
    file = inbox / "budget.txt"
    for data in (BUDGET.read_bytes(), EVALUATION.read_bytes(), BUDGET.read_bytes()):
        file.write_bytes(data)
        report = load([inbox], warehouse)
    assert (report.loaded, report.unchanged, report.superseded) == (0, 1, 1)
    places = rows(warehouse, "select document_id from raw.document_source order by sequence_no")
    assert len(places) == 3
    assert places[0] == places[2] != places[1]
    assert load([inbox], warehouse).superseded == 0


def test_the_same_bytes_under_two_names_are_one_document(inbox: Path, warehouse: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (inbox / name).write_bytes(BUDGET.read_bytes())
    report = load([inbox], warehouse)
    assert (report.loaded, report.unchanged) == (1, 1)
    assert rows(warehouse, "select count(*) from raw.document") == [(1,)]
    assert rows(warehouse, "select count(*) from raw.document_source") == [(2,)]


def test_a_new_loader_version_reads_again(inbox: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "a.txt").write_bytes(BUDGET.read_bytes())
    load([inbox], warehouse)
    count = rows(warehouse, "select count(*) from raw.budget_cell")
    monkeypatch.setattr("loaders.load.LOADER_VERSION", "next")
    assert load([inbox], warehouse).loaded == 1
    assert rows(warehouse, "select loader_version from raw.document") == [("next",)]
    assert rows(warehouse, "select count(*) from raw.budget_cell") == count


def test_gbk_is_read_as_utf_8_is(inbox: Path, warehouse: Path) -> None:
    text = BUDGET.read_text("utf-8")
    (inbox / "utf8.txt").write_text(text, "utf-8")
    (inbox / "gbk.txt").write_text(text, "gbk")
    load([inbox], warehouse)
    assert rows(warehouse, "select encoding from raw.document order by encoding") == [("gb18030",), ("utf-8",)]
    amounts = "select amount_printed, class_name_printed, source_locator from raw.budget_cell join raw.document"
    by_encoding = [
        sorted(rows(warehouse, f"{amounts} using (document_id) where encoding = '{name}'"), key=repr)
        for name in ("gb18030", "utf-8")
    ]
    assert by_encoding[0] == by_encoding[1]
    assert by_encoding[0]


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("empty.txt", b"", "empty", "empty"),
        ("blank.txt", b" \r\n\n\t", "empty", "empty"),
        ("binary.txt", b"\x00\x01\x02\x03" * 100, "binary", "binary"),
        ("pdf.txt", b"%PDF-1.7\n1 0 obj", "truncated", "PDF"),
        ("sheet.xlsx", b"PK\x03\x04" + b"\x14\x00" * 50, "malformed", "zip"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50, "unsupported_format", "OLE"),
        ("picture.pdf", b"\x89PNG\r\n" + b"\x00" * 50, "images_only", "picture"),
        ("noise.txt", bytes(range(0x80, 0x100)) * 20, "bad_encoding", "UTF-8"),
        ("latin.txt", "Résumé naïve façade à côté".encode("latin-1") * 40, "bad_encoding", "GBK"),
    ],
)
def test_bad_bytes_are_refused_with_a_reason(
    inbox: Path, warehouse: Path, name: str, data: bytes, code: str, words: str
) -> None:
    report, row = refused(inbox, warehouse, name, data)
    assert row[1] == code
    assert words in str(row[2])
    assert "\n" not in str(row[2])
    assert row[3] == len(data)
    assert [(r.file_name, r.reason_code) for r in report.rejected] == [(name, code)]


def test_a_refused_file_is_listed_once(inbox: Path, warehouse: Path) -> None:
    (inbox / "empty.txt").touch()
    for _ in range(3):
        report = load([inbox], warehouse)
        assert [r.reason_code for r in report.rejected] == ["empty"]
    assert rows(warehouse, "select count(*) from raw.rejected_document") == [(1,)]


def test_a_file_cut_inside_a_character_is_refused_as_truncated(inbox: Path, warehouse: Path) -> None:
    data = BUDGET.read_bytes()
    cut = next(end for end in range(9000, 9010) if data[end] & 0xC0 == 0x80)
    _, row = refused(inbox, warehouse, "cut.txt", data[:cut])
    assert row[1] == "truncated"


def test_a_file_cut_inside_a_table_says_so_and_invents_nothing(inbox: Path, warehouse: Path) -> None:
    text = EVALUATION.read_text("utf-8")
    cut = text.index("总分")
    (inbox / "cut.txt").write_text(text[:cut], "utf-8")
    report = load([inbox], warehouse)
    assert report.loaded == 1
    assert "breaks_off" in {notice.notice_code for notice in report.notices}
    assert rows(warehouse, "select total_score_printed from raw.evaluation") == [(None,)]


def test_a_file_too_large_is_refused_unread(inbox: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.load.MAX_BYTES", 1000)
    (inbox / "large.txt").write_bytes(b"x" * 1001)
    load([inbox], warehouse)
    assert rows(warehouse, "select reason_code, document_id from raw.rejected_document") == [("too_large", None)]


def test_a_fault_of_the_reader_costs_only_its_document(
    inbox: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(data: bytes) -> object:
        if b"BOOM" in data:
            raise ZeroDivisionError("a fault")
        return extract_bytes(data)

    monkeypatch.setattr(workers, "extract_bytes", faulty)
    monkeypatch.delenv("YUSUAN_DEBUG", raising=False)
    (inbox / "good.txt").write_bytes(BUDGET.read_bytes())
    (inbox / "boom.txt").write_bytes(b"BOOM")
    assert load([inbox], warehouse, workers=0).loaded == 1
    (row,) = rows(warehouse, "select file_name, reason_code, reason from raw.rejected_document")
    assert row[:2] == ("boom.txt", "reader_error")
    assert "ZeroDivisionError" in str(row[2])


def test_a_path_that_does_not_exist_is_an_input_error(tmp_path: Path, warehouse: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        load([tmp_path / "nowhere"], warehouse)
    assert not warehouse.exists()


def test_a_folder_without_documents_loads_nothing_and_lists_what_it_passed_over(inbox: Path, warehouse: Path) -> None:
    (inbox / "README.md").write_text("about")
    (inbox / ".hidden.txt").write_text("hidden")
    report = load([inbox], warehouse)
    assert (report.found, report.loaded, report.ignored) == (0, 0, ("README.md",))


def test_persons_and_phones_are_dropped_and_counted(inbox: Path, warehouse: Path) -> None:
    text = EVALUATION.read_text("utf-8").replace("某某甲 0000000", "某某甲13900000000")
    text += "\n联系人：某某乙  电话：0310-5550100\n"
    (inbox / "a.txt").write_text(text, "utf-8")
    load([inbox], warehouse)
    for table in TABLES:
        stored = str(rows(warehouse, f"from raw.{table}"))
        assert [secret for secret in ("13900000000", "某某甲", "某某乙", "5550100") if secret in stored] == [], table
    ((dropped,),) = rows(warehouse, "select private_cell_count from raw.document")
    private = rows(warehouse, "select count(*) from raw.cell where claimed_as = 'private' and text is null")
    assert private == [(3,)]
    assert int(str(dropped)) >= 5


def test_masks_are_kept_as_printed(inbox: Path, warehouse: Path) -> None:
    text = BUDGET.read_text("utf-8")
    name = rows_of_project_names(text)[0]
    (inbox / "a.txt").write_text(text.replace(name, "环城**专项"), "utf-8")
    load([inbox], warehouse)
    names = {name for (name,) in rows(warehouse, "select project_name_printed from raw.project")}
    assert "环城**专项" in names


def rows_of_project_names(text: str) -> list[str]:
    """The values behind 项目名称 in a text of one cell a line."""
    lines = text.split("\n")
    return [lines[at + 1].strip() for at, line in enumerate(lines) if line.strip() == "项目名称"]


@pytest.mark.parametrize("name", ["budget-2024-culture-centre.txt", "targets-2024-prose-amounts.txt"])
def test_a_contact_inside_any_text_is_stored_nowhere(inbox: Path, warehouse: Path, name: str) -> None:
    """Sentences of purposes, goals, notes and prose with a name and a phone: they stay, without both."""
    text = (SAMPLES / name).read_text("utf-8")
    contact = "联系人：某某丙 13800000001。"
    text = "\n".join(line + contact if line.endswith("。") else line for line in text.split("\n"))
    assert text.count(contact) > 5
    (inbox / "a.txt").write_text(text, "utf-8")
    load([inbox], warehouse)
    for table in TABLES:
        stored = str(rows(warehouse, f"from raw.{table}"))
        assert [secret for secret in ("某某丙", "1380000") if secret in stored] == [], table
    ((dropped,),) = rows(warehouse, "select private_cell_count from raw.document")
    assert int(str(dropped)) > 5


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("咨询请拨打13800000001。", "咨询请拨打［个人信息已略去］。"),
        ("请发至 budget@example.com", "请发至 ［个人信息已略去］"),
        ("身份证号110101199001010010", "身份证号［个人信息已略去］"),
        ("经办人：某某丁", "经办人：［个人信息已略去］"),
        ("全年服务群众13800000人次", "全年服务群众13800000人次"),
        ("支付凭证号1380000000100", "支付凭证号1380000000100"),
    ],
)
def test_what_tells_a_person_is_dropped_where_nothing_else_names_a_contact(text: str, kept: str) -> None:
    extraction = Extraction()
    extraction.add("project", purpose_printed=text)
    assert extraction.rows["project"] == [{"purpose_printed": kept}]


def test_figures_are_not_taken_for_phones(inbox: Path, warehouse: Path) -> None:
    """`不低于2000000` is a target, not a person with a number."""
    text = BUDGET.read_text("utf-8")
    line = next(line for line in text.split("\n") if line.startswith("\t≥"))
    (inbox / "a.txt").write_text(text.replace(line, "\t不低于2000000"), "utf-8")
    load([inbox], warehouse)
    found = rows(warehouse, "select count(*) from raw.project_indicator where target_printed = '不低于2000000'")
    assert int(str(found[0][0])) >= 1


def test_a_box_of_eleven_digits_is_no_phone() -> None:
    extraction = Extraction()
    extraction.add("cell", at=Place(part="page 1", spot="line 2", box=(150.2, 98.0, 249.6, 110.4)), text="15098250110")
    assert extraction.rows["cell"] == [
        {"text": None, "source_locator": "page 1 line 2", "source_box": "150 98 250 110"}
    ]


def test_text_has_lines_and_no_boxes(inbox: Path, warehouse: Path) -> None:
    (inbox / "a.txt").write_bytes(BUDGET.read_bytes())
    load([inbox], warehouse)
    assert rows(
        warehouse, "select count(*) > 0, count(source_locator) = count(*), count(source_box) from raw.cell"
    ) == [(True, True, 0)]


def test_a_warehouse_of_older_raw_tables_gets_the_new_columns(inbox: Path, warehouse: Path) -> None:
    (inbox / "a.txt").write_bytes(BUDGET.read_bytes())
    load([inbox], warehouse)
    with connect(warehouse) as connection:
        connection.execute("alter table raw.budget_cell drop column class_group_printed")
    (inbox / "b.txt").write_bytes((SAMPLES / "budget-2024-culture-centre.txt").read_bytes())
    assert load([inbox], warehouse).loaded == 1
    columns = rows(warehouse, "select column_name from duckdb_columns() where table_name = 'budget_cell'")
    assert ("class_group_printed",) in columns


def test_a_zip_is_a_folder_of_documents(inbox: Path, warehouse: Path) -> None:
    with zipfile.ZipFile(inbox / "set.zip", "w") as archive:
        archive.writestr("2023/budget.txt", BUDGET.read_bytes())
        archive.writestr("empty.txt", b"")
    report = load([inbox], warehouse)
    assert (report.found, report.loaded) == (2, 1)
    assert rows(warehouse, "select file_name from raw.document") == [("set.zip/2023/budget.txt",)]
    assert rows(warehouse, "select file_name, reason_code from raw.rejected_document") == [
        ("set.zip/empty.txt", "empty")
    ]
    assert load([inbox], warehouse).changed is False


def test_equal_bytes_share_one_refusal(inbox: Path, warehouse: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (inbox / name).write_bytes(b"\x00\x01binary")
    report = load([inbox], warehouse)
    assert [r.file_name for r in report.rejected] == ["a.txt", "b.txt"]
    assert rows(warehouse, "select count(*) from raw.document_source") == [(0,)]


STAND_IN = """
import os, pickle, sys, time
from pathlib import Path
from loaders import workers
from loaders.errors import RefusedDocument

class Evil:
    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return open, (self.place, "w")

def readers():
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield __file__.encode() in (folder / "cmdline").read_bytes()
        except OSError:
            continue

def read(data):
    word, _, place = data.decode().partition(" ")
    if word == "wait":
        time.sleep(600)
    while word == "hang":
        pass
    if word == "die":
        with open(place, "a") as deaths:
            deaths.write("died,")
        os._exit(3)
    if word == "lonely" and sum(readers()) > 1:
        os._exit(3)
    if word == "swell":
        return {"cell": [{"text": "x" * (8 * 1024**3)}]}
    while word == "until" and not os.path.exists(place):
        time.sleep(0.01)
    if word == "make":
        open(place, "w").close()
    if word == "tell":
        Path(place).write_text(f"{os.getpid()}")
        time.sleep(600)
    if word == "pickle":
        raise RefusedDocument("pickle", place)
    if word == "sum":
        Path(place).write_text(sys.argv[3])
    print("noise of a library")
    raise RefusedDocument("answered", "an answer")

def packed(found, refusal, pack=workers._packed):
    return pickle.dumps(Evil(refusal.reason)) if refusal.code == "pickle" else pack(found, refusal)

workers.extract_bytes = read
workers._packed = packed
workers.main(sys.argv[1:])
"""


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Workers run a stand-in for a library that never comes back, dies, wants all memory, or answers."""
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    monkeypatch.setattr(workers, "COMMAND", [sys.executable, str(script)])
    return script


def codes(outcomes: Iterable[workers.Outcome]) -> list[str]:
    return [outcome.refusal.code for outcome in outcomes if outcome.refusal]


def test_a_document_that_hangs_dies_or_swells_costs_no_other_anything(stand_in: Path, tmp_path: Path) -> None:
    """A second of a processor is a second, however busy the machine is."""
    deaths = tmp_path / "deaths"
    documents = [b"one", b"hang", f"die {deaths}".encode(), b"swell", b"two"]
    assert codes(workers.read_all(documents, workers=2, seconds=1)) == [
        "answered", "too_slow", "reader_died", "too_much_memory", "answered",
    ]  # fmt: skip
    assert deaths.read_text() == "died,died,", "read twice: beside others, then alone"


def test_a_reader_that_dies_beside_others_may_read_alone(stand_in: Path) -> None:
    documents = [b"one", b"lonely", b"two", b"lonely", b"lonely", b"three"]
    assert codes(workers.read_all(documents, workers=2)) == ["answered"] * 6


def test_a_reader_that_only_waits_says_nothing_about_its_document(stand_in: Path) -> None:
    """It has used no time of a processor; on the clock no reader has for ever."""
    assert codes(workers.read_all([b"wait"], workers=1, patience=0.5)) == ["machine_busy"]


def test_readers_share_one_bound_of_memory(stand_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as can start within it, and no one more than its share; a document alone may take all of it."""
    told = tmp_path / "told"
    for memory, workers_asked, share in (("2GiB", 2, 1024**3), ("600MiB", 8, 300 * 1024**2), ("1MB", 2, 256 * 1024**2)):
        monkeypatch.setenv("YUSUAN_MEMORY", memory)
        assert codes(workers.read_all([f"sum {told}".encode()], workers_asked)) == ["answered"]
        assert int(told.read_text()) == share
    monkeypatch.setenv("YUSUAN_MEMORY", "1TiB")
    assert limits.memory_each(1, limits.memory_bound()) == limits.DOCUMENT_BYTES
    monkeypatch.setenv("YUSUAN_MEMORY", "")
    whole = limits.memory_bound()
    monkeypatch.setenv("YUSUAN_MEMORY", "40%")
    assert limits.memory_bound() == pytest.approx(whole / 2, abs=1)


def test_a_reader_that_cannot_start_is_no_fault_of_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "COMMAND", [sys.executable, "-c", "import sys; sys.exit(4)"])
    with pytest.raises(workers.NoReader, match=r"cannot be started \(it ended with 4\)"):
        list(workers.read_all([b"one"], workers=1))


def test_a_worker_dies_with_its_parent(stand_in: Path, tmp_path: Path) -> None:
    """In the midst of a document that takes ten minutes."""
    told = tmp_path / "told"
    script = (
        "import sys; from loaders import workers; workers.COMMAND = [sys.executable, sys.argv[1]]\n"
        "list(workers.read_all([b'tell ' + sys.argv[2].encode()], workers=1))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(stand_in), str(told)], cwd=ROOT)
    wait_until(lambda: told.exists() and told.read_text())
    assert processes_with(str(stand_in))
    parent.kill()
    parent.wait()
    wait_for_the_end_of(str(stand_in))


def test_what_a_worker_answers_is_no_code(stand_in: Path, tmp_path: Path) -> None:
    """A document that took over its reader sends what it likes: it is data or nothing, and never run."""
    assert codes(workers.read_all([b"one", f"pickle {tmp_path / 'run'}".encode(), b"two"], workers=1)) == [
        "answered", "reader_died", "answered",
    ]  # fmt: skip
    assert not (tmp_path / "run").exists()


def test_rows_come_back_as_they_were_read() -> None:
    (outcome,) = workers.read_all([BUDGET.read_bytes()], workers=1)
    here = raw.frames(extract_bytes(BUDGET.read_bytes()))
    assert outcome.rows is not None
    assert outcome.rows.keys() == here.keys()
    assert all(outcome.rows[table].equals(here[table]) for table in here)


def test_a_long_document_holds_up_no_other_worker(stand_in: Path, tmp_path: Path) -> None:
    """The first document is read until the last one has been, by the other worker."""
    sign = str(tmp_path / "sign").encode()
    assert codes(workers.read_all([b"until " + sign, b"one", b"two", b"make " + sign], 2)) == ["answered"] * 4


def test_who_stops_asking_leaves_no_worker(stand_in: Path) -> None:
    outcomes = workers.read_all([b"one", b"hang", b"two", b"three", b"four"] * 2, workers=2)
    next(outcomes)
    assert processes_with(str(stand_in))
    outcomes.close()
    assert processes_with(str(stand_in)) == []


def test_workers_and_this_process_read_the_same(tmp_path: Path) -> None:
    load([SAMPLES], tmp_path / "a.duckdb", workers=2)
    load([SAMPLES], tmp_path / "b.duckdb", workers=0)
    a, b = everything(tmp_path / "a.duckdb"), everything(tmp_path / "b.duckdb")
    for table in set(TABLES) - {"document", "document_source"}:  # these carry the time of loading
        assert a[table] == b[table]


def test_bytes_refused_before_are_refused_again_without_reading(
    inbox: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def counting(data: bytes) -> object:
        read.append(data)
        return extract_bytes(data)

    monkeypatch.setattr(workers, "extract_bytes", counting)
    (inbox / "bad.txt").write_bytes(b"\x00\x01binary")
    for retry, reads in ((False, 1), (False, 1), (True, 2)):
        report = load([inbox], warehouse, workers=0, retry=retry)
        assert [rejection.reason_code for rejection in report.rejected] == ["binary"]
        assert len(read) == reads
    assert not report.changed
    monkeypatch.setattr("loaders.load.LOADER_VERSION", "next")
    assert load([inbox], warehouse, workers=0).changed
    assert len(read) == 3
    assert rows(warehouse, "select loader_version from raw.rejected_document") == [("next",)]


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        ("machine_busy", False), ("reader_died", False), ("too_much_memory", False), ("timeout", False),
        ("too_slow", True), ("reader_error", True), ("malformed", True),
    ],
)  # fmt: skip
def test_only_a_reason_of_the_document_is_final(
    code: str, is_final: bool, inbox: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "a.txt").write_bytes(BUDGET.read_bytes())
    refused = workers.Outcome(None, RefusedDocument(code, "no"))
    with monkeypatch.context() as patch:
        patch.setattr("loaders.load.read_all", lambda documents, _: (refused for _ in documents))
        assert [rejection.reason_code for rejection in load([inbox], warehouse).rejected] == [code]
    again = load([inbox], warehouse)
    if is_final:
        assert [rejection.reason_code for rejection in again.rejected] == [code]
        again = load([inbox], warehouse, retry=True)
    assert [change.change for change in again.changes] == ["loaded"]
    assert rows(warehouse, "select count(*) from raw.rejected_document") == [(0,)]


def test_a_refusal_ends_when_the_place_holds_something_good(inbox: Path, warehouse: Path) -> None:
    (inbox / "a.txt").touch()
    assert load([inbox], warehouse).changes[0].change == "refused"
    (inbox / "a.txt").write_bytes(BUDGET.read_bytes())
    assert [change.change for change in load([inbox], warehouse).changes] == ["loaded"]
    assert rows(warehouse, "select count(*) from raw.rejected_document") == [(0,)]
    (inbox / "a.txt").touch()
    (inbox / "a.txt").write_bytes(b"")  # broken again: what was there stays, and the refusal is told
    report = load([inbox], warehouse)
    assert (len(report.rejected), report.superseded) == (1, 0)
    assert rows(warehouse, "select count(*) from raw.document") == [(1,)]


def test_a_withdrawn_document_is_left_out(inbox: Path, warehouse: Path) -> None:
    (inbox / "a.txt").write_bytes(BUDGET.read_bytes())
    withdrawn = hashlib.sha256(BUDGET.read_bytes()).hexdigest()
    report = load([inbox], warehouse, withdrawn=frozenset({withdrawn}))
    assert (report.found, report.loaded, report.withheld, report.changed) == (1, 0, 1, False)
    assert rows(warehouse, "select count(*) from raw.document_source") == [(0,)]


def test_a_file_that_somebody_is_writing_is_refused_until_it_rests(inbox: Path, warehouse: Path) -> None:
    """A writer appends all the time: the file is not taken half, and taken whole afterwards."""
    (inbox / "good.txt").write_bytes(BUDGET.read_bytes())
    file = inbox / "growing.txt"
    file.write_bytes(EVALUATION.read_bytes())
    stop = threading.Event()

    def write() -> None:
        with file.open("ab", buffering=0) as stream:
            while not stop.is_set():
                stream.write("一段说明文字。\n".encode())
                time.sleep(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        report = load([inbox], warehouse)
    finally:
        stop.set()
        writer.join()
    assert [(r.file_name, r.reason_code) for r in report.rejected] == [("growing.txt", "changed_while_read")]
    assert report.loaded == 1
    assert load([inbox], warehouse).loaded == 1
    assert rows(warehouse, "select byte_size from raw.document where file_name = 'growing.txt'") == [
        (file.stat().st_size,)
    ]
    assert rows(warehouse, "select count(*) from raw.rejected_document") == [(0,)]


def test_a_change_that_keeps_size_and_time_is_seen(inbox: Path, warehouse: Path) -> None:
    file = inbox / "a.txt"
    file.write_bytes(BUDGET.read_bytes())
    before = file.stat()
    load([inbox], warehouse)
    file.write_bytes(BUDGET.read_bytes().replace(b"381.91", b"381.92"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert load([inbox], warehouse).superseded == 1


def test_a_clock_that_is_set_back_reverses_no_order(inbox: Path, warehouse: Path) -> None:
    (inbox / "a.txt").write_bytes(BUDGET.read_bytes())
    load([inbox], warehouse)
    with connect(warehouse) as connection:
        connection.execute("update raw.document_source set seen_at = timestamp '2100-01-01 00:00:00'")
    (inbox / "a.txt").write_bytes(EVALUATION.read_bytes())
    load([inbox], warehouse)
    assert rows(warehouse, "select sequence_no, year(seen_at) from raw.document_source order by seen_at") == [
        (1, 2100),
        (2, 2100),
    ]
