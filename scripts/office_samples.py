"""Writes the samples that an office program makes, and the facts that they state.

One invented unit, four yearly budgets: 2021 as .docx, 2022 as .xlsx, 2023 as .html, 2024 as .pdf. The documents are
laid out here as flat OpenDocument and written by LibreOffice (`soffice`), so that no writer of this project is behind
the files. The facts come from the figures below, never from the loaders.

Run it with `python -m scripts.office_samples` from the folder of the project. LibreOffice dates its files, so a second
run writes other bytes with the same content.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
TRUTHS = ROOT / "tests" / "python" / "fixtures" / "samples"

UNIT = "示例省苇塘县自然资源档案馆"
REGION, OWNER_CODE = "990131", "442003"
NOTICE = "（示例：单位为虚构，数字为演示而编）"
FORMATS = {2021: "docx", 2022: "xlsx", 2023: "html", 2024: "pdf"}

# Figures in units of 0.01 万元 for 2020 (told in prose only), 2021, 2022, 2023, 2024.
Items = dict[tuple[str, str], tuple[int, ...]]  # code and name of an item: its amounts
YEARS = (2020, 2021, 2022, 2023, 2024)
PERSONNEL: Items = {
    ("30101", "基本工资"): (39840, 41236, 42890, 44125, 45280),
    ("30102", "津贴补贴"): (5610, 5820, 5960, 6015, 6130),
    ("30107", "绩效工资"): (27700, 28640, 29575, 30120, 30966),
    ("30108", "机关事业单位基本养老保险缴费"): (10904, 11210, 11562, 11805, 12071),
    ("30109", "职业年金缴费"): (5452, 5605, 5781, 5902, 6035),
    ("30110", "职工基本医疗保险缴费"): (4770, 4904, 5058, 5164, 5281),
    ("30112", "其他社会保障缴费"): (682, 701, 723, 738, 754),
    ("30113", "住房公积金"): (8178, 8408, 8672, 8854, 9053),
}
PUBLIC: Items = {
    ("30201", "办公费"): (1320, 1250, 1285, 1210, 1180),
    ("30202", "印刷费"): (240, 260, 260, 225, 210),
    ("30205", "水费"): (96, 98, 103, 101, 104),
    ("30206", "电费"): (1455, 1510, 1562, 1590, 1615),
    ("30207", "邮电费"): (318, 322, 305, 296, 290),
    ("30209", "物业管理费"): (960, 960, 1020, 1020, 1020),
    ("30211", "差旅费"): (410, 385, 402, 436, 441),
    ("30213", "维修（护）费"): (720, 755, 690, 715, 742),
    ("30216", "培训费"): (155, 160, 165, 150, 152),
    ("30217", "公务接待费"): (88, 82, 75, 70, 64),
    ("30228", "工会经费"): (664, 687, 712, 731, 752),
    ("30231", "公务用车运行维护费"): (420, 405, 390, 380, 365),
    ("30299", "其他商品和服务支出"): (233, 241, 247, 239, 226),
}
RETIRED: Items = {("30302", "退休费"): (1440, 1440, 1560, 1560, 1628)}
EQUIPMENT: Items = {("31002", "办公设备购置"): (300, 285, 360, 245, 318)}
PROJECT_FISCAL = (6000, 6500, 7250, 8000, 7630)  # the carry-over is part of it
PROJECT_OTHER = (500, 500, 640, 800, 950)
CARRIED_OVER = (0, 0, 320, 0, 150)
CLASSES = {  # name of a class, and where its basic expenditure comes from; what is left is that of 2200150
    "208": "社会保障和就业支出",
    "20805": "行政事业单位养老支出",
    "2080502": "事业单位离退休",
    "2080505": "机关事业单位基本养老保险缴费支出",
    "2080506": "机关事业单位职业年金缴费支出",
    "210": "卫生健康支出",
    "21011": "行政事业单位医疗",
    "2101102": "事业单位医疗",
    "220": "自然资源海洋气象等支出",
    "22001": "自然资源事务",
    "2200150": "事业运行",
    "2200199": "其他自然资源事务支出",
    "221": "住房保障支出",
    "22102": "住房改革支出",
    "2210201": "住房公积金",
}
CLASS_ITEMS = {"2080502": "30302", "2080505": "30108", "2080506": "30109", "2101102": "30110", "2210201": "30113"}
SCANNED = (0, 30000, 36000, 42000, 40500)  # pages, in the targets of the project
REASON = "人员工资正常晋升"


def printed(amount: int) -> str:
    """An amount as documents print it: 108024 → 1,080.24."""
    return f"{amount / 100:,.2f}"


@dataclass(frozen=True)
class Year:
    """The figures of one year."""

    year: int

    def of(self, row: Sequence[int]) -> int:
        return row[YEARS.index(self.year)]

    def sum(self, items: Items) -> int:
        return sum(self.of(row) for row in items.values())

    @property
    def items(self) -> dict[str, int]:
        every = PERSONNEL | PUBLIC | RETIRED | EQUIPMENT
        return {code: self.of(row) for (code, _), row in every.items()}

    @property
    def personnel(self) -> int:
        return self.sum(PERSONNEL) + self.sum(RETIRED)

    @property
    def public(self) -> int:
        return self.sum(PUBLIC) + self.sum(EQUIPMENT)

    @property
    def basic(self) -> int:
        return self.personnel + self.public

    @property
    def fiscal(self) -> int:
        """Project expenditure out of fiscal funds."""
        return self.of(PROJECT_FISCAL)

    @property
    def other(self) -> int:
        return self.of(PROJECT_OTHER)

    @property
    def carried(self) -> int:
        return self.of(CARRIED_OVER)

    @property
    def project(self) -> int:
        return self.fiscal + self.other

    @property
    def total(self) -> int:
        return self.basic + self.project

    @property
    def granted(self) -> int:
        return self.basic + self.fiscal - self.carried

    @property
    def three_public(self) -> int:
        return self.items["30217"] + self.items["30231"]

    def by_class(self, project: int) -> dict[str, tuple[int, int, int]]:
        """Class code → basic expenditure for persons, the rest of it, project expenditure."""
        leaves = {code: (self.items[item], 0, 0) for code, item in CLASS_ITEMS.items()}
        leaves["2200150"] = (self.personnel - sum(x for x, _, _ in leaves.values()), self.public, 0)
        leaves["2200199"] = (0, 0, project)
        sums = {}
        for code in CLASSES:
            parts = [amounts for leaf, amounts in leaves.items() if leaf.startswith(code)]
            sums[code] = (sum(p[0] for p in parts), sum(p[1] for p in parts), sum(p[2] for p in parts))
        return sums


@dataclass(frozen=True)
class Cell:
    """A cell of a table: a text, or an amount, and what it covers. `nil` is what stands for an amount of 0."""

    text: str = ""
    amount: int | None = None
    columns: int = 1
    rows: int = 1
    nil: str = ""
    style: str = "body"
    formula: str = ""
    number: str = ""  # a number that is shown under this format where cells hold numbers

    @property
    def shown(self) -> str:
        if self.amount is None:
            return self.text
        return printed(self.amount) if self.amount else self.nil


@dataclass
class Table:
    """A form: title, number, header and body; `measures` name the columns of amounts."""

    title: str
    number: str
    widths: tuple[int, ...]
    header: list[list[Cell]]
    measures: dict[int, str]
    rows: list[list[Cell]] = field(default_factory=list)
    note: str = ""


def amount(value: int, nil: str = "", formula: str = "") -> Cell:
    return Cell(amount=value, nil=nil, style="amount", formula=formula)


def head(text: str, columns: int = 1, rows: int = 1) -> Cell:
    return Cell(text, columns=columns, rows=rows, style="head")


def total_table(y: Year) -> Table:
    table = Table(
        "单位收支总表",
        "公开01表",
        (34, 16, 34, 16),
        [
            [head("收　　入", 2), head("支　　出", 2)],
            [head("项　　目"), head("预算数"), head("项　　目"), head("预算数")],
        ],
        {1: "预算数", 3: "预算数"},
        note="注：本表反映单位本年度的总收支和年末结转结余情况。",
    )
    classes = y.by_class(y.project)
    income = [
        ("一、一般公共预算拨款收入", y.granted),
        ("二、政府性基金预算拨款收入", 0),
        ("三、国有资本经营预算拨款收入", 0),
        ("四、单位资金", y.other),
    ]
    spent = [(f"{number}、{CLASSES[code]}", sum(classes[code]))
             for number, code in zip("一二三四", ("208", "210", "220", "221"), strict=True)]  # fmt: skip
    for (source, got), (name, used) in zip(income, spent, strict=True):
        table.rows.append([Cell(source), amount(got), Cell(name), amount(used)])
    table.rows += [
        [Cell("本年收入合计"), amount(y.granted + y.other), Cell("本年支出合计"), amount(y.total)],
        [Cell("上年结转"), amount(y.carried), Cell("结转下年"), amount(0)],
        [Cell("收入总计"), amount(y.total), Cell("支出总计"), amount(y.total)],
    ]
    return table


def class_rows(classes: dict[str, tuple[int, int, int]], cells: Any) -> list[list[Cell]]:
    total = tuple(sum(classes[code][at] for code in ("208", "210", "220", "221")) for at in range(3))
    rows = [[Cell("合　　计", columns=2, style="head"), *cells(total)]]
    for code, parts in classes.items():
        if sum(parts):
            rows.append([Cell(code, number="0", style="code"), Cell(CLASSES[code]), *cells(parts)])
    return rows


def expenditure_table(y: Year) -> Table:
    others = ("事业单位经营支出", "上缴上级支出", "对附属单位补助支出")
    names = ("合计", "基本支出", "项目支出", *others)
    return Table(
        "单位支出总表",
        "公开03表",
        (11, 30, 12, 12, 11, 8, 8, 8),
        [
            [head("功能分类科目", 2), *(head(name, rows=2) for name in names)],
            [head("科目编码"), head("科目名称")],
        ],
        dict(enumerate(names, start=2)),
        class_rows(
            y.by_class(y.project),
            lambda p: [amount(sum(p)), amount(p[0] + p[1]), amount(p[2]), amount(0), amount(0), amount(0)],
        ),
        note="注：本表反映单位本年度各项支出情况。",
    )


def fiscal_table(y: Year) -> Table:
    funds = ("合计", "一般公共预算财政拨款", "政府性基金预算财政拨款", "国有资本经营预算财政拨款")
    table = Table(
        "财政拨款收支总表",
        "公开04表",
        (27, 11, 25, 11, 10, 8, 8),
        [
            [head("收　　入", 2), head("支　　出", 5)],
            [head("项　　目"), head("金额"), head("项　　目"), *(head(name) for name in funds)],
        ],
        {1: "金额", **dict(enumerate(funds, start=3))},
    )
    classes = y.by_class(y.fiscal)
    income = [
        ("一、本年收入", y.granted),
        ("（一）一般公共预算拨款", y.granted),
        ("（二）政府性基金预算拨款", 0),
        ("（三）国有资本经营预算拨款", 0),
        ("二、上年结转", y.carried),
        ("（一）一般公共预算拨款", y.carried),
    ]
    spent: list[tuple[str, int]] = [("一、本年支出", y.basic + y.fiscal)]
    spent += [(f"（{number}）{CLASSES[code]}", sum(classes[code]))
              for number, code in zip("一二三四", ("208", "210", "220", "221"), strict=True)]  # fmt: skip
    spent += [("二、结转下年", 0)]
    for (source, got), (name, used) in zip(income, spent, strict=True):
        table.rows.append([Cell(source), amount(got), Cell(name), amount(used), amount(used), amount(0), amount(0)])
    whole = y.basic + y.fiscal
    table.rows.append(
        [Cell("收入总计"), amount(whole), Cell("支出总计"), amount(whole), amount(whole), amount(0), amount(0)]
    )
    return table


def general_table(y: Year) -> Table:
    return Table(
        "一般公共预算支出表",
        "公开05表",
        (12, 33, 13, 11, 11, 10, 10),
        [
            [head("支出功能分类科目", 2), head("合计", rows=2), head("基本支出", 3), head("项目支出", rows=2)],
            [head("科目编码"), head("科目名称"), head("小计"), head("人员经费"), head("公用经费")],
        ],
        {2: "合计", 3: "小计", 4: "人员经费", 5: "公用经费", 6: "项目支出"},
        class_rows(
            y.by_class(y.fiscal),
            lambda p: [amount(sum(p)), amount(p[0] + p[1]), amount(p[0]), amount(p[1]), amount(p[2])],
        ),
    )


def basic_table(y: Year) -> Table:
    table = Table(
        "一般公共预算基本支出表",
        "公开06表",
        (14, 38, 16, 16, 16),
        [
            [head("部门预算支出经济分类科目", 2), head("本年一般公共预算基本支出", 3)],
            [head("科目编码"), head("科目名称"), head("合计"), head("人员经费"), head("公用经费")],
        ],
        {2: "合计", 3: "人员经费", 4: "公用经费"},
        note="注：数据四舍五入，保留两位小数。",
    )

    def row(code: Cell, name: Cell | None, person: int, public: int, formula: str) -> list[Cell]:
        labels = [code] if name is None else [code, name]
        cells = [(person + public, "C"), (person, "D"), (public, "E")]
        return [*labels, *(amount(value, formula=formula.replace("#", letter)) for value, letter in cells)]

    groups = (
        ("301", "工资福利支出", PERSONNEL, True),
        ("302", "商品和服务支出", PUBLIC, False),
        ("303", "对个人和家庭的补助", RETIRED, True),
        ("310", "资本性支出", EQUIPMENT, False),
    )
    rows: list[list[Cell]] = []
    starts = []
    at = 7  # the row of the sheet behind 合计, for formulas
    for code, name, items, is_person in groups:
        starts.append(at)
        whole = y.sum(items)
        formula = f"SUM([.#{at + 1}:.#{at + len(items)}])"
        person, public = (whole, 0) if is_person else (0, whole)
        rows.append(row(Cell(code, number="0", style="code"), Cell(name), person, public, formula))
        for (item, item_name), values in items.items():
            value = y.of(values)
            person, public = (value, 0) if is_person else (0, value)
            label = Cell("　" + item_name)
            rows.append(row(Cell(item, number="0", style="code"), label, person, public, ""))
        at += 1 + len(items)
    formula = "+".join(f"[.#{start}]" for start in starts)
    total = Cell("合　　计", columns=2, style="head")
    table.rows = [row(total, None, y.personnel, y.public, formula), *rows]
    return table


def fund_table(_: Year) -> Table:
    return Table(
        "政府性基金预算支出表",
        "公开07表",
        (14, 41, 15, 15, 15),
        [
            [head("支出功能分类科目", 2), head("合计", rows=2), head("基本支出", rows=2), head("项目支出", rows=2)],
            [head("科目编码"), head("科目名称")],
        ],
        {},
        [[Cell() for _ in range(5)]],
        note="注：本单位无政府性基金预算安排的支出，本表为空。",
    )


def three_public_table(y: Year) -> Table:
    car, guests = y.items["30231"], y.items["30217"]
    return Table(
        "一般公共预算“三公”经费支出表",
        "公开08表",
        (18, 16, 17, 16, 16, 17),
        [
            [head("“三公”经费合计", rows=2), head("因公出国（境）费", rows=2), head("公务用车购置及运行费", 3),
             head("公务接待费", rows=2)],
            [head("小计"), head("公务用车购置费"), head("公务用车运行费")],
        ],
        {},
        [[amount(y.three_public), amount(0, "--"), amount(car), amount(0, "--"), amount(car), amount(guests)]],
    )  # fmt: skip


THREE_PUBLIC_ITEMS = (
    "“三公”经费合计",
    "因公出国（境）费",
    "公务用车购置及运行费/小计",
    "公务用车购置及运行费/公务用车购置费",
    "公务用车购置及运行费/公务用车运行费",
    "公务接待费",
)
PROJECT_NAME = "馆藏纸质档案数字化"
PURPOSE = "用于纸质档案的整理、扫描、著录和数据备份。"
GOALS = ("1.按计划完成年度扫描任务。", "2.档案数据可在线查询。")
PLAN = {"3月底": 15, "6月底": 40, "10月底": 80, "12月底": 100}


def project_code() -> str:
    """A code of the shape that projects have: division, year of entry, P, owner and number, a check character."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = f"{REGION}20P{OWNER_CODE}00217"
    assert len(code) == 20
    return code + alphabet[(30 - sum(alphabet.index(c) * 3**i for i, c in enumerate(code))) % 31]


def indicators(y: Year) -> list[tuple[str, str, str, str, str, str]]:
    pages = f"≥{y.of(SCANNED)}页"
    rate = {2021: "95", 2022: "96", 2023: "97", 2024: "97"}[y.year]
    return [
        ("产出指标", "数量指标", "扫描页数", "全年完成扫描的档案页数", pages, "工作计划"),
        ("产出指标", "质量指标", "数据合格率", "抽检合格的页数占抽检页数的比率", f"≥{rate}%", "行业规范"),
        ("产出指标", "时效指标", "任务完成时间", "全部扫描任务结束的时间", f"{y.year}年11月底前", "工作计划"),
        ("效益指标", "社会效益指标", "在线查询人次", "全年在线查询档案的人次", "≥1200人次", "上年统计"),
        ("满意度指标", "服务对象满意度指标", "查档群众满意度", "问卷中满意的比率", "≥92%", "问卷调查"),
    ]


def project_table(y: Year) -> Table:
    value = "value"
    wide = (1, 2, 2, 1)
    body = [
        [head("项目编码"), Cell(project_code(), columns=2, style=value), head("项目名称"),
         Cell(PROJECT_NAME, columns=3, style=value)],
        [head("预算规模及资金用途", rows=2), head("预算数"), amount(y.project),
         head("其中：财政资金"), amount(y.fiscal), head("其他资金"), amount(y.other)],
        [Cell(PURPOSE, columns=6, style=value)],
        [head("资金支出计划（%）", rows=2), *(head(month, columns=n) for month, n in zip(PLAN, wide, strict=True))],
        [Cell(f"{share}%", columns=n, number="0%", style="middle")
         for share, n in zip(PLAN.values(), wide, strict=True)],
        [head("绩效目标"), Cell("\n".join(GOALS), columns=6, style=value)],
        [head("一级指标"), head("二级指标"), head("三级指标"), head("绩效指标描述", 2), head("指标值"),
         head("指标值确定依据")],
    ]  # fmt: skip
    before = ""
    found = indicators(y)
    for level1, level2, name, description, target, basis in found:
        same = sum(row[0] == level1 for row in found)
        row = [] if level1 == before else [head(level1, rows=same)]
        before = level1
        row += [Cell(level2), Cell(name), Cell(description, columns=2), Cell(target), Cell(basis)]
        body.append(row)
    return Table(f"{PROJECT_NAME}绩效目标表", "公开09表", (14, 15, 16, 13, 16, 13, 13), [], {}, body)


def narrative(y: Year) -> tuple[list[str], list[dict[str, Any]]]:
    """The paragraphs of the explanation, and the figures that they state."""
    before = Year(y.year - 1)
    facts: list[dict[str, Any]] = []

    def tell(metric: str, value: int | None, change: int | None = None) -> str:
        facts.append(
            {
                "metric": metric,
                "year": str(y.year),
                "amount": None if value is None else printed(value),
                "amount_unit": "万元",
                "delta": None if change is None else ("-" if change < 0 else "") + printed(abs(change)),
                "versus_year": None if change is None else str(before.year),
            }
        )
        return "" if value is None else f"{metric}{printed(value)}万元"

    def change(value: int) -> str:
        assert value
        return f"{'增加' if value > 0 else '减少'}{printed(abs(value))}万元"

    more, three = y.total - before.total, y.three_public - before.three_public
    lines = [
        "一、收支预算总体情况",
        f"{y.year}年" + tell("收支总预算", y.total, more) + f"，与{before.year}年相比{change(more)}，主要是{REASON}。",
        "收入预算情况：" + tell("收入预算", y.total) + "，其中：" + tell("一般公共预算拨款收入", y.granted) + "，"
        + tell("单位资金", y.other)
        + ("，" + tell("上年结转", y.carried) if y.carried else "") + "。",
        "支出预算情况：" + tell("支出预算", y.total) + "，其中：" + tell("基本支出", y.basic) + "，包括"
        + tell("人员经费", y.personnel) + "和" + tell("公用经费", y.public) + "；" + tell("项目支出", y.project) + "。",
        "二、“三公”经费预算情况",
        f"{y.year}年" + tell("“三公”经费预算", y.three_public, three) + f"，与{before.year}年相比{change(three)}。"
        + "其中：" + tell("公务用车运行费", y.items["30231"]) + "，" + tell("公务接待费", y.items["30217"]) + "。",
    ]  # fmt: skip
    return lines, facts


def title(y: Year) -> str:
    return f"{UNIT}{y.year}年单位预算公开"


def introduction() -> list[str]:
    return [
        "第一部分　单位概况",
        "一、主要职责",
        "收集、整理和保管全县自然资源档案，向社会提供查询服务。",
        "二、机构设置",
        "本单位为公益一类事业单位，内设收集整理、查询利用两个科室。",
    ]


def tables(y: Year) -> list[Table]:
    makers = (total_table, expenditure_table, fiscal_table, general_table, basic_table, fund_table,
              three_public_table, project_table)  # fmt: skip
    return [make(y) for make in makers]


# The facts, as a careful reader of the printed pages would write them down.


def truth(y: Year) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []
    for table in tables(y):
        lines += [] if not table.measures else list(_budget_lines(table))
    _, told = narrative(y)
    (public,) = three_public_table(y).rows
    return {
        "document": {
            "file": name_of(y),
            "title": title(y),
            "publisher": UNIT,
            "region_name": "示例省苇塘县",
            "region_code_hint": REGION,
            "fiscal_year": str(y.year),
            "kind": "budget_disclosure",
            "amount_unit": "万元",
        },
        "budget_lines": lines,
        "three_public": [
            {"item": item, "measure": item.split("/")[-1], "amount": cell.shown}
            for item, cell in zip(THREE_PUBLIC_ITEMS, public, strict=True)
        ],
        "empty_forms": [{"form": fund_table(y).title, "note": fund_table(y).note}],
        "projects": [
            {
                "seq": 1,
                "code": project_code(),
                "name": PROJECT_NAME,
                "unit_name": UNIT,
                "budget": printed(y.project),
                "fiscal": printed(y.fiscal),
                "local": None,
                "other": printed(y.other),
                "amount_unit": "万元",
                "purpose": PURPOSE,
                "plan": {month.removesuffix("月底").zfill(2): f"{share}%" for month, share in PLAN.items()},
                "goals": list(GOALS),
            }
        ],
        "indicators": [
            {"project_seq": 1, "project_code": project_code(), "seq": number, "level1": one, "level2": two,
             "level3": three, "description": description, "target": target, "basis": basis}
            for number, (one, two, three, description, target, basis) in enumerate(indicators(y), start=1)
        ],
        "narrative": told,
        "anomalies": [],
    }  # fmt: skip


def _budget_lines(table: Table) -> Iterator[dict[str, Any]]:
    both_sides = table.header[0][0].shown.startswith("收")
    for row in table.rows:
        at = 0
        code: str | None = None
        name = ""
        side: str | None = None
        for cell in row:
            if cell.amount is None and cell.style == "code":
                code = cell.text
            elif cell.amount is None:
                name = re.sub("　", "", cell.text)
                side = ("收入" if at == 0 else "支出") if both_sides else None
            elif cell.shown:
                yield {"form": table.title, "side": side, "line_no": None, "code": code, "name": name,
                       "measure": table.measures[at], "amount": cell.shown}  # fmt: skip
            at += cell.columns


def name_of(y: Year) -> str:
    return f"budget-{y.year}-archive.{FORMATS[y.year]}"


# Flat OpenDocument.

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "style": "style", "text": "text", "table": "table", "number": "datastyle",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible", "of": "of",
    }.items()
).replace("opendocument:xmlns:of:1.0", "opendocument:xmlns:of:1.2")  # fmt: skip
_FONT = "Noto Sans CJK SC"
_FONTS = (
    "<office:font-face-decls>"
    f'<style:font-face style:name="{_FONT}" svg:font-family="\'{_FONT}\'"/></office:font-face-decls>'
)


_SIZE = 9  # points; what styles say nothing else of


def _text_style(size: float) -> str:
    return f'<style:text-properties fo:font-size="{size}pt" style:font-size-asian="{size}pt"/>' if size != _SIZE else ""


def _defaults(family: str) -> str:
    """One font for all, named once: a program repeats what a style says at every text that has it."""
    return (
        f'<office:styles><style:default-style style:family="{family}"><style:text-properties'
        f' style:font-name="{_FONT}" style:font-name-asian="{_FONT}" fo:font-size="{_SIZE}pt"'
        f' style:font-size-asian="{_SIZE}pt" fo:language="zh" fo:country="CN" style:language-asian="zh"'
        ' style:country-asian="CN"/></style:default-style>'
        '<style:style style:name="Standard" style:family="paragraph"/></office:styles>'
    )


def _paragraph_style(name: str, size: float, align: str = "start", more: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="paragraph" style:parent-style-name="Standard">'
        f'<style:paragraph-properties fo:text-align="{align}" {more}/>{_text_style(size)}</style:style>'
    )


_ALIGN = {"head": "c", "middle": "c", "amount": "r", "code": "l", "body": "l", "value": "l", "title": "t", "plain": "l",
          "right": "r"}  # fmt: skip
_BORDER = "0.5pt solid #000000"


def writer_document(y: Year, title_in_table: bool) -> str:
    """The document for Writer; titles of forms stand above their tables, or in merged cells of them."""
    styles = [
        _paragraph_style("cover", 24, "center", 'fo:margin-top="4cm"'),
        _paragraph_style("middle", 14, "center"),
        _paragraph_style("part", 15, "start", 'fo:break-before="page" fo:margin-bottom="0.3cm"'),
        _paragraph_style("section", 12, "start", 'fo:margin-top="0.2cm"'),
        _paragraph_style("prose", 11, "justify", 'fo:text-indent="0.8cm" fo:line-height="150%"'),
        _paragraph_style("formtitle", 14, "center", 'fo:keep-with-next="always" fo:margin-top="0.6cm"'),
        _paragraph_style("above", 9, "end", 'fo:keep-with-next="always"'),
        _paragraph_style("note", 9, "start", 'fo:margin-bottom="0.4cm"'),
        _paragraph_style("running", 9, "center"),
        _paragraph_style("l", 9),
        _paragraph_style("c", 9, "center"),
        _paragraph_style("r", 9, "end"),
        _paragraph_style("t", 14, "center"),
        '<style:style style:name="framed" style:family="table-cell"><style:table-cell-properties'
        f' fo:border="{_BORDER}" fo:padding="0.05cm" style:vertical-align="middle"/></style:style>',
        '<style:style style:name="bare" style:family="table-cell"><style:table-cell-properties fo:border="none"'
        ' fo:padding="0.05cm"/></style:style>',
        '<style:style style:name="whole" style:family="table-row"><style:table-row-properties'
        ' fo:keep-together="always"/></style:style>',
        '<style:style style:name="grid" style:family="table"><style:table-properties style:width="17cm"'
        ' table:align="margins" style:may-break-between-rows="true"/></style:style>',
    ]
    styles += [
        f'<style:style style:name="w{width}" style:family="table-column"><style:table-column-properties'
        f' style:column-width="{17 * width / 100:.2f}cm" style:rel-column-width="{width}*"/></style:style>'
        for width in range(5, 46)
    ]
    body = [_p("middle", NOTICE), _p("cover", UNIT), _p("cover", f"{y.year}年单位预算公开")]
    lines, _ = narrative(y)
    body += [_p("part", introduction()[0])] + [_prose(line) for line in introduction()[1:]]
    body.append(_p("part", f"第二部分　{y.year}年单位预算表"))
    for number, table in enumerate(tables(y)):
        body += _writer_table(table, number, title_in_table)
    body.append(_p("part", f"第三部分　{y.year}年单位预算情况说明"))
    body += [_prose(line) for line in lines]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<office:document {_NAMESPACES} office:version="1.2"'
        ' office:mimetype="application/vnd.oasis.opendocument.text">'
        f"{_FONTS}{_defaults('paragraph')}<office:automatic-styles>{''.join(styles)}"
        '<style:page-layout style:name="page"><style:page-layout-properties fo:page-width="21cm"'
        ' fo:page-height="29.7cm" fo:margin="2cm"/>'
        '<style:header-style><style:header-footer-properties fo:min-height="0.8cm"'
        ' fo:margin-bottom="0.3cm"/></style:header-style><style:footer-style><style:header-footer-properties'
        ' fo:min-height="0.8cm" fo:margin-top="0.3cm"/></style:footer-style></style:page-layout>'
        "</office:automatic-styles><office:master-styles>"
        '<style:master-page style:name="Standard" style:page-layout-name="page"><style:header>'
        f"{_p('running', title(y))}</style:header><style:footer>"
        '<text:p text:style-name="running">— <text:page-number text:select-page="current"/> —</text:p>'
        "</style:footer></style:master-page></office:master-styles>"
        f"<office:body><office:text>{''.join(body)}</office:text></office:body></office:document>"
    )


def _p(style: str, text: str) -> str:
    return f'<text:p text:style-name="{style}">{escape(text)}</text:p>'


def _prose(line: str) -> str:
    is_section = len(line) < 20 and line[1:2] == "、"
    return _p("section" if is_section else "prose", line)


def _above(table: Table, columns: int) -> list[list[Cell]]:
    """Title, number, and owner beside the unit of money, as rows of merged cells."""
    left = columns - columns // 2
    return [
        [Cell(table.title, columns=columns, style="title")],
        [Cell(table.number, columns=columns, style="right")],
        [Cell(f"编制单位：{UNIT}", columns=left, style="plain"),
         Cell("单位：万元", columns=columns - left, style="right")],
    ]  # fmt: skip


def _writer_table(table: Table, number: int, title_in_table: bool) -> list[str]:
    columns = len(table.widths)
    above: list[str] = []
    upper: list[list[Cell]] = []
    if title_in_table:
        upper = _above(table, columns)
    else:
        above = [_p("formtitle", table.title), _p("above", table.number),
                 _p("above", f"编制单位：{UNIT}　　　　单位：万元")]  # fmt: skip
    placed = list(_placed([*upper, *table.header, *table.rows], columns))
    first = len(upper) + len(table.header)
    cells = [f'<table:table table:name="table{number + 1}" table:style-name="grid">']
    cells += [f'<table:table-column table:style-name="w{width}"/>' for width in table.widths]
    for at, row in enumerate(placed):
        opening = "<table:table-header-rows>" if at == 0 and first else ""
        closing = "</table:table-header-rows>" if at == first - 1 else ""
        cells.append(f'{opening}<table:table-row table:style-name="whole">')
        for cell in row:
            if cell is None:
                cells.append("<table:covered-table-cell/>")
                continue
            frame = "bare" if at < len(upper) else "framed"
            text = "".join(_p(_ALIGN[cell.style], line) for line in cell.shown.split("\n"))
            cells.append(f'<table:table-cell table:style-name="{frame}"{_span(cell)}>{text}</table:table-cell>')
        cells.append(f"</table:table-row>{closing}")
    # A paragraph parts the table from the next one.
    below = [_p("note", table.note)] if table.note or title_in_table else []
    return [*above, *cells, "</table:table>", *below]


def _span(cell: Cell) -> str:
    columns = f' table:number-columns-spanned="{cell.columns}"' if cell.columns > 1 or cell.rows > 1 else ""
    return columns + (f' table:number-rows-spanned="{cell.rows}"' if columns else "")


def _placed(rows: Sequence[Sequence[Cell]], columns: int) -> Iterator[list[Cell | None]]:
    """Rows as wide as the table, None where a merged cell covers the place."""
    covered: set[tuple[int, int]] = set()
    for at, row in enumerate(rows):
        line: list[Cell | None] = []
        left = iter(row)
        while len(line) < columns:
            if (at, len(line)) in covered:
                line.append(None)
                continue
            cell = next(left)
            covered |= {
                (at + down, len(line) + right) for down in range(cell.rows) for right in range(cell.columns)
            } - {(at, len(line))}
            line.append(cell)
        assert next(left, None) is None, "a row is wider than its table"
        yield line


def calc_document(y: Year) -> str:
    """The document for Calc: a sheet for the cover, each form and the explanation; amounts are numbers."""
    sheets = [
        _sheet("封面", (90,), [[Cell(NOTICE, style="plain")], [Cell(UNIT, style="title")],
                             [Cell(f"{y.year}年单位预算公开", style="title")]]),
        _sheet("单位概况", (90,), [[Cell(line, style="plain")] for line in introduction()]),
    ]  # fmt: skip
    for table in tables(y):
        columns = len(table.widths)
        note = [[Cell(table.note, columns=columns, style="plain")]] if table.note else []
        rows = [*_above(table, columns), *table.header, *table.rows, *note]
        sheets.append(_sheet(table.number.removeprefix("公开"), table.widths, rows))
    lines, _ = narrative(y)
    sheets.append(_sheet("情况说明", (110,), [[Cell(line, style="plain")] for line in lines]))
    number = '<number:number number:decimal-places="2" number:min-integer-digits="1" number:grouping="true"/>'
    styles = [
        f'<number:number-style style:name="money">{number}</number:number-style>',
        f'<number:number-style style:name="nilP0" style:volatile="true">{number}</number:number-style>',
        f'<number:number-style style:name="nilP1" style:volatile="true"><number:text>-</number:text>{number}'
        "</number:number-style>",
        '<number:number-style style:name="nil"><number:text>--</number:text>'
        '<style:map style:condition="value()&gt;0" style:apply-style-name="nilP0"/>'
        '<style:map style:condition="value()&lt;0" style:apply-style-name="nilP1"/></number:number-style>',
        '<number:number-style style:name="code"><number:number number:decimal-places="0"'
        ' number:min-integer-digits="1"/></number:number-style>',
        '<number:percentage-style style:name="share"><number:number number:decimal-places="0"'
        ' number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>',
        _cell_style("head", "center"),
        _cell_style("middle", "center", data="share"),
        _cell_style("amount", "end", data="money"),
        _cell_style("nilamount", "end", data="nil"),
        _cell_style("code", "start", data="code"),
        _cell_style("body", "start"),
        _cell_style("value", "start"),
        _cell_style("plain", "start", border=False),
        _cell_style("right", "end", border=False),
        _cell_style("title", "center", border=False, size=14),
    ]
    styles += [
        f'<style:style style:name="w{width}" style:family="table-column"><style:table-column-properties'
        f' style:column-width="{width / 5:.2f}cm"/></style:style>'
        for width in range(5, 111)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<office:document {_NAMESPACES} office:version="1.2"'
        ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        f"{_FONTS}{_defaults('table-cell')}<office:automatic-styles>{''.join(styles)}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(sheets)}</office:spreadsheet></office:body></office:document>"
    )


def _cell_style(name: str, align: str, data: str = "", border: bool = True, size: float = _SIZE) -> str:
    of_data = f' style:data-style-name="{data}"' if data else ""
    frame = f'fo:border="{_BORDER}"' if border else 'fo:border="none"'
    return (
        f'<style:style style:name="{name}" style:family="table-cell"{of_data}><style:table-cell-properties {frame}'
        ' fo:wrap-option="wrap" style:vertical-align="middle"/><style:paragraph-properties'
        f' fo:text-align="{align}"/>{_text_style(size)}</style:style>'
    )


def _sheet(name: str, widths: Sequence[int], rows: Sequence[Sequence[Cell]]) -> str:
    parts = [f'<table:table table:name="{name}">']
    parts += [f'<table:table-column table:style-name="w{width}"/>' for width in widths]
    for row in _placed(rows, len(widths)):
        parts.append("<table:table-row>")
        parts += ["<table:covered-table-cell/>" if cell is None else _calc_cell(cell) for cell in row]
        parts.append("</table:table-row>")
    return "".join([*parts, "</table:table>"])


def _calc_cell(cell: Cell) -> str:
    style = "nilamount" if cell.nil else cell.style
    opening = f'<table:table-cell table:style-name="{style}"{_span(cell)}'
    formula = f' table:formula="of:={cell.formula}"' if cell.formula and cell.shown else ""
    if cell.amount is not None and (cell.amount or cell.nil):
        return f'{opening}{formula} office:value-type="float" office:value="{cell.amount / 100}"/>'
    if cell.number == "0%":
        share = int(cell.text.rstrip("%")) / 100
        return f'{opening} office:value-type="percentage" office:value="{share}"/>'
    if cell.number:
        return f'{opening} office:value-type="float" office:value="{cell.text}"/>'
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in cell.shown.split("\n")) if cell.shown else ""
    kind = ' office:value-type="string"' if text else ""
    return f"{opening}{kind}>{text}</table:table-cell>"


def convert(source: str, suffix: str, into: Path) -> None:
    """Has LibreOffice write `source`, flat OpenDocument, as `into`."""
    filters = {
        "docx": "docx:MS Word 2007 XML",
        "xlsx": "xlsx:Calc MS Excel 2007 XML",
        "html": "html:HTML (StarWriter)",
        "pdf": 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"false"}}',
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"source.{'fods' if suffix == 'xlsx' else 'fodt'}"
        file.write_text(source, encoding="utf-8")
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", filters[suffix],
             "--outdir", folder, str(file)],
            check=True, capture_output=True,
        )  # fmt: skip
        into.write_bytes((Path(folder) / f"source.{suffix}").read_bytes())


def main() -> None:
    for year, suffix in FORMATS.items():
        y = Year(year)
        source = calc_document(y) if suffix == "xlsx" else writer_document(y, title_in_table=suffix != "pdf")
        into = SAMPLES / name_of(y)
        convert(source, suffix, into)
        facts = truth(y)
        parts = [
            f"  {json.dumps(key)}: "
            + (
                "[\n" + ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in value) + "\n  ]"
                if isinstance(value, list) and value
                else json.dumps(value, ensure_ascii=False)
            )
            for key, value in facts.items()
        ]
        (TRUTHS / f"{into.name.split('.')[0]}.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
        print(f"{into.relative_to(ROOT)}: {into.stat().st_size} bytes")


if __name__ == "__main__":
    main()
