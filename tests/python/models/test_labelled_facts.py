"""The marts against hand-labelled truth: every value of every table, precision and recall, none tolerated.

Truth of seeds 001 and 003 is ../shared/gold; of 000, 002 and 004 tests/python/fixtures/facts; of the samples
tests/python/fixtures/samples. Values are compared as printed, white space aside.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.connection import connect

from ..support.paths import ROOT, SAMPLES

FIXTURES = Path(__file__).parents[1] / "fixtures"
GOLD = ROOT.parent / "shared" / "gold"
SEEDS = ROOT.parent / "shared" / "corpus" / "seeds"

Truth = dict[str, Any]
Row = tuple[Any, ...]

SIDES = {"income": "收入", "expenditure": "支出", None: None}
MONTHS = {3: "03", 6: "06", 10: "10", 12: "12"}


def squash(value: object) -> str | None:
    """A value as it is compared: no white space, empty is None."""
    text = re.sub(r"\s", "", str(value)) if value is not None else ""
    return text or None


def item(value: object) -> str | None:
    """An item of a list, without `其中：`."""
    text = squash(value)
    return text.removeprefix("其中：") if text else None


def truths() -> list[tuple[str, Path, Path]]:
    """(name, document, truth) of every labelled document at hand."""
    samples = {p.stem: p for p in SAMPLES.iterdir() if p.suffix != ".md"}
    found = [(p.stem, samples[p.stem], p) for p in sorted((FIXTURES / "samples").glob("*.json"))]
    for truth in [*sorted(GOLD.glob("*.json")), *sorted((FIXTURES / "facts").glob("*.json"))]:
        found += [(truth.stem[:3], document, truth) for document in sorted(SEEDS.glob(f"{truth.stem[:3]}_*.txt"))]
    return found


DOCUMENTS = truths()


class Published:
    """The published facts of one document."""

    def __init__(self, file: Path, document: Path) -> None:
        self.connection = connect(file, read_only=True)
        row = self.connection.execute(
            "select document_id from marts.dim_document where file_name = ?", [document.name]
        ).fetchone()
        assert row, f"{document.name} is not published"
        self.document_id = row[0]
        self.document = document

    def rows(self, columns: str, table: str, order: str = "form_no") -> list[Row]:
        query = f"select {columns} from marts.{table} where document_id = ? order by {order}"
        return self.connection.execute(query, [self.document_id]).fetchall()


# Each comparison: what the marts say and what the truth says, as rows of printed values.


def budget_lines(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows(
        "form_title_printed, side, line_no_printed, class_code_printed, class_name_printed, measure_printed,"
        " amount_printed",
        "fct_budget_line",
    )
    mine = [
        (squash(form), SIDES[side], line, code, squash(name), squash(measure.split("/")[-1]), amount)
        for form, side, line, code, name, measure, amount in found
    ]
    theirs = [
        (squash(x["form"]), x["side"], x.get("line_no"), x.get("code"), squash(x["name"]),
         squash(x["measure"].split("/")[-1]), x["amount"])
        for x in t.get("budget_lines", [])
    ]  # fmt: skip
    return mine, theirs


def budget_amounts(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    """Amounts in yuan: the printed figure in 万元 times 10 000."""
    found = p.rows("class_name_printed, amount_printed, cast(amount_yuan as varchar)", "fct_budget_line")
    mine = [(squash(name), amount, yuan) for name, amount, yuan in found]
    theirs = [
        (squash(x["name"]), x["amount"], f"{float(x['amount'].replace(',', '')) * 10000:.2f}")
        for x in t.get("budget_lines", [])
    ]
    return mine, theirs


def three_public(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows("item_printed, measure_printed, amount_printed", "fct_three_public_expense")
    mine = [(item(name), squash(measure.split("/")[-1]), amount) for name, measure, amount in found]
    theirs = [(item(x["item"]), squash(x["measure"].split("/")[-1]), x["amount"]) for x in t.get("three_public", [])]
    return mine, theirs


def projects(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    plan: dict[int, dict[str, str | None]] = {}
    for form, month, printed in p.rows("form_no, plan_month, printed", "fct_project_spending_plan"):
        if printed is not None:
            plan.setdefault(form, {})[MONTHS[month]] = squash(printed)
    goals: dict[int, str] = {}
    for form, goal in p.rows("form_no, goal_text", "fct_project_goal", "form_no, goal_no"):
        goals[form] = goals.get(form, "") + (squash(goal) or "")
    columns = (
        "form_no, project_sequence, project_code, project_name, unit_name_printed, budget_printed, fiscal_printed,"
        " local_printed, other_printed, purpose"
    )
    mine = [
        (number, code, squash(name), squash(unit), *(squash(m) for m in money), squash(purpose),
         tuple(sorted(plan.get(form, {}).items())), goals.get(form, ""))
        for form, number, code, name, unit, *money, purpose in p.rows(columns, "fct_project")
    ]  # fmt: skip
    theirs = [
        (x["seq"], x["code"], squash(x["name"]), squash(x["unit_name"]), squash(x["budget"]), squash(x["fiscal"]),
         squash(x.get("local")), squash(x.get("other")), squash(x["purpose"]),
         tuple(sorted((k, squash(v)) for k, v in x["plan"].items())), "".join(squash(g) or "" for g in x["goals"]))
        for x in t.get("projects", [])
    ]  # fmt: skip
    return mine, theirs


def goal_counts(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = Counter(form for (form,) in p.rows("form_no", "fct_project_goal"))
    sequence: dict[int, int] = dict(p.rows("form_no, project_sequence", "fct_project"))
    mine = [(sequence[form], count) for form, count in found.items()]
    return mine, [(x["seq"], len(x["goals"])) for x in t.get("projects", []) if x["goals"]]


def indicators(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    sequence: dict[int, int] = dict(p.rows("form_no, project_sequence", "fct_project"))
    found = p.rows(
        "form_no, indicator_no, level1_printed, level2_printed, level3, description, target_printed, basis, stage",
        "fct_project_indicator",
    )
    mine = [(sequence[f], n, *(squash(v) for v in values)) for f, n, *values, stage in found if stage == "target"]
    keys = ("level1", "level2", "level3", "description", "target", "basis")
    theirs = [(x["project_seq"], x["seq"], *(squash(x[key]) for key in keys)) for x in t.get("indicators", [])]
    return mine, theirs


def evaluations(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    columns = (
        "evaluation_sequence, project_code, project_name, department, implementer, expected_text, achieved_text,"
        " total_weight_printed, total_score_printed, match_kind"
    )
    mine = [
        (number, code, *(squash(v) for v in values))
        for number, code, *values, kind in p.rows(columns, "fct_project_evaluation")
        if kind != "summary"
    ]
    keys = ("project_name", "department", "implementer", "expected", "achieved", "total_weight", "total_score")
    theirs = [(x["seq"], x["project_code"], *(squash(x[key]) for key in keys)) for x in t.get("evaluations", [])]
    return mine, theirs


def evaluation_funds(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    sequence: dict[int, int] = dict(p.rows("form_no, evaluation_sequence", "fct_project_evaluation"))
    keys = ("initial", "annual", "executed", "rate", "score")
    columns = ", ".join(f"{key}_printed" for key in keys)
    found = p.rows(f"form_no, fund_source_printed, {columns}", "fct_evaluation_fund", "form_no, fund_no")
    mine = [(sequence[form], item(name), *(squash(v) for v in values)) for form, name, *values in found if any(values)]
    theirs = [
        (x["seq"], item(fund["source"]), *(None if fund.get(key) == "—" else squash(fund.get(key)) for key in keys))
        for x in t.get("evaluations", [])
        for fund in x["funds"]
        if any(fund.get(key) not in (None, "", "—") for key in keys)
    ]
    return mine, theirs


def evaluation_indicators(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    sequence: dict[int, int] = dict(p.rows("form_no, evaluation_sequence", "fct_project_evaluation"))
    found = p.rows(
        "form_no, indicator_no, level1_code, level2_printed, level3, target_printed, actual_printed, weight_printed,"
        " score_printed, deviation_note, stage",
        "fct_project_indicator",
    )
    codes = {"产出指标": "output", "效益指标": "benefit", "满意度指标": "satisfaction"}
    mine = [
        (sequence[f], n, level1, *(squash(v) for v in values))
        for f, n, level1, *values, stage in found
        if stage == "self_evaluation"
    ]
    keys = ("level2", "level3", "target", "actual", "weight", "score", "deviation")
    theirs = [
        (x["evaluation_seq"], x["seq"], codes[x["level1"]], *(squash(x.get(key)) for key in keys))
        for x in t.get("evaluation_indicators", [])
    ]
    return mine, theirs


def evaluation_summary(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows(
        "summary_unit_printed, summary_name_printed, summary_amount_printed, summary_score_printed, grade_printed",
        "fct_project_evaluation",
    )
    mine = [tuple(squash(v) for v in row) for row in found if row[1] is not None]
    keys = ("unit", "project_name", "funds", "score", "grade")
    return mine, [tuple(squash(x[key]) for key in keys) for x in t.get("evaluation_summary", [])]


def procurement(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows(
        "project_name, project_budget_printed, item_name, catalogue_code, unit_of_measure, quantity_printed,"
        " unit_price_printed, measure_printed, amount_printed, is_total",
        "fct_procurement_item",
    )
    mine = [
        (*(squash(v) for v in head), squash(measure.split("/")[-1]), amount)
        for *head, measure, amount, is_total in found
        if not is_total
    ]
    keys = ("project_name", "project_budget", "item", "catalogue_code", "unit", "quantity", "unit_price")
    theirs = [
        (*(squash(x[key]) for key in keys), squash(measure), amount)
        for x in t.get("procurement", [])
        for measure, amount in x["amounts"].items()
    ]
    return mine, theirs


def assets(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows("item_printed, quantity_printed, value_printed, as_of_printed", "fct_asset")
    mine = [(item(name), quantity, value, as_of) for name, quantity, value, as_of in found]
    theirs = [(item(x["item"]), x["quantity"], x["value"], x["as_of"]) for x in t.get("assets", [])]
    return mine, theirs


def department_goals(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows("section, goal_text, indicator_text", "fct_department_goal", "section_no")
    mine = [tuple(squash(v) for v in row) for row in found if not row[0].endswith("总体绩效目标")]
    keys = ("section", "goal", "indicator")
    return mine, [tuple(squash(x[key]) for key in keys) for x in t.get("department_goals", [])]


def overall_goal(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows("section, goal_text", "fct_department_goal", "section_no")
    mine = [(squash(goal),) for section, goal in found if section.endswith("总体绩效目标")]
    truth = t.get("overall_goal")
    text = truth["text"] if isinstance(truth, dict) else truth
    return mine, [(squash(text),)] if text else []


def narrative(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    """Money that prose states. Names of metrics are the labeller's own where the sentence leaves its subject out."""
    found = p.rows("amount_printed, figure_unit, change_printed, compared_with_year, source_locator",
                   "fct_narrative_figure", "figure_no")  # fmt: skip
    money = ("万元", "元", "万", "亿元")
    mine = [
        (amount, unit, change, str(year) if year else None) for amount, unit, change, year, _ in found if unit in money
    ]
    theirs = [
        (x["amount"], x["amount_unit"], x["delta"].lstrip("-") if x["delta"] else None, x["versus_year"])
        for x in t.get("narrative", [])
        if x["amount_unit"] in money
    ]
    return mine, theirs


def document(p: Published, t: Truth) -> tuple[list[Row], list[Row]]:
    found = p.rows("publisher_name, fiscal_year, fiscal_year_source, document_kind", "dim_document", "document_id")
    kinds = {"budget_disclosure": "budget", "performance_targets": "performance_target"}
    truth = t["document"]
    year = truth["fiscal_year"] or truth.get("fiscal_year_inferred")
    source = "printed" if truth["fiscal_year"] else "inferred"
    kind = kinds.get(truth["kind"], truth["kind"])
    return found, [(squash(truth["publisher"]), int(year), source, kind)]


COMPARISONS: list[Callable[[Published, Truth], tuple[list[Row], list[Row]]]] = [
    document, budget_lines, budget_amounts, three_public, projects, goal_counts, indicators, evaluations,
    evaluation_funds, evaluation_indicators, evaluation_summary, procurement, assets, department_goals, overall_goal,
    narrative,
]  # fmt: skip


@pytest.fixture(scope="module")
def published(request: pytest.FixtureRequest) -> Callable[[Path], Published]:
    def find(document: Path) -> Published:
        name = "samples_warehouse" if document.parent == SAMPLES else "seeds_warehouse"
        return Published(request.getfixturevalue(name), document)

    return find


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda compare: compare.__name__)
@pytest.mark.parametrize(("name", "path", "truth"), DOCUMENTS, ids=[name for name, _, _ in DOCUMENTS])
def test_every_value_is_there_and_none_besides(
    compare: Callable[[Published, Truth], tuple[list[Row], list[Row]]],
    name: str,
    path: Path,
    truth: Path,
    published: Callable[[Path], Published],
) -> None:
    mine, theirs = (Counter(rows) for rows in compare(published(path), json.loads(truth.read_text("utf-8"))))
    missing, extra = list((theirs - mine).elements()), list((mine - theirs).elements())
    assert (missing, extra) == ([], []), "\n".join(
        [f"{name}: {len(missing)} missing, {len(extra)} not in the truth"]
        + [f"- {row}" for row in missing[:20]]
        + [f"+ {row}" for row in extra[:20]]
    )


LOCATED = {
    "fct_budget_line": ["amount_printed"],
    "fct_three_public_expense": ["amount_printed"],
    "fct_project_spending_plan": ["printed"],
    "fct_project_indicator": ["target_printed"],
    "fct_procurement_item": ["amount_printed"],
    "fct_narrative_figure": ["amount_printed", "change_printed"],
    "fct_evaluation_fund": ["fund_source_printed"],
    "fct_department_goal": ["goal_text"],
    "fct_project_goal": ["goal_text"],
    "fct_asset": ["item_printed"],
}


def printed_at(lines: list[str], locator: str) -> str:
    """The text of a document at a locator, white space aside."""
    match = re.fullmatch(r"lines? (\d+)(?:-(\d+))?", locator)
    assert match, f"not a place in a text: {locator}"
    first, last = int(match[1]), int(match[2] or match[1])
    return squash("".join(lines[first - 1 : last])) or ""


def texts_at(facts: Published) -> Callable[[str], str]:
    """Locator → the text that stands there: in the file itself if it is text, else among the cells that were read."""
    if facts.document.suffix == ".txt":
        lines = re.split("\r\n|\r|\n", facts.document.read_text("utf-8"))
        return lambda locator: printed_at(lines, locator)
    found: dict[str, str] = {}
    for locator, text in facts.connection.execute(
        "select source_locator, cell_text from quality.qc_source_cell where document_id = ?", [facts.document_id]
    ).fetchall():
        found[locator] = found.get(locator, "") + (squash(text) or "")
    return found.__getitem__


@pytest.mark.parametrize("path", [path for _, path, _ in DOCUMENTS], ids=[name for name, _, _ in DOCUMENTS])
def test_every_locator_leads_to_the_printed_text(path: Path, published: Callable[[Path], Published]) -> None:
    facts = published(path)
    text_at = texts_at(facts)
    checked = 0
    for table, columns in LOCATED.items():
        for column in columns:
            for value, locator in facts.rows(f"{column}, source_locator", table, "1"):
                if value is not None:
                    assert (squash(value) or "") in text_at(locator), (table, value, locator)
                    checked += 1
    assert checked > 0


@pytest.mark.parametrize(
    ("path", "truth"), [places for _, *places in DOCUMENTS], ids=[name for name, _, _ in DOCUMENTS]
)
def test_indicators_stand_on_the_labelled_line(path: Path, truth: Path, published: Callable[[Path], Published]) -> None:
    labelled = json.loads(truth.read_text("utf-8"))
    lines = [
        x["line"] for x in labelled.get("indicators", []) + labelled.get("evaluation_indicators", []) if "line" in x
    ]
    if not lines:
        pytest.skip("the truth of this document has no line numbers")
    found = published(path).rows("source_locator", "fct_project_indicator", "form_no, indicator_no")
    assert [int(re.findall(r"\d+", locator)[0]) for (locator,) in found] == lines


@pytest.mark.parametrize("warehouse", ["samples_warehouse", "seeds_warehouse"])
def test_every_fact_carries_document_year_unit_and_place(warehouse: str, request: pytest.FixtureRequest) -> None:
    with connect(request.getfixturevalue(warehouse), read_only=True) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables"
                " where table_schema = 'marts' and table_name like 'fct%'"
            ).fetchall()
        ]
        assert len(tables) >= 12
        for table in tables:
            for column in ("document_id", "fiscal_year", "unit_key", "source_locator", "phase", "source_kind"):
                row = connection.execute(f"select count(*) from marts.{table} where {column} is null").fetchone()
                assert row == (0,), f"{row} rows of {table} have no {column}"


def test_the_summary_of_evaluations_is_joined_to_its_forms(seeds_warehouse: Path) -> None:
    """004: 13 summary rows, 12 forms; by score and amount all 12 have their row, and one project has no form."""
    with connect(seeds_warehouse, read_only=True) as connection:
        kinds = connection.execute(
            "select match_kind, count(*) from marts.fct_project_evaluation group by all order by all"
        ).fetchall()
        alone = connection.execute(
            "select summary_name_printed from marts.fct_project_evaluation where match_kind = 'summary'"
        ).fetchall()
    assert kinds == [("form+summary", 12), ("summary", 1)]
    assert alone == [("安保执勤接待工作专项",)]
