"""Text in three dialects: one cell a line, rows with TABs, and text copied out of a PDF.

They share no code with the readers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from simulation.grid import Block, Grid
from simulation.printed import MONTHS, Evaluation, Project, labels
from simulation.sheet import Line

TABS = 10  # cells of a row with TABs


def as_text(blocks: Sequence[Block]) -> bytes:
    """One cell a line behind a TAB, a blank line behind each row and paragraph. A cell merged downwards leaves blanks
    below it; one merged to the right is one cell, but in headers of one or three rows it is repeated, as some
    converters do."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Grid):
            if lines and lines[-1].startswith("\t"):
                lines.append("")
            for row in _rows(block):
                lines += ["\t" + text for text in row]
                lines.append("")
            lines.append("")
        else:
            if lines and not isinstance(block, Line) and lines[-1] and not lines[-1].startswith("\t"):
                lines.append("")
            lines.append(f"\t{block}" if isinstance(block, Line) else block)
    return ("\n".join(lines) + "\n").encode()


def _rows(grid: Grid) -> list[list[str]]:
    cells: list[list[tuple[int, str]]] = [[] for _ in range(grid.rows)]
    for box in grid.boxes:
        for row in range(box.row, box.row + box.rows):
            for column in range(box.column, box.column + (box.columns if row < grid.header != 2 else 1)):
                cells[row].append((column, box.text if row == box.row else ""))
    return [[text for _, text in sorted(row)] for row in cells]


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of `width` characters; an empty one is one empty line."""
    return [text[start : start + width] for start in range(0, len(text), width)] or [""]


def wrapped(projects: Sequence[Project], head: Sequence[str] = ("某某局",)) -> bytes:
    """Text copied out of a PDF: narrow columns are wrapped; a blank line stands before each line of a wrapped cell."""
    out = [*head, "", "", ""]

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
    return "\n".join(out).encode()


def rows_with_tabs(
    evaluations: Sequence[Evaluation],
    shift: Callable[[int], int],
    year: int = 2021,
    head: Sequence[str] = ("某某局 2021年度项目绩效自评工作报告",),
) -> bytes:
    """Self-evaluations: one row a line, cells between TABs, each indicator row `shift`ed to the right. `head` are the
    lines above the first table."""
    out = [*head, ""]

    def row(*cells: str) -> None:
        out.append("\t".join([*cells, *[""] * (TABS - len(cells))][:TABS]))

    for e in evaluations:
        out += [f"{e.name.rpartition(']')[2]}项目支出绩效自评表", "", f"({year} 年度)", ""]
        row("项目名称", "", e.name)
        row("主管部门", "", e.department, "", "实施单位", e.implementer)
        row("项目资金 (万元)", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
        for fund in e.funds:
            row("", *asdict(fund).values())
        row("年度 总体 目标", "预期目标", "", "", "实际完成情况")
        row("", e.expected, "", "", e.achieved)
        row("绩效 指标", "一级指标", "二级指标", "三级指标", "年度 指标值", "实际 完成值", "分 值", "得 分", "偏差原因")
        weights = dict(e.level_weights)
        for number, ((level1, level2), i) in enumerate(zip(labels(e.indicators), e.indicators, strict=True)):
            level = f"{level1} {weights[level1]}分" if level1 in weights else level1
            head_cells = [""] * shift(number) + ([level, level2] if level else ["", level2])
            row(*head_cells, i.level3, i.target, i.actual, i.weight, i.score, i.deviation)
            row("", "", "", f"指标 {number + 2}:")
        row("总分", "", "", "", "", e.total_weight, e.total_score)
        out += ["", ""]
    return "\n".join(out).encode()
