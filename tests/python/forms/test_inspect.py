"""`yusuan inspect`: what is recognised is shown, and what is not is explained well enough to declare it."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loaders import workers
from loaders.explain import Explanation, explain
from loaders.extract import extract
from loaders.forms import FOLDER, Catalogue, read_catalogue
from loaders.readers import read_bytes
from pipeline.cli import cli
from pipeline.inspect import inspect_files

from ..support.paths import SAMPLES

PAGE = (Path(__file__).parents[1] / "fixtures" / "documents" / "budget-2024-gansu-style.html").read_text("utf-8")
SAMPLE = SAMPLES / "budget-2024-culture-centre.txt"


def explained(page: str, forms: Catalogue | None = None) -> Explanation:
    return explain(read_bytes(page.encode()), forms)


def changed(old: str, new: str) -> str:
    """The page with `old`, which stands in it once, replaced."""
    assert PAGE.count(old) == 1
    return PAGE.replace(old, new)


def one_table(title: str, *rows: str) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row.split('|'))}</tr>" for row in rows)
    return f"<html><body><p>示例说明</p><h3>{title}</h3><p>单位：万元</p><table>{body}</table></body></html>"


def with_declaration(declaration: str, folder: Path) -> Catalogue:
    """The declared forms and one more."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "zz_new.yml").write_text(declaration, "utf-8")
    return read_catalogue(folder)


def inspect(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["inspect", *map(str, arguments)])


# --- what was recognised


def test_a_document_that_is_recognised_whole() -> None:
    found = explain(read_bytes(SAMPLE.read_bytes()))
    assert (found.fiscal_year, found.fiscal_year_source, found.report_scope) == ("2024", "printed", "unit")
    assert found.cells == found.cells_claimed > 0
    assert (found.unrecognised, found.leftovers, found.paragraphs_unclaimed) == ((), (), 0)
    assert all(form.unknown_columns == () and form.facts > 0 for form in found.forms if not form.is_declared_empty)


def test_numbers_of_a_form_are_those_of_its_raw_rows() -> None:
    form = explained(PAGE).forms[2]
    assert (form.form_code, form.title, form.money_unit) == ("B_EXPEND", "三、部门支出总体情况表", "万元")
    assert (form.recognised_by, form.place) == ("title+columns", "table 3 R1C1")
    assert (form.rows, form.amounts) == (14, 31)  # counted in the page
    assert form.facts == 31 + 14 + 13  # amounts, names, codes: the row of the sum has no code


# --- what was not, and why


def test_an_unknown_title_names_the_forms_that_the_columns_fit() -> None:
    found = explained(changed("<h3>九、机关运行经费表</h3>", "<h3>九、机关日常开支一览</h3>"))
    table = found.unrecognised[0]
    assert (table.title, table.place) == ("九、机关日常开支一览", "table 9 R1C1")
    assert table.header == ("科目编码", "科目名称", "预算数")
    assert table.confidence == 1.0
    assert "B_ORGRUN" in {near.form_code for near in table.neighbours if near.fits}
    assert table.reason.startswith("columns fit ")
    assert table.reason.endswith("the title is unknown: 九、机关日常开支一览")


RENAMED = one_table(
    "部门支出总表",
    "科目编码|科目名称|合计|基本支出|项目开支",
    "|合计|9.00|5.00|4.00",
    "207|文化旅游体育与传媒支出|9.00|5.00|4.00",
)


def test_a_renamed_column_is_named_under_the_form_of_the_title() -> None:
    (table,) = explained(RENAMED).unrecognised
    assert table.reason == "title matches B_EXPEND, but column 项目支出 is missing"
    assert table.header == ("科目编码", "科目名称", "合计", "基本支出", "项目开支")
    assert (table.neighbours[0].missing, table.neighbours[0].confidence) == (("项目支出",), 0.8)
    assert (table.place, table.rows, table.cells) == ("table 1 R1C1", 3, 14)
    assert "# unknown columns" in table.declaration
    assert "unknown_1: [项目开支]" in table.declaration


@pytest.mark.parametrize(
    ("title", "rows", "form_code", "amounts"),
    [
        ("机关日常开支一览", ["科目编码|科目名称|预算数", "30201|办公费|18.30", "30211|差旅费|13.00"], "X_", 2),
        ("经费分配一览", ["代号|事由|甲款|乙款", "1|修缮|2.00|3.00", "2|添置|4.00|5.50"], "X_NEW", 6),
    ],
)
def test_the_declaration_to_start_from_is_one_that_reads_the_table(
    title: str, rows: list[str], form_code: str, amounts: int, tmp_path: Path
) -> None:
    page = one_table(title, *rows)
    before = explained(page)
    assert before.forms == ()
    declaration = before.unrecognised[0].declaration
    after = explained(page, with_declaration(declaration, tmp_path / "forms"))
    assert [form.form_code.startswith(form_code) for form in after.forms] == [True]
    assert after.forms[0].recognised_by == "title+columns"
    assert after.forms[0].amounts == amounts
    assert after.unrecognised == ()


def test_a_renamed_column_declared_under_its_code_is_read(tmp_path: Path) -> None:
    declaration = explained(RENAMED).unrecognised[0].declaration.replace("unknown_1", "project")
    tables = extract(read_bytes(RENAMED.encode()), with_declaration(declaration, tmp_path / "forms"))
    assert [row["form_code"] for row in tables["form"]] == ["X_B_EXPEND"]
    amounts = [(row["measure_code"], row["amount_printed"]) for row in tables["budget_cell"]]
    assert amounts == [("total", "9.00"), ("basic", "5.00"), ("project", "4.00")] * 2


def test_merged_headers_are_named_by_their_whole_path() -> None:
    old = "<h3>五、财政拨款支出表</h3>"
    table = explained(changed(old, "<h3>五、各类资金用途一览</h3>")).unrecognised[0]
    paths = ("科目编码", "科目名称", "合计", "基本支出/小计", "基本支出/人员经费", "基本支出/公用经费", "项目支出")
    assert table.header == paths
    assert {near.form_code for near in table.neighbours if near.fits} == {"B_FISCAL_FUNC", "B_GPB_FUNC"}


def test_without_title_the_form_that_knows_most_columns_is_nearest() -> None:
    """A form that asks for little fits almost any table; the one that shares the columns is what a person wants."""
    header = "科目编码|科目名称|合计|基本支出|项目开支|经营支出|上缴上级支出"
    (table,) = explained(one_table("资金去向一览", header, "207|文化|9.00|5.00|2.00|1.00|1.00")).unrecognised
    assert {near.form_code for near in table.neighbours[:2]} == {"B_EXPEND", "F_EXPEND"}
    assert (table.neighbours[0].confidence, table.neighbours[0].missing) == (0.86, ("项目支出",))
    assert table.reason == "nearest is B_EXPEND, of which the table lacks 项目支出; the title is unknown: 资金去向一览"


def test_owner_and_unit_in_the_table_are_no_header() -> None:
    """In pasted text the title and the line of owner, year and unit are rows of the table itself."""
    text = SAMPLE.read_text("utf-8")
    assert text.count("单位预算支出总表\n") == 1
    page = text.replace("单位预算支出总表\n", "单位资金去向一览表\n")
    table = explained(page).unrecognised[0]
    assert table.title == "单位资金去向一览表"
    assert "科目编码" in table.header[1]
    assert "B_EXPEND" in {near.form_code for near in table.neighbours if near.fits}


def test_a_header_that_fits_by_halves_is_explained_not_believed() -> None:
    """The lower row of a header, read alone, has the columns of some form: where it gave nothing the table counts as
    not recognised."""
    old = '<td rowspan="2">基本支出</td><td rowspan="2">项目支出</td></tr>\n<tr><td>科目编码'
    found = explained(changed(old, old.replace("项目支出", "项目开支")))
    table = found.unrecognised[0]
    assert (table.place, table.title) == ("table 3 R1C1", "三、部门支出总体情况表")
    assert table.header == ("功能分类科目/科目编码", "功能分类科目/科目名称", "合计", "基本支出", "项目开支")
    assert table.reason == "title matches B_EXPEND, but column 项目支出 is missing"
    assert found.cells > found.cells_claimed


def test_an_unknown_column_of_a_recognised_form_is_told_with_its_cells() -> None:
    header = "科目编码|科目名称|合计|基本支出|项目支出|备注"
    found = explained(one_table("部门支出总表", header, "207|文化|8.00|5.00|3.00|含上年尾款"))
    assert [form.unknown_columns for form in found.forms] == [("备注",)]
    assert [(rest.form_no, rest.cells, rest.place) for rest in found.leftovers] == [(1, 1, "table 1 R2C6")]
    assert found.leftovers[0].reason == "the form does not know the column 备注"
    assert found.unrecognised == ()


def test_a_table_of_labels_that_no_reader_knows() -> None:
    (table,) = explained(PAGE).unrecognised
    assert table.title == "十五、部门履职绩效目标表"
    assert table.reason.startswith("title matches P_TARGET, but labels ")
    assert table.header == ("部门名称", "年度履职目标", "履职内容", "公共文化服务")
    assert table.cells == 12


def test_a_table_without_title_or_header_says_so() -> None:
    page = "<html><body><p>示例说明。</p><table><tr><td>1.00</td><td>2.00</td></tr></table></body></html>"
    (table,) = explained(page).unrecognised
    assert (table.title, table.neighbours, table.confidence) == (None, (), 0.0)
    assert table.reason == (
        "no header: no rows of labels above the amounts that fit together; there is no title above the table"
    )


def test_personal_data_are_in_no_part_of_it() -> None:
    page = one_table("值班一览", "姓名|电话|金额", "某某甲|13900000000|1.00", "联系人：某某乙 13900000001|无|2.00")
    found = explained(page)
    assert found.unrecognised[0].cells > 0
    assert "13900000" not in repr(found)
    assert "某某乙" not in repr(found)


# --- the command


def test_the_command_shows_it() -> None:
    result = inspect(SAMPLE)
    assert result.exit_code == 0, result.output
    assert "everything was recognised" in result.output
    assert "B_TOTAL" in result.output


def test_the_command_shows_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(changed("<h3>九、机关运行经费表</h3>", "<h3>九、机关日常开支一览</h3>"), "utf-8")
    result = inspect(file)
    assert result.exit_code == 0
    for text in ("not recognised 1: 九、机关日常开支一览", "columns fit", "form_code: X_", "form_kind: budget_grid"):
        assert text in result.output
    assert "everything was recognised" not in result.output


def test_json_holds_one_object() -> None:
    result = inspect(SAMPLE, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["exit_code"]) == (0, 0)
    (file,) = report["files"]
    assert file["file_name"] == SAMPLE.name
    assert file["explanation"]["forms"][0]["form_code"] == "B_TOTAL"


def test_a_refused_file_ends_with_3_and_its_reason(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"")
    result = inspect(bad)
    assert result.exit_code == 3
    assert "the file is empty" in result.output
    report = json.loads(inspect(bad, SAMPLE, "--json").stdout)
    assert report["exit_code"] == 3
    assert [(file["reason_code"], file["explanation"] is None) for file in report["files"]] == [
        ("empty", True),
        (None, False),
    ]


def test_members_of_an_archive_are_shown_one_by_one(tmp_path: Path) -> None:
    archive = tmp_path / "two.zip"
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("a.html", PAGE)
        package.writestr("b.txt", b"\x00\x01\x02")
    report = json.loads(inspect(archive, "--json").stdout)
    assert [(file["file_name"], file["reason_code"]) for file in report["files"]] == [
        ("two.zip/a.html", None),
        ("two.zip/b.txt", "binary"),
    ]


STAND_IN = """
import os, sys
from loaders import workers
real = workers.explain_bytes

def read(data):
    while b"hang" in data:
        pass
    if b"die" in data:
        os._exit(3)
    if b"swell" in data:
        return "x" * (8 * 1024**3)
    if b"fault" in data:
        raise ZeroDivisionError("a fault")
    return real(data)

workers.explain_bytes = read
workers.main(sys.argv[1:])
"""


def test_a_file_that_hangs_dies_or_swells_is_refused_like_in_loading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker runs a stand-in for a library that never comes back, dies, wants all memory, fails, or reads."""
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    monkeypatch.setattr(workers, "COMMAND", [sys.executable, str(script)])
    files = []
    for name in ("hang", "die", "none", "swell", "fault"):
        files.append(tmp_path / f"{name}.txt")
        if name != "none":
            files[-1].write_bytes(name.encode())
    found = inspect_files([*files, SAMPLE], seconds=1)
    assert [(one.file_name, one.reason_code) for one in found] == [
        ("hang.txt", "too_slow"), ("die.txt", "reader_died"), ("none.txt", "unreadable"),
        ("swell.txt", "too_much_memory"), ("fault.txt", "reader_error"), (SAMPLE.name, None),
    ]  # fmt: skip
    assert found[0].reason == "reading the file takes more than 1 seconds of a processor"
    assert found[-1].explanation is not None
    assert found[-1].explanation == explain(read_bytes(SAMPLE.read_bytes()))


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    assert inspect(tmp_path / "none.txt").exit_code == 2
