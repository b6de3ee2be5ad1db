"""Writers of the three text dialects, for round trips: facts in, a document in that layout out.

They share no code with the readers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

HEADER = ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"]
MONTHS = ["3月底", "6月底", "10月底", "12月底"]
LEVELS = [
    ("产出指标", "数量指标"), ("产出指标", "质量指标"), ("产出指标", "时效指标"), ("产出指标", "成本指标"),
    ("效益指标", "社会效益指标"), ("效益指标", "可持续影响指标"), ("满意度指标", "服务对象满意度指标"),
]  # fmt: skip


@dataclass(frozen=True)
class Indicator:
    """An indicator row; `level` is an index into LEVELS."""

    level: int
    level3: str
    description: str
    target: str
    basis: str
    actual: str = ""
    weight: str = ""
    score: str = ""


@dataclass(frozen=True)
class Project:
    code: str
    name: str
    budget: str
    fiscal: str
    purpose: str
    plan: tuple[str, ...]
    goals: tuple[str, ...]
    indicators: tuple[Indicator, ...] = field(default=())


def labels(indicators: Sequence[Indicator]) -> list[tuple[str, str]]:
    """Level 1 and 2 as a merged table prints them: level 1 only where it changes."""
    printed = []
    before = None
    for indicator in indicators:
        level1, level2 = LEVELS[indicator.level]
        printed.append((level1 if level1 != before else "", level2))
        before = level1
    return printed


def cell_per_line(projects: Sequence[Project]) -> str:
    """One cell a line behind a TAB; a blank line ends a row."""
    lines = ["某某局", "", "2024年部门预算绩效文本", ""]

    def row(*cells: str) -> None:
        lines.extend("\t" + cell for cell in cells)
        lines.append("")

    for number, p in enumerate(projects, start=1):
        lines.append(f"{number}、{p.name}绩效目标表")
        row("单位：万元")
        row("项目编码", p.code, "项目名称", p.name)
        row("预算规模及资金用途", "预算数", p.budget, "其中：财政资金", p.fiscal, "其他资金", "")
        row("", p.purpose)
        row("资金支出计划（%）", *MONTHS)
        row("", *p.plan)
        lines.append("\t绩效目标")
        lines.append("\t" + "\n".join(f"{n}.{goal}" for n, goal in enumerate(p.goals, start=1)))
        lines.append("")
        row(*HEADER)
        for (level1, level2), i in zip(labels(p.indicators), p.indicators, strict=True):
            row(level1, level2, i.level3, i.description, i.target, i.basis)
        lines += ["", ""]
    return "\n".join(lines)


def wrap(text: str, width: int) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)] or [""]


def wrapped(projects: Sequence[Project]) -> str:
    """Text copied out of a PDF: narrow columns are wrapped; a blank line stands before each line of a wrapped cell."""
    out = ["某某局", "", "", ""]

    def cell(text: str, width: int) -> None:
        parts = wrap(text, width)
        if len(parts) > 1:
            for part in parts:
                out.extend(["", part])
        else:
            out.append(parts[0])

    for p in projects:
        out += ["", "", "", "项目", "", "编码", f"{p.code} 预算项目名称 {p.name}", "", "项目资金", "", "主要用途"]
        out += [f"预算数 {p.budget} 万元。其中：财政资金 {p.fiscal} 万元。{p.purpose}", "", "资金支出", "", "计划（%）"]
        out += ["", " ".join(MONTHS), "", " ".join(value or "%" for value in p.plan), "", "绩效", "", "目标"]
        out += ["".join(p.goals), "", "一级", "", "指标", "", "二级指", "", "标"]
        out += ["三级指标 绩效指标描述 指标值", "", "指标值确", "", "定依据"]
        for (level1, level2), i in zip(labels(p.indicators), p.indicators, strict=True):
            if level1:
                out += ["", level1[:2], "", level1[2:]] if len(level1) == 4 else ["", level1[:4], "", level1[4:]]
            out += ["", level2[:3], "", level2[3:]]
            if len(i.level3) > 6:
                cell(i.level3, 6)
                out.append(f"{i.description} {i.target} {i.basis}")
            else:
                out.append(f"{i.level3} {i.description} {i.target} {i.basis}")
        out += [""]
    return "\n".join(out)


def rows_with_tabs(projects: Sequence[Project], shift: Callable[[int], int]) -> str:
    """A self-evaluation: one row a line, cells between TABs, each indicator row `shift`ed to the right."""
    out = ["某某局 2021年度项目绩效自评工作报告", ""]

    def row(*cells: str) -> None:
        out.append("\t".join([*cells, *[""] * (10 - len(cells))][:10]))

    for p in projects:
        out += [f"{p.name}项目支出绩效自评表", "", "(2021 年度)", ""]
        row("项目名称", "", f"[{p.code}]{p.name}")
        row("主管部门", "", "某某处", "", "实施单位", "某某科")
        row("项目资金 (万元)", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
        row("", "年度资金总额", p.budget, p.budget, p.fiscal, "10分", "100%", "10")
        row("", "其中：当年财政拨款", p.budget, p.budget, p.fiscal, "—", "", "—")
        row("", "上年结转资金", "", "", "", "—", "", "—")
        row("", "其他资金", "", "", "", "—", "", "—")
        row("年度 总体 目标", "预期目标", "", "", "实际完成情况")
        row("", p.goals[0], "", "", p.purpose)
        row("绩效 指标", "一级指标", "二级指标", "三级指标", "年度 指标值", "实际 完成值", "分 值", "得 分", "偏差原因")
        for number, ((level1, level2), i) in enumerate(zip(labels(p.indicators), p.indicators, strict=True)):
            label1 = f"{level1} 50分" if level1 else ""
            head = [""] * shift(number) + ([label1, level2] if label1 else ["", level2])
            row(*head, i.level3, i.target, i.actual, i.weight, i.score)
            row("", "", "", f"指标 {number + 2}:")
        row("总分", "", "", "", "", "100", "95")
        out += ["", ""]
    return "\n".join(out)
