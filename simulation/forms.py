"""Facts of a year → the forms of a dialect (dialects.yml)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

import yaml

from simulation import money
from simulation.catalogue import FOLDER
from simulation.facts import Parts, Year
from simulation.sheet import Cell, Line, Sheet

_ORDINALS = "一二三四五六七八九"
_Amounts = dict[str, Callable[[Parts], int]]

_ALL: _Amounts = {"total": lambda p: p.total, "basic": lambda p: p.basic, "project": lambda p: p.total - p.basic}
_GENERAL: _Amounts = {
    "total": lambda p: p.general, "amount": lambda p: p.general, "basic": lambda p: p.basic,
    "personnel": lambda p: p.personnel, "public": lambda p: p.public, "project": lambda p: p.project,
}  # fmt: skip
_FISCAL: _Amounts = {
    **_GENERAL, "total": lambda p: p.general + p.fund, "amount": lambda p: p.general + p.fund,
    "project": lambda p: p.project + p.fund,
}  # fmt: skip
_FUND: _Amounts = {
    key: lambda p: p.fund for key in ("total", "amount", "project", "current_income", "current_expenditure")
}
_INCOME: _Amounts = {
    "total": lambda p: p.total, "subtotal": lambda p: p.total - p.carried,
    "fiscal_grant": lambda p: p.general + p.fund - p.carried, "business_income": lambda p: p.own,
    "carry_over_in": lambda p: p.carried,
}  # fmt: skip
_FINAL_INCOME: _Amounts = {
    "total": lambda p: p.total - p.carried, "fiscal_grant": lambda p: p.general + p.fund - p.carried,
    "business_income": lambda p: p.own,
}  # fmt: skip
_AMOUNTS: dict[str, _Amounts] = {
    "B_INCOME": _INCOME, "B_EXPEND": _ALL, "B_GPB_FUNC": _GENERAL, "B_FISCAL_FUNC": _FISCAL, "B_GOVFUND": _FUND,
    "B_STATECAP": {}, "F_INCOME": _FINAL_INCOME, "F_EXPEND": _ALL, "F_GPB_FUNC": _GENERAL, "F_GOVFUND": _FUND,
    "F_STATECAP": {},
}  # fmt: skip
_TALL_ITEMS = [
    ("“三公”经费小计", "total"),
    ("一、因公出国（境）费", "overseas"),
    ("    其中：教学科研人员因公出国（境）费", "overseas_research"),
    ("          其他因公出国（境）费", "overseas_other"),
    ("二、公务用车购置及运维费", "vehicle"),
    ("    其中：公务用车购置费", "vehicle_purchase"),
    ("          公务用车运行维护费", "vehicle_operation"),
    ("三、公务接待费", "reception"),
]


@cache
def dialects() -> dict[str, Any]:
    """The contents of dialects.yml by the name of the dialect."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "dialects.yml").read_text("utf-8"))
    return found


def scope_of(year: Year) -> str:
    """What a document calls its subject: 部门 or 单位."""
    return "部门" if year.unit.is_department else "单位"


@dataclass(frozen=True)
class _Form:
    """One declared form of a dialect with the facts that fill it."""

    declared: Mapping[str, Any]
    dialect: Mapping[str, Any]
    year: Year
    prior: Year | None
    merge_total: bool

    def option(self, name: str, default: object = None) -> Any:
        return self.declared.get(name, self.dialect.get(name, default))

    def filled(self, text: str) -> str:
        unit = self.year.unit
        return text.format(
            name=unit.name, code=unit.code, year=self.year.year, scope=scope_of(self.year), money_unit=self.money_unit
        )

    @property
    def money_unit(self) -> str:
        return str(self.option("money_unit"))

    def sheet(self, paths: Sequence[str], total_at: int | None = None) -> Sheet:
        return Sheet(
            code=self.declared["code"],
            title=self.filled(self.declared["title"]),
            above=[Line(self.filled(line)) for line in self.dialect["above"]],
            paths=[path.split("/") for path in paths],
            money_unit=self.money_unit,
            thousands=self.option("thousands"),
            index=bool(self.option("index")),
            total_at=total_at if self.merge_total else None,
        )

    def _amount(self, fen: int | None, table: str, fact: dict[str, Any]) -> Cell:
        if fen is None or (fen == 0 and not self.option("zero")):
            return Cell()
        unit = self.money_unit
        text = money.printed(fen, unit, self.option("thousands")) if fen else str(self.option("zero"))
        whole = {**fact, "amount_printed": text, "amount_unit": unit, "amount_yuan": money.yuan(fen, unit)}
        return Cell(text, table, {"form_code": self.declared["code"], **whole})

    def amount(
        self, fen: int | None, name: str, measure: str, side: str | None = None, code: str | None = None
    ) -> Cell:
        """An amount of a budget line."""
        return self._amount(
            fen, "budget_line", {"side": side, "class_code": code, "class_name": name, "measure_code": measure}
        )

    def item(self, fen: int | None, item: str, fund: str, phase: str) -> Cell:
        """An amount of a three-public form."""
        return self._amount(fen, "three_public", {"item_code": item, "fund_code": fund, "item_phase": phase})


def forms_of(year: Year, dialect_name: str, merge_total: bool, prior: Year | None) -> list[Sheet]:
    """The forms of a dialect, filled. `prior` is the year before, where a form prints it beside the year."""
    dialect = dialects()[dialect_name]
    return [_KINDS[form["kind"]](_Form(form, dialect, year, prior, merge_total)) for form in dialect["forms"]]


def _numbered(form: _Form, sheet: Sheet) -> Sheet:
    """Line numbers before all rows, where the dialect prints them."""
    if form.option("line_no"):
        sheet.paths = [["序号"], *sheet.paths]
        for number, row in enumerate(sheet.rows, start=1):
            row.insert(0, Cell(str(number)))
        if sheet.total_at is not None:
            sheet.total_at += 1
    return sheet


def _classes(form: _Form) -> Sheet:
    """A form by functional class."""
    declared, year = form.declared, form.year
    amounts = _AMOUNTS[declared["code"]]
    rows = year.function_rows()
    if amounts is _FUND or not amounts:
        rows = year.function_rows([code for code, part in year.classes.items() if part.fund and amounts])
        total = sum((part for code, _, part in rows if len(code) == 3), Parts())
    else:
        if amounts is _GENERAL or amounts is _FISCAL:
            rows = [row for row in rows if amounts["total"](row[2])]
        total = year.total
    split = form.option("split_codes")
    heads = [f"{declared['code_path']}/{part}" for part in "类款项"] if split else [declared["code_path"]]
    measures = declared["measures"]
    sheet = form.sheet([*heads, declared["name_path"], *measures.values()], None if split else 0)
    if not rows:
        sheet.note = form.filled(declared["empty"])
        sheet.rows.append([Cell() for _ in sheet.paths])
        return _numbered(form, sheet) if not form.option("line_no") else _blank(sheet)
    run = year.unit.sector.run
    listed = []
    for code, name, part in rows:
        if form.option("lowest_only") and len(code) < 7:
            continue
        extra = year.carry_out if declared["code"] == "F_INCOME" and run.startswith(code) else 0
        listed.append((code, name, part, extra))
    totals = ("", "合计", total, year.carry_out if declared["code"] == "F_INCOME" else 0)
    listed = [*listed, totals] if form.option("total_last") else [totals, *listed]
    prior = _prior_totals(form.prior, [row[0] for row in listed]) if "prior_total" in measures else {}
    for code, name, part, extra in listed:
        parts = [code[:3], code[3:5], code[5:]] if split else [code]
        row = [Cell(text) for text in parts] + [Cell(name)]
        for measure in measures:
            if measure == "prior_total":
                fen = prior[code]
            elif measure == "change":
                fen = amounts["total"](part) - prior[code]
            else:
                fen = amounts[measure](part) if measure in amounts else 0
                fen += extra if measure in ("total", "fiscal_grant") else 0
            row.append(form.amount(fen, name, measure, code=code or None))
        sheet.rows.append(row)
    return _numbered(form, sheet)


def _blank(sheet: Sheet) -> Sheet:
    """An empty form: one blank row without a number."""
    sheet.paths = [["序号"], *sheet.paths]
    sheet.rows = [[Cell() for _ in sheet.paths]]
    return sheet


def _prior_totals(prior: Year | None, codes: Sequence[str]) -> dict[str, int]:
    """General expenditure of the year before by class, of the lowest classes that this year lists."""
    lowest = {code for code in codes if len(code) == 7}
    parts = {code: part.general for code, part in prior.classes.items() if code in lowest} if prior else {}
    return {code: sum(fen for other, fen in parts.items() if other.startswith(code)) for code in codes}


def _economics(form: _Form) -> Sheet:
    """Basic expenditure by economic class."""
    return _economic_rows(form, form.year.economic_rows())


def _running(form: _Form) -> Sheet:
    """What the office costs: the public part of the basic expenditure."""
    return _economic_rows(form, [row for row in form.year.economic_rows() if row[3]])


def _economic_rows(form: _Form, rows: Sequence[tuple[str, str, int, int]]) -> Sheet:
    declared = form.declared
    split = form.option("split_codes") and form.declared["code"] != "F_GPB_BASIC"
    heads = [f"{declared['code_path']}/{part}" for part in "类款"] if split else [declared["code_path"]]
    measures = declared["measures"]
    sheet = form.sheet([*heads, declared["name_path"], *measures.values()], None if split else 0)
    top = [row for row in rows if len(row[0]) == 3]
    totals = ("", "合计", sum(row[2] for row in top), sum(row[3] for row in top))
    listed = [*rows, totals] if form.option("total_last") else [totals, *rows]
    for code, name, personnel, public in listed:
        values = {
            "total": personnel + public, "amount": personnel + public, "personnel": personnel, "public": public,
        }  # fmt: skip
        parts = [code[:3], code[3:]] if split else [code]
        cells = [form.amount(values[measure], name, measure, code=code or None) for measure in measures]
        sheet.rows.append([*(Cell(text) for text in parts), Cell(name), *cells])
    return _numbered(form, sheet)


def _figures(year: Year) -> dict[str, int]:
    fiscal = year.income_general + year.income_fund
    return {
        "general": year.income_general, "fund": year.income_fund, "own": year.income_own, "nothing": 0,
        "fiscal": fiscal, "income": year.income, "carried": year.total.carried,
        "total_income": year.income + year.total.carried, "fiscal_total": fiscal + year.total.carried,
        "carry_out": year.carry_out,
    }  # fmt: skip


def _sides(form: _Form) -> Sheet:
    """Income and expenditure side by side; the sums of both stand at the end."""
    declared, year = form.declared, form.year
    figures = _figures(year)
    measures = declared["measures"]
    is_fiscal = declared["code"].endswith("FISCAL")
    total = year.total

    def expenditure(part: Parts, more: int = 0) -> dict[str, int]:
        fiscal = part.general + part.fund + more
        return {
            "amount": part.total + more, "total": fiscal, "general": part.general + more, "government_fund": part.fund,
            "state_capital": 0,
        }  # fmt: skip

    right: list[tuple[str, dict[str, int]]] = []
    classes = [row for row in year.function_rows() if len(row[0]) == 3]
    for _, name, part in classes:
        if not is_fiscal or part.general + part.fund:
            right.append((f"{ordinal(len(right) + 1)}、{name}", expenditure(part)))
    ends = {
        "expenditure": expenditure(total),
        "carry_out": expenditure(Parts(), year.carry_out),
        "total": expenditure(total, year.carry_out),
        "nothing": expenditure(Parts()),
    }
    sheet = form.sheet([*declared["left"], *declared["right"], *measures.values()])

    def add(label: str, fen: int | None, name: str, values: Mapping[str, int] | None) -> None:
        row = [Cell(label), form.amount(fen, label, "amount", "income") if label else Cell(), Cell(name)]
        row += [
            form.amount(values[measure], name, measure, "expenditure") if name and values else Cell()
            for measure in measures
        ]
        sheet.rows.append(row)

    left = [(label, figures[key]) for label, key in declared["income"]]
    for income, spent in zip_longest(left, right):
        add(*(income or ("", None)), *(spent or ("", None)))
    for label, key, name, end in declared["tail"]:
        add(label, figures[key], name, ends.get(end))
    return _numbered(form, sheet)


def ordinal(number: int) -> str:
    """一, 十二, 二十一."""
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else _ORDINALS[tens - 1] + "十"
    return ten + (_ORDINALS[ones - 1] if ones else "")


def _three_lists(form: _Form) -> Sheet:
    """Income, expenditure by function and by use, side by side."""
    year, figures = form.year, _figures(form.year)
    total = year.total
    left = [
        ("一、财政拨款", figures["fiscal"]), ("1.一般公共预算", figures["general"]),
        ("2.政府性基金预算", figures["fund"]),
        ("二、财政专户管理资金", 0), ("三、其他资金", figures["own"]),
    ]  # fmt: skip
    classes = [row for row in year.function_rows() if len(row[0]) == 3]
    middle = [(f"{ordinal(at)}、{name}", part.total) for at, (_, name, part) in enumerate(classes, start=1)]
    right = [("一、基本支出", total.basic), ("二、项目支出", total.total - total.basic), ("三、单位预留机动经费", 0)]
    sheet = form.sheet(form.declared["paths"])
    sides = ("income", "expenditure", "expenditure")
    for row in zip_longest(left, middle, right):
        cells = []
        for pair, side in zip(row, sides, strict=True):
            label, fen = pair or ("", None)
            cells += [Cell(label), form.amount(fen, label, "amount", side)]
        sheet.rows.append(cells)
    for label, fen, name, spent in (
        ("当年收入小计", figures["income"], "当年支出小计", total.total),
        ("上年结转资金", figures["carried"], "结转下年资金", 0),
        ("收入合计", figures["total_income"], "支出合计", total.total),
    ):
        sheet.rows.append(
            [Cell(label), form.amount(fen, label, "amount", "income"), Cell(name), Cell(), Cell(),
             form.amount(spent, name, "amount", "expenditure")]
        )  # fmt: skip
    return sheet


def _uses(form: _Form) -> Sheet:
    """Fiscal funds: income by fund, expenditure by use."""
    year, figures = form.year, _figures(form.year)
    total = year.total
    left = [
        ("一、一般公共预算", figures["general"]),
        ("二、政府性基金预算", figures["fund"]),
        ("", None),
    ]
    right = [("一、基本支出", total.basic), ("二、项目支出", total.project + total.fund), ("三、单位预留机动经费", 0)]
    rows = [
        *zip(left, right, strict=True),
        (("收入合计", figures["fiscal_total"]), ("支出合计", total.general + total.fund)),
    ]
    sheet = form.sheet(form.declared["paths"])
    for (label, fen), (name, spent) in rows:
        cells = [Cell(label), form.amount(fen, label, "amount", "income")]
        sheet.rows.append([*cells, Cell(name), form.amount(spent, name, "amount", "expenditure")])
    return sheet


def _sources(form: _Form) -> Sheet:
    """Income by source in one list; where names have groups, the group stands in a column of its own."""
    figures = _figures(form.year)
    sheet = form.sheet(form.declared["paths"])
    before = None
    for group, name, key in form.declared["lines"]:
        labels = [Cell(group if group != before else ""), Cell(name)] if form.option("grouped") else [Cell(name)]
        before = group
        sheet.rows.append([*labels, form.amount(figures[key], name or group, "amount")])
    return _numbered(form, sheet)


def _one_row(form: _Form) -> Sheet:
    total = form.year.total
    values = {"total": total.total, "basic": total.basic, "project": total.total - total.basic}
    measures = form.declared["measures"]
    sheet = form.sheet(list(measures.values()))
    sheet.rows.append([form.amount(values.get(measure, 0), "", measure) for measure in measures])
    return sheet


def _wide(form: _Form) -> Sheet:
    """“三公” in one row; in a final account each item has its budget beside it."""
    year = form.year
    values = _three_public(year)
    budgeted = _three_public(form.prior) if form.prior else {}
    measures = form.declared["measures"]
    sheet = form.sheet(list(measures.values()))
    row = []
    for measure in measures:
        item, _, phase = measure.partition("/")
        fen = budgeted[item] if phase == "budget" else values[item]
        row.append(form.item(fen, item, "total", phase or year.phase))
    sheet.rows.append(row)
    return sheet


def _three_public(year: Year) -> dict[str, int]:
    values = dict(year.three_public)
    values["meeting"], values["training"] = year.economic("30215"), year.economic("30216")
    values["agency_operation"] = year.total.public
    values["total_with_meeting_training"] = values["total"] + values["meeting"] + values["training"]
    return values


def _items(form: _Form) -> Sheet:
    """“三公” with a row an item and a column a fund."""
    values = {**form.year.three_public, "overseas_research": 0}
    values["overseas_other"] = values["overseas"]
    measures = form.declared["measures"]
    sheet = form.sheet([form.declared["name_path"], *measures.values()])
    for label, item in _TALL_ITEMS:
        funds = {"total": values[item], "general": values[item]}
        cells = [form.item(funds.get(fund, 0), item, fund, form.year.phase) for fund in measures]
        sheet.rows.append([Cell(label), *cells])
    return _numbered(form, sheet)


_KINDS: dict[str, Callable[[_Form], Sheet]] = {
    "classes": _classes, "economics": _economics, "running": _running, "sides": _sides, "three_lists": _three_lists,
    "uses": _uses, "sources": _sources, "one_row": _one_row, "wide": _wide, "items": _items,
}  # fmt: skip
