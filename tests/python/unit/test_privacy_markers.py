"""Private markers in every place of documents of every format: none may be stored, noticed, logged or printed.

Persons and numbers are invented. A marker is *detectable* if a label, a check digit or the grammar of its kind tells
it; the others are bare names, the known gap, which is counted.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.comments import Comment

from expectations import gate
from expectations.gate import run_gate
from expectations.suite import load_suite, suite_file
from loaders.connection import connect
from loaders.load import load
from loaders.privacy.shapes import is_card_number, is_identity_number
from loaders.schema import TABLES
from pipeline.cli import cli
from simulation.grid import Block, Box, Grid
from simulation.writers import FORMATS
from simulation.writers.text import as_text

SHAPES = ("mobile", "spaced", "landline", "extended", "identity", "card", "mail", "plate", "passport")
STEMS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


@dataclass
class Markers:
    """Hands out markers, each once, and remembers them."""

    number: Iterator[int] = field(default_factory=lambda: count(1203))
    given: Iterator[tuple[str, ...]] = field(default_factory=lambda: product(STEMS, repeat=2))
    detectable: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)

    def shape(self, kind: str) -> str:
        n = next(self.number)
        made = {
            "mobile": f"1390{n:07d}",
            "spaced": f"139-{n:04d}-{n + 7:04d}",
            "landline": f"0517-8888{n:04d}",
            "extended": f"021—5256{n:04d}转8001",
            "identity": self._identity(n),
            "card": self._card(n),
            "mail": f"reader{n}@example.com",
            "plate": f"苏A{n:05d}",
            "passport": f"E9{n:07d}",
        }[kind]
        self.detectable.append(made)
        return made

    def name(self, surname: str = "张") -> str:
        made = surname + "".join(next(self.given))
        self.detectable.append(made)
        return made

    def local_number(self) -> str:
        made = f"777{next(self.number):04d}"
        self.detectable.append(made)
        return made

    def bare_name(self) -> str:
        made = self.name("李")
        self.bare.append(self.detectable.pop())
        return made

    @staticmethod
    def _identity(n: int) -> str:
        return next(
            digits for end in "0123456789X" if is_identity_number(digits := f"11010119900101{n % 1000:03d}{end}")
        )

    @staticmethod
    def _card(n: int) -> str:
        return next(digits for end in range(10) if is_card_number(digits := f"62220200000000{n:04d}{end}"))


def table(*rows: list[str]) -> Grid:
    boxes = tuple(Box(at, column, text) for at, row in enumerate(rows) for column, text in enumerate(row) if text)
    return Grid(boxes, (24,) * len(rows[0]), len(rows))


def blocks(markers: Markers) -> list[Block]:
    """A document with markers in its prose, in cells beside, below and behind labels, and a bare name."""
    return [
        "某市某局2024年情况",
        *(f"如有疑问，请联系{markers.shape(kind)}，我们会答复。" for kind in SHAPES),
        f"联 系 人：{markers.name()}    电 话：{markers.local_number()}。",
        f"填表人（签字）：{markers.name()}",
        f"会议由{markers.bare_name()}主持，讨论了工作安排。",
        table(
            ["项目负责人", markers.name(), "联系电话", markers.local_number()],
            ["法定代表人", markers.name("欧阳"), "身份证号", markers.shape("identity")],
            ["开户账号", f"3205{next(markers.number):08d}", "电子邮箱", markers.shape("mail")],
        ),
        "人员情况",
        table(
            ["序号", "姓名", "职务", "手机"],
            ["1", markers.name(), "科员", markers.shape("mobile")],
            ["2", markers.name("王"), "科员", markers.shape("landline")],
        ),
        f"附注：{markers.name()}{markers.shape('mobile')}",
    ]


def rewritten(data: bytes, parts: dict[str, bytes]) -> bytes:
    """An office file with parts added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def workbook(markers: Markers) -> bytes:
    """Names of sheets, a hidden sheet, a comment, properties, header and footer."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = f"{markers.name()}{markers.shape('mobile')}"
    sheet["A1"], sheet["B1"], sheet["A2"], sheet["B2"] = "项目", "金额", "甲", 12.5
    sheet["A1"].comment = Comment(f"联系人：{markers.name()} {markers.shape('mobile')}", markers.shape("mail"))
    sheet.oddHeader.center.text = markers.shape("landline")
    sheet.oddFooter.center.text = f"经办人：{markers.name()}"
    sheet["C1"] = "=1/0"
    hidden = book.create_sheet(f"联系人{markers.name()}")
    hidden.sheet_state = "hidden"
    hidden["A1"] = f"电话：{markers.local_number()}"
    book.properties.creator = markers.shape("mail")
    book.properties.title = f"填报人：{markers.name()}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_all(folder: Path, markers: Markers) -> None:
    """Every document of the set, some under names that hold markers."""
    text = as_text(blocks(markers))
    (folder / f"{markers.shape('mobile')}.txt").write_bytes(text)
    for name, as_format in FORMATS.items():
        data = as_format(
            blocks(markers), f"联系人：{markers.name()}，{markers.shape('mobile')}，{markers.shape('mail')}"
        )
        if name == "html":
            data = data.replace(b"</body>", f"<!-- {markers.shape('landline')} --></body>".encode())
        if name == "docx":
            core = f"<cp:coreProperties><dc:creator>{markers.shape('mail')}</dc:creator></cp:coreProperties>"
            note = f"<w:comments>负责人：{markers.name()}</w:comments>"
            data = rewritten(data, {"docProps/core.xml": core.encode(), "word/comments.xml": note.encode()})
        (folder / f"经办人{markers.name()}.{name}").write_bytes(data)
    (folder / f"{markers.shape('identity')}.xlsx").write_bytes(workbook(markers))
    with zipfile.ZipFile(folder / f"{markers.shape('landline')}.zip", "w") as package:
        for kind in ("mobile", "mail", "identity", "plate"):
            package.writestr(
                f"{markers.shape(kind)}/{markers.shape(kind)}.txt", f"一段文字。\n{next(markers.number)}\n"
            )
        package.writestr(f"{markers.shape('mobile')}.pdf", b"%PDF-1.4 broken")
    (folder / f"{markers.shape('mobile')}.pdf").write_bytes(b"%PDF-1.4 torn")
    (folder / f"{markers.shape('card')}.doc").write_bytes(b"")
    (folder / f"{markers.shape('mobile')}.unknown").write_bytes(b"passed over")


def stored_texts(warehouse: Path) -> str:
    """Every text of every raw table."""
    found: list[str] = []
    with connect(warehouse, read_only=True) as connection:
        for name, columns in TABLES.items():
            for column in (column for column, kind in columns.items() if kind == "VARCHAR"):
                found += [str(value) for (value,) in connection.execute(f"select {column} from raw.{name}").fetchall()]
    return "\n".join(found)


@pytest.fixture
def markers() -> Markers:
    return Markers()


@pytest.fixture
def inbox(tmp_path: Path, markers: Markers) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    write_all(folder, markers)
    return folder


def found_in(text: str, markers: Markers) -> list[str]:
    return [marker for marker in markers.detectable if marker in text]


def test_no_marker_is_stored_noticed_or_reported(inbox: Path, tmp_path: Path, markers: Markers) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    told: list[str] = []
    report = load([inbox], warehouse, lambda *progress: told.append(str(progress)), workers=0)
    assert len(set(markers.detectable)) == len(markers.detectable) >= 100
    assert (report.loaded, len(report.rejected)) == (10, 3)
    assert len(report.ignored) == 1
    stored = stored_texts(warehouse)
    assert "请联系［个人信息已略去］，我们会答复" in stored.replace(" ", "")
    assert found_in(f"{stored}\n{report}\n{told}", markers) == []
    gap = [name for name in markers.bare if name in stored]
    print(
        f"\n{len(markers.detectable)} detectable markers, 0 stored; {len(gap)} of {len(markers.bare)} bare names stored"
    )
    assert len(gap) == len(markers.bare)  # docs/running.md says that bare names are not found


@pytest.mark.slow
def test_the_gate_passes_and_repeats_no_marker(
    inbox: Path, tmp_path: Path, markers: Markers, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    load([inbox], warehouse, workers=0)
    checks = [check for check in load_suite(suite_file("raw")) if "private" in check.name]
    monkeypatch.setattr(gate, "load_suite", lambda _: checks)
    passed = run_gate("raw", warehouse, tmp_path / "gates")
    assert passed.success, passed.message
    with connect(warehouse) as connection:  # as a loader without the rule would have left it
        connection.execute("update raw.document set file_name = ?", [f"{markers.detectable[0]}.txt"])
        connection.execute(
            "update raw.cell set text = ?, claimed_as = null where block_no = 1", [markers.detectable[1]]
        )
    failed = run_gate("raw", warehouse, tmp_path / "gates", code="another, so that all are asked again")
    names = {outcome.name for outcome in failed.outcomes if not outcome.success}
    assert names == {"nothing_private_is_stored", "no_name_of_a_file_is_private"}
    pages = [path for path in (tmp_path / "gates").rglob("*") if path.suffix in (".html", ".json", ".yml")]
    assert any("gx" in page.parts for page in pages)
    written = "".join(page.read_text("utf-8") for page in pages)
    assert found_in(f"{failed.message}\n{written}", markers) == []


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_commands_print_and_log_no_marker(
    inbox: Path, tmp_path: Path, markers: Markers, options: tuple[str, ...]
) -> None:
    file = tmp_path / "house" / "yusuan.duckdb"
    documents = [str(path) for path in sorted(inbox.iterdir())]
    said = ""
    for arguments in (
        ["load", str(inbox), "--warehouse", str(file), *options],
        ["inspect", *documents, *options],
        ["run", str(tmp_path / markers.shape("mobile")), "--warehouse", str(file), *options],
    ):
        answer = CliRunner().invoke(cli, arguments)
        said += answer.stdout + answer.stderr
        assert answer.stdout + answer.stderr
    log = "".join(path.read_text("utf-8") for path in file.parent.rglob("*.jsonl"))
    assert "no such file or folder" in log
    assert found_in(said + log, markers) == []
