"""Layouts of projects and evaluations: printed texts → tables with the lines above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from simulation.grid import Grid, Ruled
from simulation.printed import MONTHS, Evaluation, Indicator, Project, labels
from simulation.tables import Values, evaluation_table, target_table

_TARGET_LABELS = {
    "project_code": "项目编码", "project_name": "项目名称", "purpose": "预算规模及资金用途", "budget": "预算数",
    "fiscal": "其中：财政资金", "other": "其他资金", "plan": "资金支出计划（%）", "goal": "绩效目标",
}  # fmt: skip
_TARGET_COLUMNS = {
    "level1": "一级指标", "level2": "二级指标", "level3": "三级指标", "description": "绩效指标描述", "target": "指标值",
    "basis": "指标值确定依据",
}  # fmt: skip
_EVALUATION_LABELS = {
    "project_name": "项目名称", "department": "主管部门", "implementer": "实施单位", "funds": "项目资金（万元）",
    "goal": "年度总体目标", "expected": "预期目标", "achieved": "实际完成情况",
    "indicators": "绩效指标", "total": "总分",
}  # fmt: skip
_EVALUATION_COLUMNS = {
    "level1": "一级指标", "level2": "二级指标", "level3": "三级指标", "target": "年度指标值", "actual": "实际完成值",
    "weight": "分值", "score": "得分", "deviation": "偏差原因分析及改进措施",
}  # fmt: skip
_FUND_COLUMNS = {
    "initial": "年初预算数", "annual": "全年预算数", "executed": "全年执行数", "weight": "分值", "rate": "执行率",
    "score": "得分",
}  # fmt: skip


def hebei_target(project: Project) -> Grid:
    """Hebei: code and name, money with its purpose, plan, goals, indicators with description and basis."""
    goals = [f"{number}.{goal}" for number, goal in enumerate(project.goals, start=1)]
    return _target(project, _TARGET_LABELS, _TARGET_COLUMNS, project.purpose, goals)


def prose_target(project: Project) -> Grid:
    """The same with the amounts in the sentence of the purpose."""
    named = {key: label for key, label in _TARGET_LABELS.items() if key not in ("budget", "fiscal", "other")}
    labels_ = {**named, "purpose": "资金用途", "plan": "资金支出计划（累计%）"}
    money = f"预算数{project.budget}万元，财政资金{project.fiscal}万元（本级资金{project.fiscal}万元），"
    columns = {**_TARGET_COLUMNS, "target": "指标值/描述"}
    return _target(project, labels_, columns, money + project.purpose.replace("用于", "主要用于", 1), project.goals)


def _target(project: Project, names: Values, columns: Values, purpose: str, goals: Sequence[str]) -> Grid:
    values = {
        "project_code": project.code, "project_name": project.name, "budget": project.budget, "fiscal": project.fiscal,
        "other": project.other, "purpose": purpose,
    }  # fmt: skip
    plan = list(zip(MONTHS, project.plan, strict=True))
    return target_table(names, columns, values, plan, goals, _rows(project.indicators))


def _rows(indicators: Sequence[Indicator]) -> list[dict[str, str]]:
    """Indicators with merged levels: a label stands where it changes, blanks below it."""
    return [
        {
            **{key: value for key, value in asdict(indicator).items() if key != "level"},
            "level1": level1,
            "level2": level2,
        }
        for (level1, level2), indicator in zip(labels(indicators), indicators, strict=True)
    ]


def gansu_target(project: Project, unit_name: str) -> Grid:
    """Gansu: no code, money by source, one goal, indicators without description."""
    table = Ruled()
    table.row(("项目名称", 12), (project.name, 60))
    table.row(("主管部门", 12), (unit_name, 28), ("实施单位", 12), (unit_name, 20))
    table.down[2, 0] = 3
    for label, value in (
        ("年度资金总额", project.budget),
        ("其中：财政拨款", project.fiscal),
        ("其他资金", project.other),
    ):
        table.row(("项目资金（万元）", 12), (label, 28), (value, 32))
    table.row(("年度绩效目标", 12), ("".join(project.goals), 60))
    table.row(("一级指标", 12), ("二级指标", 16), ("三级指标", 24), ("指标值", 20))
    first = len(table.rows)
    for row in _rows(project.indicators):
        table.row((row["level1"], 12), (row["level2"], 16), (row["level3"], 24), (row["target"], 20))
    table.merge_down(0, first, len(table.rows) - 1)
    return table.grid()


def shanghai_target(project: Project, unit_name: str, year: int) -> Grid:
    """Shanghai: nature and dates, money of the project beside that of the year in 元, goals side by side."""
    table = Ruled()
    table.row(
        ("项目名称", 16), (project.name, 24), ("项目性质", 10), ("经常性项目", 14), ("项目类别", 10), ("特定目标类", 14)
    )
    table.row(("主管部门", 16), (unit_name, 24), ("实施单位", 10), (unit_name, 38))
    table.row(("计划开始日期", 16), (f"{year}-01-01", 24), ("计划完成日期", 10), (f"{year}-12-31", 38))
    table.down[3, 0] = 4
    for left, right, total, now in (
        ("项目资金总额", "年度资金申请总额", project.budget, project.budget),
        ("其中：财政资金", "其中：当年财政拨款", project.fiscal, project.fiscal),
        ("", "上年结转资金", "", "0.00"),
        ("其他资金", "其他资金", project.other, project.other),
    ):
        table.row(("项目资金（元）", 16), (left, 14), (total, 20), (right, 20), (now, 18))
    table.down[7, 0] = 2
    table.row(("项目绩效目标", 16), ("项目总目标", 34), ("年度总体目标", 38))
    table.row(("", 16), (project.goals[0], 34), ("".join(project.goals), 38))
    first = len(table.rows)
    table.row(("绩效指标", 16), ("一级指标", 14), ("二级指标", 20), ("三级指标", 20), ("年度(/项目)指标值", 18))
    for row in _rows(project.indicators):
        table.row(("", 16), (row["level1"], 14), (row["level2"], 20), (row["level3"], 20), (row["target"], 18))
    table.down[first, 0] = len(table.rows) - first
    table.merge_down(1, first + 1, len(table.rows) - 1)
    return table.grid()


def evaluation_grid(evaluation: Evaluation) -> Grid:
    """A self-evaluation as one ruled table; the weight of a first level stands behind its name."""
    weights = dict(evaluation.level_weights)
    indicators = _rows(evaluation.indicators)
    for row in indicators:
        if row["level1"] in weights:
            row["level1"] += f" {weights[row['level1']]}分"
    values = {
        "project_name": evaluation.name, "department": evaluation.department, "implementer": evaluation.implementer,
        "expected": evaluation.expected, "achieved": evaluation.achieved, "total_weight": evaluation.total_weight,
        "total_score": evaluation.total_score,
    }  # fmt: skip
    funds = [asdict(fund) for fund in evaluation.funds]
    return evaluation_table(_EVALUATION_LABELS, _EVALUATION_COLUMNS, _FUND_COLUMNS, values, funds, indicators)
