"""Errors as people make them, planted on request. Each is listed in the truth with both figures and the finding that
should name it. An error stands in one printed figure; other comparisons with that figure fail with it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.documents import Document
    from simulation.sheet import Cell, Sheet

_WAN = re.compile(r"(年支出预算)([0-9.]+)万元")


def _random(document: Document, seed: int, what: str) -> random.Random:
    return random.Random(f"{what}|{seed}|{document.unit.number}|{document.year}|{document.kind}")


def share_of(what: str, seed: int, document: Document) -> float:
    """A number from 0 to 1 that is the document's own: below a share, it is part of that share."""
    return _random(document, seed, what).random()


def plant(document: Document, seed: int, kinds: Sequence[str], share: float) -> None:
    """Plants one error of the `kinds` (all if none is named) that the document can have, if it is of the share."""
    if share_of("error", seed, document) >= share:
        return
    possible = list(kinds or KINDS)
    draw = _random(document, seed, "kind")
    draw.shuffle(possible)
    for kind in possible:
        if KINDS[kind](document, draw):
            return


def amend(document: Document) -> None:
    """The document as it is published again: a remark says so. What was planted is corrected."""
    document.parts.append(f"本文件于{document.year + 1}年更正后重新发布。")


def _number(cell: Cell) -> Decimal:
    return Decimal(cell.text.replace(",", ""))


def _changed(sheet: Sheet, cell: Cell, draw: random.Random) -> None:
    """Adds one to nine in the second digit: large enough to be no rounding, small enough to be believed."""
    fen = int(_number(cell) * (100 if sheet.money_unit == "元" else 1_000_000))
    digit = 10 ** max(len(str(fen)) - 2, 0)
    cell.change(fen + digit * draw.randint(1, 9), sheet.money_unit, sheet.thousands)


def _tell(document: Document, kind: str, finding: str, place: str, printed: str, other: str) -> bool:
    document.planted.append(
        {"kind": kind, "finding_code": finding, "place": place, "printed": printed, "other": other}
    )  # fmt: skip
    return True


def _contradiction(document: Document, draw: random.Random) -> bool:
    """One class in the totals and in the form of expenditure."""
    for first, second in (("B_TOTAL", "B_EXPEND"), ("F_TOTAL", "F_EXPEND")):
        totals, classes = document.sheet(first), document.sheet(second)
        if totals is None or classes is None:
            continue
        for row in classes.rows:
            cell = next((cell for cell in row if cell.fact and cell.fact["measure_code"] == "total"), None)
            if cell is None or cell.fact is None or len(cell.fact["class_code"] or "") != 3:
                continue
            name = cell.fact["class_name"]
            for other in totals.cells():
                if (
                    other.fact
                    and other.fact["side"] == "expenditure"
                    and other.fact["class_name"].endswith("、" + name)
                ):
                    _changed(totals, other, draw)
                    return _tell(
                        document, "contradiction", "cross_form_total", f"{first}: {name}", other.text, cell.text
                    )
    return False


def _sum(document: Document, draw: random.Random) -> bool:
    """A class of the second level and those below it."""
    sheets = [
        sheet for sheet in document.sheets() if sheet.code in ("B_EXPEND", "B_GPB_FUNC", "B_FISCAL_FUNC", "F_EXPEND")
    ]
    draw.shuffle(sheets)
    for sheet in sheets:
        amounts = {
            str(cell.fact["class_code"]): cell
            for cell in sheet.cells()
            if cell.fact and cell.fact["measure_code"] in ("total", "amount") and cell.fact["class_code"]
        }
        groups = [code for code in amounts if len(code) == 5]
        if not groups:
            continue
        code = draw.choice(groups)
        below = sum(
            (_number(cell) for other, cell in amounts.items() if len(other) == 7 and other[:5] == code), Decimal()
        )
        _changed(sheet, amounts[code], draw)
        return _tell(document, "sum", "class_sum", f"{sheet.code}: {code}", amounts[code].text, str(below))
    return False


def _three_public(document: Document, draw: random.Random) -> bool:
    """The total of “三公” and its items."""
    sheet = document.sheet("B_3P")
    cell = sheet.find(item_code="total", fund_code="total") if sheet else None
    if sheet is None or cell is None:
        return False
    before = cell.text
    _changed(sheet, cell, draw)
    return _tell(document, "three_public", "three_public_sum", "B_3P: total", cell.text, before)


def _said(document: Document, change: Callable[[str], str], kind: str, finding: str) -> bool:
    """Total expenditure in prose."""
    for at, part in enumerate(document.parts):
        if isinstance(part, str) and (found := _WAN.search(part)):
            printed = change(found[2])
            document.parts[at] = part[: found.start(2)] + printed + part[found.end() :]
            return _tell(document, kind, finding, "prose: total expenditure", printed, f"{found[2]}万元")
    return False


def _narrative(document: Document, draw: random.Random) -> bool:
    more = draw.randint(2, 9)
    return _said(document, lambda text: f"{Decimal(text) + more}万元", "narrative", "narrative_against_table")


def _unit_slip(document: Document, _: random.Random) -> bool:
    return _said(document, lambda text: f"{text}元", "unit_slip", "narrative_unit_slip")


def _plan(document: Document, _: random.Random) -> bool:
    """A spending plan that does not end at 100 per cent."""
    facts = document.other.get("project_plan", [])
    for at, target in enumerate(document.targets):
        if target.plan[-1] == "100%" and facts:
            document.targets[at] = replace(target, plan=(*target.plan[:-1], "95%"))
            last = next(row for row in facts if row["project_name"] == target.name and row["plan_month"] == 12)
            last["cumulative_pct"] = 95
            return _tell(document, "plan", "plan_never_100", target.name, "95%", "100")
    return False


def _code(document: Document, draw: random.Random) -> bool:
    """A functional class in the column of project codes."""
    facts = document.other.get("project", [])
    if document.kind != "performance_target" or not facts or not facts[0]["project_code"]:
        return False
    at = draw.randrange(len(facts))
    code = document.unit.sector.classes[0]
    document.targets[at] = replace(document.targets[at], code=code)
    facts[at]["project_code"] = code
    return _tell(document, "code", "project_code_is_class", facts[at]["project_name"], code, "")


def _score(document: Document, draw: random.Random) -> bool:
    """A score above its weight."""
    if not document.evaluations:
        return False
    at = draw.randrange(len(document.evaluations))
    evaluation = document.evaluations[at]
    first, *rest = evaluation.indicators
    score = str(Decimal(first.weight) + 5)
    document.evaluations[at] = replace(evaluation, indicators=(replace(first, score=score), *rest))
    name = document.other["project_evaluation"][at]["project_name"]
    facts = document.other["project_indicator"]
    next(row for row in facts if row["project_name"] == name and row["indicator_no"] == 1)["score"] = Decimal(score)
    return _tell(document, "score", "score_above_weight", f"{name}: {first.level3}", score, first.weight)


def _weight(document: Document, draw: random.Random) -> bool:
    """A printed sum of weights that is not 100."""
    if not document.evaluations:
        return False
    at = draw.randrange(len(document.evaluations))
    document.evaluations[at] = replace(document.evaluations[at], total_weight="95")
    name = document.other["project_evaluation"][at]["project_name"]
    return _tell(document, "weight", "weight_total_not_100", name, "95", "100")


def _grade(document: Document, draw: random.Random) -> bool:
    """A grade that does not follow the scale."""
    if not document.summary:
        return False
    at = draw.randrange(len(document.summary))
    grade = "差" if document.summary[at][-1] != "差" else "优"
    document.summary[at] = [*document.summary[at][:-1], grade]
    evaluation = document.other["project_evaluation"][at]
    evaluation["grade_printed"] = grade
    return _tell(document, "grade", "grade_against_score", evaluation["project_name"], grade, document.summary[at][-2])


KINDS: dict[str, Callable[[Document, random.Random], bool]] = {
    "contradiction": _contradiction, "sum": _sum, "three_public": _three_public, "narrative": _narrative,
    "unit_slip": _unit_slip, "plan": _plan, "code": _code, "score": _score, "weight": _weight, "grade": _grade,
}  # fmt: skip
