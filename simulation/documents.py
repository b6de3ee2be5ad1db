"""The documents of a unit and year: budget, project targets, final account, self-evaluations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from simulation import facts, layouts, money, printed
from simulation.forms import dialects, forms_of, ordinal, scope_of
from simulation.grid import Block, Grid
from simulation.sheet import Cell, Fact, Line, Part, Sheet, Table
from simulation.tables import columns_table
from simulation.targets import LEVELS
from simulation.writers import FORMATS
from simulation.writers.text import as_text, rows_with_tabs, wrapped

_HEADING = re.compile("[一二三四五六七八九十]+、")
NOTICE = "（虚构数据 synthetic，单位和数字均为虚构）"
KINDS = ("budget", "performance_target", "final_account", "self_evaluation")
_BOUGHT = "政府采购金额（当年部门预算安排资金）"
_PROCUREMENT = (
    "政府采购项目来源/项目名称", "政府采购项目来源/预算资金", "采购物品名称", "政府采购目录序号", "计量单位", "数量",
    "单价", f"{_BOUGHT}/合计", f"{_BOUGHT}/一般公共预算拨款", f"{_BOUGHT}/基金预算拨款",
    f"{_BOUGHT}/国有资本经营预算拨款", f"{_BOUGHT}/财政专户核拨", f"{_BOUGHT}/单位资金", f"{_BOUGHT}/上年结转结余",
)  # fmt: skip
TEXT_LAYOUTS = ("cells", "prose", "wrapped")  # of project targets in the dialect of Hebei


@dataclass(eq=False)
class Document:
    """A document before it has a format: parts in reading order, or lines of a text dialect of its own."""

    unit: facts.Unit
    year: int
    kind: str
    format: str
    layout: str
    title: str
    parts: list[Part] = field(default_factory=list)
    evaluations: list[printed.Evaluation] = field(default_factory=list)
    targets: list[printed.Project] = field(default_factory=list)
    other: dict[str, list[Fact]] = field(default_factory=dict)  # facts that stand in no Sheet
    summary: list[list[str]] = field(default_factory=list)  # of self-evaluations
    planted: list[Fact] = field(default_factory=list)

    @property
    def phase(self) -> str:
        """final for documents about what was spent, budget for all others."""
        return "final" if self.kind in ("final_account", "self_evaluation") else "budget"

    @property
    def region_code(self) -> str | None:
        """The division code that the project codes begin with, if the document prints any."""
        codes = (
            fact["project_code"] for table in ("project", "project_evaluation") for fact in self.other.get(table, [])
        )
        return next((code[:6] for code in codes if code and len(code) == 21), None)

    @property
    def may_round(self) -> bool:
        """True if printed figures are rounded, so that printed sums may miss by what the digits hide."""
        return self.unit.step < money.STEP or self.kind == "self_evaluation"

    def sheets(self) -> Iterator[Sheet]:
        """The forms of columns, in the order of the document."""
        return (part for part in self.parts if isinstance(part, Sheet))

    def sheet(self, code: str) -> Sheet | None:
        """The first form of columns with this code, or None."""
        return next((sheet for sheet in self.sheets() if sheet.code == code), None)

    def add(self, table: str, **fact: Any) -> Fact:
        """Add a row to a table of the truth; gives the row, which may still be filled in."""
        self.other.setdefault(table, []).append(fact)
        return fact

    def facts(self) -> dict[str, list[Fact]]:
        """The truth: rows by table."""
        found = {table: list(rows) for table, rows in self.other.items()}
        for sheet in self.sheets():
            for cell in sheet.cells():
                assert cell.table is not None
                assert cell.fact is not None
                found.setdefault(cell.table, []).append(cell.fact)
        if self.planted:
            found["planted_error"] = self.planted
        return found

    def blocks(self) -> list[Block]:
        """What the writers print: paragraphs and grids in their order, first the notice that all is invented."""
        found: list[Block] = [NOTICE]
        for part in self.parts:
            if isinstance(part, Sheet):
                grid = columns_table(
                    part.paths, [[cell.text for cell in row] for row in part.rows], part.index, part.total_at
                )
                found += [part.title, *part.above, grid, *([part.note] if part.note else [])]
            elif isinstance(part, Table):
                found += [*([part.title] if part.title else []), *part.above, part.grid()]
            else:
                found.append(part)
        return found

    def data(self) -> bytes:
        """The bytes of the file."""
        if self.format != "txt":
            return FORMATS[self.format](self.blocks(), NOTICE)
        if self.layout == "wrapped":
            return wrapped(self.targets, [NOTICE, "", *(part for part in self.parts if isinstance(part, str))])
        if self.layout == "rows":
            lines = [NOTICE, ""]
            for block in self.blocks()[1:]:
                if isinstance(block, Grid):
                    lines += ["", *("\t".join(box.text for box in row) for row in block.lines()), ""]
                else:
                    lines += [block, ""]
            return rows_with_tabs(self.evaluations, lambda number: number % 2, self.year, lines)
        return as_text(self.blocks())


def documents_of(seed: int, number: int, year: int, formats: Sequence[str]) -> list[Document]:
    """What a unit publishes of a year."""
    budget = facts.budget_of(seed, number, year)
    unit = budget.unit
    found = []
    for at, kind in enumerate(KINDS):
        file_format = formats[(number // 5 + year + at) % len(formats)]
        layout = _layout(unit, kind, file_format)
        if layout is None:
            continue
        document = Document(unit, year, kind, file_format, layout, _title(budget, kind))
        if kind == "budget":
            _fill_budget(
                document, budget, facts.budget_of(seed, number, year - 1), facts.final_of(seed, number, year - 1)
            )
        elif kind == "performance_target":
            _fill_targets(document, budget)
        elif kind == "final_account":
            _fill_final(document, facts.final_of(seed, number, year), budget)
        else:
            _fill_evaluations(document, facts.evaluations_of(seed, number, year))
        found.append(document)
    return found


def _layout(unit: facts.Unit, kind: str, file_format: str) -> str | None:
    """The layout of a document; None where the unit publishes none of the kind."""
    dialect = dialects()[unit.dialect]
    if kind == "budget":
        return unit.dialect
    if kind == "final_account":
        return str(dialect["final"])
    if kind == "self_evaluation":
        return "rows" if file_format == "txt" else "evaluation"
    if unit.dialect in ("jiangsu", "gansu") or _has_targets_inside(unit):
        return None
    if unit.dialect == "shanghai":
        return "shanghai"
    layout = TEXT_LAYOUTS[unit.number // 5 % len(TEXT_LAYOUTS)]
    return "cells" if layout == "wrapped" and file_format != "txt" else layout


def _has_targets_inside(unit: facts.Unit) -> bool:
    """True if the budget holds the tables of the projects."""
    return unit.dialect == "gansu" or (unit.dialect == "hebei" and unit.number // 5 % 2 == 0)


def _title(year: facts.Year, kind: str) -> str:
    unit, scope = year.unit, scope_of(year)
    dialect = dialects()[unit.dialect]
    if kind == "performance_target":
        return f"{unit.name}{year.year}年{scope}预算绩效文本"
    if kind == "self_evaluation":
        return f"{unit.name}{year.year}年度项目绩效自评工作报告"
    title = dialect["title"] if kind == "budget" else dialects()[dialect["final"]]["title"]
    return str(title.format(name=unit.name, year=year.year, scope=scope))


# --- budgets ---------------------------------------------------------------------------------------------------------


def _fill_budget(document: Document, budget: facts.Year, before: facts.Year, executed: facts.Year) -> None:
    document.parts.append(document.title)
    merge_total = document.format != "txt"
    document.parts += forms_of(budget, document.unit.dialect, merge_total, executed)
    document.parts += _budget_text(document, budget, before)
    if _has_targets_inside(document.unit):
        document.parts.append(_heading(document, f"{scope_of(budget)}项目预算安排情况及绩效目标"))
        document.parts.append("各项目的预算安排和绩效目标如下。")
        _add_targets(document, budget)
    if document.unit.dialect == "hebei":
        _add_procurement(document, budget)
    document.parts += [
        _heading(document, "名词解释"),
        "1、基本支出：维持单位日常运转所需的人员和公用支出。",
        "2、项目支出：为完成特定任务安排的支出。",
        "3、“三公”经费：因公出国（境）、公务用车、公务接待三项支出的合称。",
    ]


def _heading(document: Document, text: str) -> str:
    """The next numbered heading of the text below the forms."""
    number = sum(1 for part in document.parts if isinstance(part, str) and _HEADING.match(part)) + 1
    return f"{ordinal(number)}、{text}"


def _wan(fen: int) -> str:
    return money.printed(fen, "万元") + "万元"


def _change(now: int, before: int) -> str:
    difference = money.rounded(now - before, "万元")
    return f"{'减少' if difference < 0 else '增加'}{_wan(abs(difference))}"


def _budget_text(document: Document, budget: facts.Year, before: facts.Year) -> list[Part]:
    unit, year, scope = document.unit, budget.year, scope_of(budget)
    total, three = budget.total, budget.three_public
    income = budget.income + total.carried
    parts: list[Part] = [
        f"{unit.name}{year}年{scope}预算信息公开情况说明",
        f"根据预算法和预决算公开的有关要求，现对{unit.name}{year}年{scope}预算作如下说明：",
        f"一、{scope}预算安排的总体情况",
        "1、收入说明",
        f"本{scope}各项收入全部纳入预算。{year}年预算收入{_wan(income)}，其中：一般公共预算收入"
        f"{_wan(budget.income_general)}，政府性基金预算收入{_wan(budget.income_fund)}，事业收入{_wan(budget.income_own)}，"
        f"上年结转结余{_wan(total.carried)}。",
        "2、支出说明",
        f"{year}年支出预算{_wan(total.total)}，其中基本支出{_wan(total.basic)}，包括人员经费{_wan(total.personnel)}和"
        f"日常公用经费{_wan(total.public)}；项目支出{_wan(total.total - total.basic)}，用于各项业务工作。",
        "3、与上年比较",
        f"{year}年预算收支安排{_wan(total.total)}，较{year - 1}年预算{_change(total.total, before.total.total)}，其中："
        f"基本支出{_change(total.basic, before.total.basic)}，主要是人员经费调整；项目支出"
        f"{_change(total.total - total.basic, before.total.total - before.total.basic)}，主要是项目安排有变化。",
        "二、机关运行经费安排情况",
        f"{year}年，本{scope}机关运行经费共计安排{_wan(total.public)}，用于办公、水电和差旅等日常支出。",
        "三、财政拨款“三公”经费预算情况及增减变化原因",
        f"{year}年，本{scope}财政拨款“三公”经费预算安排{_wan(three['total'])}，其中：公务用车购置及运维费"
        f"{_wan(three['vehicle'])}（其中：公务用车购置费{_wan(three['vehicle_purchase'])}，公务用车运维费"
        f"{_wan(three['vehicle_operation'])}）；公务接待费{_wan(three['reception'])}；因公出国（境）费"
        f"{_wan(three['overseas'])}。与{year - 1}年相比{_change(three['total'], before.three_public['total'])}。",
    ]
    return parts


def _add_procurement(document: Document, budget: facts.Year) -> None:
    """What two of the projects buy, with the printed sums above."""
    unit, scope = document.unit, scope_of(budget)
    sheet = Sheet(
        code="B_PROC",
        title=f"{scope}政府采购预算",
        above=[Line(f"{unit.code}{unit.name}"), Line("单位：万元")],
        paths=[path.split("/") for path in _PROCUREMENT],
        money_unit="万元",
        thousands=False,
    )  # fmt: skip
    lines = []
    for at, project in enumerate(budget.projects[:2]):
        if project.is_masked or not project.general:
            continue
        quantity = 2 + (project.general // 10_000 + at) % 9
        price = max(1, min(money.rounded(project.general, "万元") // 10_000 // (2 * quantity), 400)) * 10_000
        item, code, measure = (("台式计算机", "A02010105", "台"), ("其他运行维护服务", "C16079900", "项"))[at]
        lines.append((project, item, code, measure, quantity, price))
    if not lines:
        return
    total = sum(quantity * price for *_, quantity, price in lines)
    for label in ("合  计", f"{unit.name}小计"):
        amount = money.printed(total, "万元")
        sheet.rows.append([Cell(text) for text in [label, *[""] * 6, amount, amount, *[""] * 5]])
    for project, item, code, measure, quantity, price in lines:
        amount = money.printed(quantity * price, "万元")
        texts = [project.name, money.printed(project.budget, "万元"), item, code, measure, str(quantity)]
        sheet.rows.append([Cell(text) for text in [*texts, money.printed(price, "万元"), amount, amount, *[""] * 5]])
        document.add(
            "procurement_item", project_name=project.name, item_name=item, catalogue_code=code, quantity=quantity,
            unit_price_yuan=money.yuan(price, "万元"), amount_yuan=money.yuan(quantity * price, "万元"),
        )  # fmt: skip
    document.parts += [_heading(document, "政府采购预算情况"), sheet]


# --- project targets -------------------------------------------------------------------------------------------------


def _fill_targets(document: Document, budget: facts.Year) -> None:
    scope = scope_of(budget)
    document.parts += [
        document.title,
        "一、总体绩效目标",
        f"围绕本{scope}职责安排全年工作，保证项目按计划完成，资金使用合规有效。",
        "二、项目绩效目标",
    ]
    _add_targets(document, budget)


def _add_targets(document: Document, budget: facts.Year) -> None:
    unit = document.unit
    layout = document.layout if document.kind == "performance_target" else unit.dialect
    money_unit = "元" if layout == "shanghai" else "万元"
    for number, project in enumerate(budget.projects, start=1):
        target = _printed_target(project, money_unit, layout)
        document.targets.append(target)
        document.parts += _target_parts(document, number, layout)
        _add_target_facts(document, project, target, money_unit, layout)


def _printed_target(project: facts.Project, money_unit: str, layout: str) -> printed.Project:
    thousands = layout == "shanghai"
    other = money.printed(project.own, money_unit, thousands)
    unit_of_plan = ["" if share is None else f"{share}%" for share in project.plan]
    return printed.Project(
        code=project.code,
        name=project.name,
        budget=money.printed(project.budget, money_unit, thousands),
        fiscal=money.printed(project.fiscal, money_unit, thousands),
        other=other if project.own or layout in ("shanghai", "gansu") else "",
        purpose=project.purpose,
        plan=tuple(unit_of_plan),
        goals=project.goals,
        indicators=tuple(
            printed.Indicator(i.level, i.name, i.description, i.printed, i.basis) for i in project.indicators
        ),
    )


def _target_parts(document: Document, number: int, layout: str) -> list[Part]:
    target = document.targets[number - 1]
    grid = partial(_target_grid, document, number - 1, layout)
    if layout == "shanghai":
        return [Table("财政项目支出绩效目标填报表", [f"（{document.year}年度）"], grid)]
    if layout == "gansu":
        return [Table("项目支出绩效目标表", [], grid)]
    if layout == "wrapped":
        return []
    if layout == "prose":
        return [Table(f"{target.name}预算项目绩效表", [], grid)]
    return [Table(f"{number}、{target.name}绩效目标表", [Line("单位：万元")], grid)]


def _target_grid(document: Document, at: int, layout: str) -> Grid:
    target, name = document.targets[at], document.unit.name
    if layout == "shanghai":
        return layouts.shanghai_target(target, name, document.year)
    if layout == "gansu":
        return layouts.gansu_target(target, name)
    return layouts.prose_target(target) if layout == "prose" else layouts.hebei_target(target)


def _add_target_facts(
    document: Document, project: facts.Project, target: printed.Project, money_unit: str, layout: str
) -> None:
    has_code = layout not in ("shanghai", "gansu")
    document.add(
        "project",
        project_code=target.code if has_code else None,
        project_name=target.name,
        budget_yuan=money.yuan(project.budget, money_unit),
        fiscal_yuan=money.yuan(project.fiscal, money_unit),
        other_yuan=money.yuan(project.own, money_unit) if target.other and layout not in ("prose", "wrapped") else None,
        is_masked=project.is_masked,
    )
    if has_code:
        for month, share in zip((3, 6, 10, 12), project.plan, strict=True):
            document.add("project_plan", project_name=target.name, plan_month=month, cumulative_pct=share)
    _add_indicator_facts(document, project, "target")


def _add_indicator_facts(
    document: Document, project: facts.Project, stage: str, evaluation: facts.Evaluation | None = None
) -> None:
    for at, indicator in enumerate(project.indicators):
        level1, level2 = LEVELS[indicator.level]
        document.add(
            "project_indicator",
            project_name=project.name,
            stage=stage,
            indicator_no=at + 1,
            level1_printed=level1,
            level2_printed=level2,
            level3=indicator.name,
            target_printed=indicator.printed,
            comparator=indicator.comparator,
            target_value=indicator.value,
            target_unit=indicator.unit,
            target_date=indicator.date,
            actual_printed=evaluation.actuals[at] if evaluation else None,
            weight=Decimal(evaluation.weights[at]) / 100 if evaluation else None,
            score=Decimal(evaluation.scores[at]) / 100 if evaluation else None,
        )


# --- final accounts --------------------------------------------------------------------------------------------------


def _fill_final(document: Document, final: facts.Year, budget: facts.Year) -> None:
    scope = scope_of(final)
    document.parts.append(document.title)
    document.parts += forms_of(final, document.layout, document.format != "txt", budget)
    total = final.income + final.total.carried
    document.parts += [
        f"{document.unit.name}{final.year}年度{scope}决算公开情况说明",
        "一、收入支出决算总体情况",
        f"本{scope}{final.year}年度收入总计{_wan(total)}，支出总计{_wan(total)}。",
        "二、一般公共预算财政拨款支出决算情况",
    ]
    names = {code: name for code, name, _ in final.function_rows()}
    listed = [code for code, part in final.classes.items() if part.general and code in budget.classes]
    for number, code in enumerate(listed, start=1):
        path = f"{names[code[:3]]}（类）{names[code[:5]]}（款）{names[code]}（项）"
        planned, spent = budget.classes[code].general, final.classes[code].general
        document.parts.append(f"{number}.{path}。年初预算为{_wan(planned)}，支出决算为{_wan(spent)}。")


# --- self-evaluations ------------------------------------------------------------------------------------------------


def _points(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return str(whole) if not rest else f"{whole}.{rest:02d}".rstrip("0")


def _grade(hundredths: int) -> str:
    return "优" if hundredths >= 9000 else "良" if hundredths >= 8000 else "中" if hundredths >= 6000 else "差"


def _fill_evaluations(document: Document, evaluations: Sequence[facts.Evaluation]) -> None:
    unit, year = document.unit, document.year
    scope = "部门" if unit.is_department else "单位"
    count = len(evaluations)
    mean = sum(evaluation.total_score for evaluation in evaluations) / count
    document.parts += [
        document.title,
        "一、绩效自评工作开展情况",
        f"根据年度绩效工作安排，本{scope}对{year}年度项目支出开展绩效自评，共涉及预算项目{count}个。",
        "二、绩效目标实现情况",
        f"从自评结果看，各项目自评平均得分{mean / 100:.2f}分。",
        f"{year}年度项目支出绩效自评情况汇总表",
        "单位：万元",
    ]
    document.summary = [
        [str(at), unit.name, e.project.name, money.printed(e.project.budget, "万元"), _points(e.total_score),
         _grade(e.total_score)]
        for at, e in enumerate(evaluations, start=1)
    ]  # fmt: skip
    heads = [["序号"], ["资金使用单位（科室）名称"], ["项目名称"], ["资金"], ["自评得分"], ["自评等级"]]
    document.parts.append(Table("", [], lambda: columns_table(heads, document.summary)))
    for at, evaluation in enumerate(evaluations):
        document.evaluations.append(_printed_evaluation(evaluation, unit.name))
        if document.layout != "rows":
            title = f"{evaluation.project.name}项目支出绩效自评表"
            document.parts.append(Table(title, [f"（{year}年度）"], partial(_evaluation_grid, document, at)))
        document.add(
            "project_evaluation",
            project_code=evaluation.project.code,
            project_name=evaluation.project.name,
            annual_budget_yuan=money.yuan(evaluation.project.budget, "万元"),
            executed_yuan=money.yuan(evaluation.executed.budget, "万元"),
            execution_score=Decimal(evaluation.execution_score) / 100,
            total_score=Decimal(evaluation.total_score) / 100,
            grade_printed=_grade(evaluation.total_score),
        )
        _add_indicator_facts(document, evaluation.project, "self_evaluation", evaluation)


def _evaluation_grid(document: Document, at: int) -> Grid:
    return layouts.evaluation_grid(document.evaluations[at])


def _printed_evaluation(evaluation: facts.Evaluation, unit_name: str) -> printed.Evaluation:
    project, executed = evaluation.project, evaluation.executed
    current, spent = project.fiscal - project.carried, executed.fiscal - executed.carried

    def fund(source: str, planned: int, used: int) -> printed.Fund:
        if not planned:
            return printed.Fund(source, "", "", "")
        plan = money.printed(planned, "万元")
        return printed.Fund(source, plan, plan, money.printed(used, "万元"))

    whole = fund(printed.FUND_SOURCES[0], project.budget, executed.budget)
    rate = f"{evaluation.rate // 100}.{evaluation.rate % 100:02d}%"
    levels: dict[str, int] = {}
    for indicator, weight in zip(project.indicators, evaluation.weights, strict=True):
        level1 = LEVELS[indicator.level][0]
        levels[level1] = levels.get(level1, 0) + weight
    return printed.Evaluation(
        name=f"[{project.code}]{project.name}",
        department=unit_name,
        implementer=unit_name,
        funds=(
            printed.Fund(whole.source, whole.initial, whole.annual, whole.executed, "10分", rate,
                         _points(evaluation.execution_score)),
            fund(printed.FUND_SOURCES[1], current, spent),
            fund(printed.FUND_SOURCES[2], project.carried, executed.carried),
            fund(printed.FUND_SOURCES[3], project.own, executed.own),
        ),
        expected=project.goals[0],
        achieved="各项任务已按计划完成。" if evaluation.rate > 9900 else "主要任务已经完成，部分支出结转下年。",
        indicators=tuple(
            printed.Indicator(i.level, i.name, i.description, i.printed, i.basis, actual, _points(weight),
                              _points(score), "" if weight == score else "进度受影响，已采取措施。")
            for i, actual, weight, score in zip(
                project.indicators, evaluation.actuals, evaluation.weights, evaluation.scores, strict=True
            )
        ),
        level_weights=tuple((level1, _points(weight)) for level1, weight in levels.items()),
        total_weight="100",
        total_score=_points(evaluation.total_score),
    )  # fmt: skip
