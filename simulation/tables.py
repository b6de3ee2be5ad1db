"""Tables as they are laid out: forms of columns, project targets, self-evaluations. Printed texts in, a Grid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from simulation.grid import Grid, Ruled, shared_out, width_of

INDEX = "栏次"
Values = Mapping[str, str]


def columns_table(
    paths: Sequence[Sequence[str]],
    body: Sequence[Sequence[str]],
    index: bool = False,
    total_at: int | None = None,
) -> Grid:
    """A form of columns: group headers merged over their columns, single headers downwards, then a row an item.

    `index`: a row of column numbers below the header. `total_at`: the column of codes; where it is blank beside a
    name (合计 has no code), one cell stands for both.
    """
    depth = max(len(path) for path in paths)
    widths = [
        max(6, min(24, max(width_of(path[-1]) // 2 + 2, *(width_of(row[at]) + 2 for row in body)) if body else 10))
        for at, path in enumerate(paths)
    ]
    table = Ruled()
    for level in range(depth):
        row: list[tuple[str, int]] = []
        groups = groupby(
            range(len(paths)), key=lambda at: tuple(paths[at][: level + 1]) if level < len(paths[at]) else at
        )
        for _, members in groups:
            group = list(members)
            label = paths[group[0]][level] if level < len(paths[group[0]]) else ""
            if label and len(paths[group[0]]) == level + 1 < depth:
                table.down[level, len(row)] = depth - level
            row.append((label, sum(widths[at] for at in group)))
        table.row(*row)
    if index:
        table.row(*((INDEX if at == 0 else str(at), width) for at, width in enumerate(widths)))
    header = len(table.rows)
    for line in body or [[""] * len(paths)]:
        cells = list(zip(line, widths, strict=True))
        if total_at is not None and not line[total_at] and line[total_at + 1]:
            cells[total_at : total_at + 2] = [(line[total_at + 1], widths[total_at] + widths[total_at + 1])]
        table.row(*cells)
    return table.grid(header)


_LEVEL_COLUMNS = {"level1": 10, "level2": 10, "level3": 15, "description": 20, "target": 10, "basis": 15}


def target_table(
    labels: Values, columns: Values, project: Values, plan: Sequence[tuple[str, str]], goals: Sequence[str],
    indicators: Sequence[Values],
) -> Grid:  # fmt: skip
    """A project target: rows of labels and values of their own widths above the indicators.

    `labels` and `columns` are the printed names of those parts that the table has; `plan` is (month, share)…; merged
    levels are blank in `indicators`.
    """
    widths = {code: width for code, width in _LEVEL_COLUMNS.items() if code in columns}
    table = Ruled()
    total, label = sum(widths.values()), widths["level1"]
    rest = total - label
    table.row(
        (labels["project_code"], label),
        (project.get("project_code", ""), 25),
        (labels["project_name"], 10),
        (project["project_name"], rest - 35),
    )
    money = [code for code in ("budget", "fiscal", "local", "other") if code in labels]
    purpose = project.get("purpose", "")
    if money:
        table.down[len(table.rows), 0] = 2
        cells = [cell for code in money for cell in (labels[code], project.get(code, ""))]
        table.row((labels["purpose"], label), *shared_out(cells, rest))
        table.row(("", label), (purpose, rest))
    elif "purpose" in labels:
        table.row((labels["purpose"], label), (purpose, rest))
    if "plan" in labels:
        table.down[len(table.rows), 0] = 2
        table.row((labels["plan"], label), *shared_out([month for month, _ in plan], rest))
        table.row(("", label), *shared_out([share for _, share in plan], rest))
    if "goal" in labels:
        table.row((labels["goal"], label), ("\n".join(goals), rest))
    table.row(*((columns[code], width) for code, width in widths.items()))
    first = len(table.rows)
    for row in indicators:
        table.row(*((row.get(code, ""), width) for code, width in widths.items()))
    for position in (0, 1):
        table.merge_down(position, first, len(table.rows) - 1)
    return table.grid()


_EVALUATION = {
    "level1": 9, "level2": 11, "level3": 18, "target": 12, "actual": 12, "weight": 8, "score": 8, "deviation": 12,
}  # fmt: skip
_FUNDS = {"initial": 18, "annual": 12, "executed": 12, "weight": 8, "rate": 8, "score": 12}
_SIDE = 8  # the column of 项目资金, 年度总体目标 and 绩效指标


def evaluation_table(
    labels: Values, columns: Values, fund_columns: Values, evaluation: Values, funds: Sequence[Values],
    indicators: Sequence[Values],
) -> Grid:  # fmt: skip
    """A self-evaluation: funds, goals and indicators, each block beside its label."""
    rest = sum(_EVALUATION.values())
    table = Ruled()
    table.row((labels["project_name"], _SIDE), (evaluation.get("project_name", ""), rest))
    half = _EVALUATION["level1"] + _EVALUATION["level2"] + _EVALUATION["level3"]
    table.row(
        (labels["department"], _SIDE),
        (evaluation.get("department", ""), half),
        (labels["implementer"], 24),
        (evaluation.get("implementer", ""), rest - half - 24),
    )
    source = rest - sum(_FUNDS.values())
    table.down[len(table.rows), 0] = len(funds) + 1
    heads = ((fund_columns[code], width) for code, width in _FUNDS.items())
    table.row((labels["funds"], _SIDE), ("", source), *heads)
    for fund in funds:
        amounts = ((fund.get(code, ""), width) for code, width in _FUNDS.items())
        table.row(("", _SIDE), (fund["source"], source), *amounts)
    table.down[len(table.rows), 0] = 2
    table.row((labels["goal"], _SIDE), (labels["expected"], half), (labels["achieved"], rest - half))
    table.row(("", _SIDE), (evaluation.get("expected", ""), half), (evaluation.get("achieved", ""), rest - half))
    first = len(table.rows)
    table.row((labels["indicators"], _SIDE), *((columns[code], width) for code, width in _EVALUATION.items()))
    for row in indicators:
        table.row(("", _SIDE), *((row.get(code, ""), width) for code, width in _EVALUATION.items()))
    table.down[first, 0] = len(table.rows) - first
    for position in (1, 2):
        table.merge_down(position, first + 1, len(table.rows) - 1)
    weights = (evaluation.get("total_weight", ""), 8), (evaluation.get("total_score", ""), 8), ("", 12)
    table.row((labels["total"], _SIDE + half + 24), *weights)
    return table.grid()
