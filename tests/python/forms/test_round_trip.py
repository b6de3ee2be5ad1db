"""Random facts printed in each dialect are read back equal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.extract import extract_bytes
from simulation.layouts import hebei_target
from simulation.printed import Evaluation, Fund, Indicator, Project
from simulation.sheet import Line
from simulation.targets import LEVELS
from simulation.writers.text import as_text, rows_with_tabs, wrapped

if TYPE_CHECKING:
    from simulation.grid import Block

# Characters of plain names: none of them makes up a label, a unit or a number.
NAMES = "城乡道路养护河湖绿化书画展演图馆设备采购维修培训宣传巡查应急照明排水"
PLANS = ["25%", "50%", "100%", "0%", ""]


def name(minimum: int, maximum: int) -> st.SearchStrategy[str]:
    return st.text(st.sampled_from(NAMES), min_size=minimum, max_size=maximum)


money = st.decimals(min_value=0, max_value=99999, places=2).map(lambda value: f"{value:.2f}")
target = st.one_of(
    st.integers(1, 100).map(lambda n: f"≥{n}%"),
    st.integers(1, 9999).map(lambda n: f"{n}次"),
    st.sampled_from(["100%", "完成", "及时", "良好", "≤3.5万元"]),
)


@st.composite
def indicators(draw: st.DrawFn, widest: int) -> tuple[Indicator, ...]:
    levels = sorted(draw(st.lists(st.integers(0, len(LEVELS) - 1), min_size=1, max_size=6)))
    return tuple(
        Indicator(
            level=level,
            level3=draw(name(2, widest)),
            description=draw(name(7, 16)),
            target=draw(target),
            basis=draw(st.sampled_from(["年度计划", "上级文件", "服务协议", "工作方案"])),
            actual=draw(st.sampled_from(["100%", "12次", "完成"])),
            weight=draw(st.sampled_from(["10", "20", "5"])),
            score=draw(st.sampled_from(["10", "9.5", "5"])),
        )
        for level in levels
    )


@st.composite
def projects(draw: st.DrawFn, widest: int = 14) -> list[Project]:
    count = draw(st.integers(1, 3))
    return [
        Project(
            code=f"13999924P00{draw(st.integers(10**8, 10**9 - 1))}{number}",
            name=draw(name(4, 10)),
            budget=draw(money),
            fiscal=draw(money),
            purpose="主要用于" + draw(name(6, 20)) + "。",
            plan=tuple(draw(st.sampled_from(PLANS)) for _ in range(4)),
            goals=tuple(draw(name(6, 18)) + "。" for _ in range(draw(st.integers(1, 3)))),
            indicators=draw(indicators(widest)),
        )
        for number in range(count)
    ]


def squash(text: object) -> str:
    return re.sub(r"\s", "", str(text or ""))


def filled(rows: list[dict[str, object]]) -> list[tuple[str, ...]]:
    """Indicator rows with the levels carried down, as a reader of the table would."""
    out = []
    level1 = level2 = ""
    form = None
    for row in rows:
        if row["form_no"] != form:
            form, level1, level2 = row["form_no"], "", ""
        level1, level2 = str(row["level1_printed"] or level1), str(row["level2_printed"] or level2)
        out.append((level1, level2, *(squash(row.get(f"{key}_printed")) for key in COLUMNS)))
    return out


COLUMNS = ("level3", "description", "target", "basis", "actual", "weight", "score")
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def evaluated(p: Project) -> Evaluation:
    return Evaluation(
        name=f"[{p.code}]{p.name}",
        department="某某处",
        implementer="某某科",
        funds=(
            Fund("年度资金总额", p.budget, p.budget, p.fiscal, "10分", "100%", "10"),
            Fund("其中：当年财政拨款", p.budget, p.budget, p.fiscal, "—", "", "—"),
            Fund("上年结转资金", "", "", "", "—", "", "—"),
            Fund("其他资金", "", "", "", "—", "", "—"),
        ),
        expected=p.goals[0],
        achieved=p.purpose,
        indicators=p.indicators,
        level_weights=tuple((level1, "50") for level1, _ in LEVELS),
        total_weight="100",
        total_score="95",
    )


def check_targets(expected: list[Project], text: bytes, sentence: bool) -> None:
    rows = extract_bytes(text)
    assert [(p["project_code_printed"], squash(p["project_name_printed"])) for p in rows["project"]] == [
        (p.code, p.name) for p in expected
    ]
    if sentence:
        purposes = [f"预算数{p.budget}万元。其中：财政资金{p.fiscal}万元。{p.purpose}" for p in expected]
    else:
        purposes = [p.purpose for p in expected]
        assert [(p["budget_printed"], p["fiscal_printed"]) for p in rows["project"]] == [
            (p.budget, p.fiscal) for p in expected
        ]
    assert [squash(p["purpose_printed"]) for p in rows["project"]] == purposes
    assert [squash(r["plan_printed"]) for r in rows["project_plan"]] == [v for p in expected for v in p.plan]
    assert filled(rows["project_indicator"]) == [
        (*LEVELS[i.level], i.level3, i.description, i.target, i.basis, "", "", "")
        for p in expected
        for i in p.indicators
    ]


@SETTINGS
@given(projects())
def test_one_cell_a_line(expected: list[Project]) -> None:
    blocks: list[Block] = ["某某局", "2024年部门预算绩效文本"]
    for number, project in enumerate(expected, start=1):
        blocks += [f"{number}、{project.name}绩效目标表", Line("单位：万元"), hebei_target(project)]
    text = as_text(blocks)
    check_targets(expected, text, sentence=False)
    goals = [squash(r["goal_printed"]) for r in extract_bytes(text)["project_goal"]]
    assert goals == [f"{n}.{goal}" for p in expected for n, goal in enumerate(p.goals, start=1)]


@SETTINGS
@given(projects(widest=11))
def test_wrapped_lines_of_a_pdf(expected: list[Project]) -> None:
    check_targets(expected, wrapped(expected), sentence=True)


@SETTINGS
@given(projects(), st.lists(st.integers(0, 2), min_size=8, max_size=8))
def test_shifted_rows_with_tabs(expected: list[Project], shifts: list[int]) -> None:
    text = rows_with_tabs([evaluated(p) for p in expected], lambda number: shifts[number % len(shifts)])
    rows = extract_bytes(text)
    assert [row["project_name_printed"] for row in rows["evaluation"]] == [f"[{p.code}]{p.name}" for p in expected]
    assert [(r["initial_printed"], r["executed_printed"]) for r in rows["evaluation_fund"] if r["rate_printed"]] == [
        (p.budget, p.fiscal) for p in expected
    ]
    assert filled(rows["project_indicator"]) == [
        (*LEVELS[i.level], i.level3, "", i.target, "", i.actual, i.weight, i.score)
        for p in expected
        for i in p.indicators
    ]
    assert [(r["total_weight_printed"], r["total_score_printed"]) for r in rows["evaluation"]] == [
        ("100", "95") for _ in expected
    ]
