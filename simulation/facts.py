"""The facts of invented units: money that adds up, projects, indicators, plans and evaluations.

Everything follows from the seed number, the number of the unit and the year: unit 7 is the same in a corpus of ten
units and in one of ten thousand, and its 2023 is the same whichever years are written. Money is in fen, so that sums
are exact; what a page prints of it is decided where it is printed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from simulation.catalogue import (
    Sector,
    Subject,
    declared,
    economic_name,
    economics,
    economics_of,
    function_name,
    sectors,
)
from simulation.money import rounded
from simulation.targets import Indicator, indicators_of, judged

FIRST_YEAR = 2014  # where growth and chains of projects begin; earlier years cannot be asked for
YUAN = 100
_HUNDREDTH_WAN = 10_000  # fen in 0.01 万元

ROUGH_SHARE = 0.4  # units whose books are kept to the yuan: their printed sums miss by rounding
FUND_SHARE = 0.15  # units with a project of the government fund
CARRY_SHARE = 0.5  # years that begin with a balance, where the dialect prints one
_WITHOUT_BALANCE = ("shanghai", "jiangsu")
OVERSEAS_SHARE = 0.15
MASKED_SHARE = 0.05  # projects whose name is masked
OWN_SHARE = 0.4  # projects of institutions that own income pays in part


@dataclass(frozen=True)
class Unit:
    """An invented unit. `step` is the smallest amount in its books, in fen."""

    number: int
    dialect: str
    province: str
    county: str
    region_code: str
    code: str
    name: str
    sector: Sector
    is_department: bool
    step: int
    head_count: int
    vehicles: int
    has_fund_project: bool


@dataclass(frozen=True)
class Project:
    """A project of a year and how it is paid for. Amounts are in fen."""

    code: str
    name: str
    is_masked: bool
    subject: Subject
    function: str
    general: int  # of the general budget, with what is carried over
    fund: int  # of the government fund
    own: int  # of own income
    carried: int  # of `general`, from the year before
    purpose: str
    goals: tuple[str, ...]
    plan: tuple[int | None, ...]  # cumulative per cent at the ends of March, June, October and December
    indicators: tuple[Indicator, ...]

    @property
    def budget(self) -> int:
        """All that it may spend, in fen."""
        return self.general + self.fund + self.own

    @property
    def fiscal(self) -> int:
        """What the treasury pays of it, in fen: all but own income."""
        return self.general + self.fund


@dataclass(frozen=True)
class Economic:
    """Basic expenditure of one economic class."""

    code: str
    function: str
    amount: int
    is_personnel: bool


@dataclass(frozen=True)
class Parts:
    """What one functional class spends, by what pays for it. Sums of classes are sums of parts."""

    personnel: int = 0
    public: int = 0
    project: int = 0  # general budget
    fund: int = 0
    own: int = 0
    carried: int = 0  # of `project`

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            self.personnel + other.personnel,
            self.public + other.public,
            self.project + other.project,
            self.fund + other.fund,
            self.own + other.own,
            self.carried + other.carried,
        )

    @property
    def basic(self) -> int:
        """Basic expenditure (基本支出), in fen."""
        return self.personnel + self.public

    @property
    def general(self) -> int:
        """Expenditure of the general public budget, in fen."""
        return self.basic + self.project

    @property
    def total(self) -> int:
        """Expenditure from all sources, in fen."""
        return self.general + self.fund + self.own


@dataclass(frozen=True)
class Evaluation:
    """How a project ended. Points are in hundredths."""

    project: Project
    executed: Project
    rate: int  # of the amounts in 万元 as they are printed, in hundredths of a per cent
    execution_score: int
    scores: tuple[int, ...]
    weights: tuple[int, ...]
    actuals: tuple[str, ...]
    total_score: int


@dataclass(frozen=True)
class Year:
    """A budget or a final account of a unit."""

    unit: Unit
    year: int
    phase: str  # budget / final
    economics: tuple[Economic, ...]
    projects: tuple[Project, ...]
    vehicle_purchase: int  # part of a project
    carry_out: int = 0
    _classes: dict[str, Parts] = field(default_factory=dict, compare=False, repr=False)

    @property
    def classes(self) -> dict[str, Parts]:
        """Functional class of the lowest level → parts, in the order of the codes."""
        if not self._classes:
            found: dict[str, Parts] = {}
            for line in self.economics:
                part = Parts(personnel=line.amount) if line.is_personnel else Parts(public=line.amount)
                found[line.function] = found.get(line.function, Parts()) + part
            for project in self.projects:
                part = Parts(project=project.general, fund=project.fund, own=project.own, carried=project.carried)
                found[project.function] = found.get(project.function, Parts()) + part
            self._classes.update(sorted(found.items()))
        return self._classes

    @property
    def total(self) -> Parts:
        """The sum over all functional classes."""
        return sum(self.classes.values(), Parts())

    def economic(self, code: str) -> int:
        """Basic expenditure of one economic class over all functional classes, in fen."""
        return sum(line.amount for line in self.economics if line.code == code)

    def function_rows(self, codes: Sequence[str] | None = None) -> list[tuple[str, str, Parts]]:
        """(code, name, parts) of 类, 款 and 项 in the order of the codes; sums are those of the 项 in `codes`."""
        parts: dict[str, Parts] = {}
        for code, part in self.classes.items():
            if codes is None or code in codes:
                for level in (code[:3], code[:5], code):
                    parts[level] = parts.get(level, Parts()) + part
        return [(code, function_name(code, self.year) or "", part) for code, part in sorted(parts.items())]

    def economic_rows(self) -> list[tuple[str, str, int, int]]:
        """(code, name, personnel, public) of 类 and 款 of the basic expenditure."""
        found: dict[str, tuple[int, int]] = {}
        for line in self.economics:
            for level in (line.code[:3], line.code):
                personnel, public = found.get(level, (0, 0))
                found[level] = (
                    (personnel + line.amount, public) if line.is_personnel else (personnel, public + line.amount)
                )
        return [(code, economic_name(code, self.year) or "", *amounts) for code, amounts in sorted(found.items())]

    @property
    def income_general(self) -> int:
        """General public budget received this year, in fen: without what was carried in, with what is carried out."""
        return self.total.general - self.total.carried + self.carry_out

    @property
    def income_fund(self) -> int:
        """Government fund budget received this year, in fen."""
        return self.total.fund

    @property
    def income_own(self) -> int:
        """The unit's own income of this year, in fen."""
        return self.total.own

    @property
    def income(self) -> int:
        """Income of this year from all sources, in fen."""
        return self.income_general + self.income_fund + self.income_own

    @property
    def three_public(self) -> dict[str, int]:
        """“三公” expenses in fen by item, with the sums `total` and `vehicle`."""
        overseas, reception, operation = (self.economic(code) for code in ("30212", "30217", "30231"))
        vehicle = self.vehicle_purchase + operation
        return {
            "total": overseas + vehicle + reception,
            "overseas": overseas,
            "vehicle": vehicle,
            "vehicle_purchase": self.vehicle_purchase,
            "vehicle_operation": operation,
            "reception": reception,
        }


def _random(*parts: object) -> random.Random:
    return random.Random("|".join(str(part) for part in parts))


@lru_cache(maxsize=64)
def unit_of(seed: int, number: int) -> Unit:
    """Unit `number` (from 0) of a corpus."""
    provinces, places = declared()["provinces"], declared()["places"]
    province = provinces[number % len(provinces)]
    rest = number // len(provinces)
    sector = sectors()[rest % len(sectors())]
    at = rest // len(sectors())
    first, second = places["first"], places["second"]
    # Every county comes once before a number is added to its name.
    turn, at = divmod(at, len(first) * len(second))
    step = at * 7 % (len(first) * len(second))  # 7 is prime to both lengths: neighbours differ in both syllables
    county = first[step % len(first)] + second[step // len(first) % len(second)]
    county += ["县", "区", "市"][at % 3] if turn == 0 else f"第{_numeral(turn + 1)}区"
    draw = _random(seed, "unit", number)
    return Unit(
        number=number,
        dialect=province["dialect"],
        province=province["name"],
        county=county,
        region_code=f"{province['code']}{at % 89 + 11:02d}",
        code=f"{301 + rest % len(sectors()):03d}{rest % 900 + 1:03d}",
        name=f"{province['name']}{county}{sector.name}",
        sector=sector,
        is_department=not sector.is_institution,
        step=YUAN if draw.random() < ROUGH_SHARE else _HUNDREDTH_WAN,
        head_count=draw.randint(8, 60) if sector.is_institution else draw.randint(15, 180),
        vehicles=draw.randint(1, 12),
        has_fund_project=draw.random() < FUND_SHARE,
    )


def _numeral(number: int) -> str:
    digits = "零一二三四五六七八九"
    return "".join(digits[int(digit)] for digit in str(number))


def _growth(seed: int, unit: Unit, year: int) -> float:
    factor = 1.0
    for at in range(FIRST_YEAR, year + 1):
        factor *= _random(seed, "growth", unit.number, at).uniform(0.97, 1.08)
    return factor


def _stepped(amount: float, unit: Unit) -> int:
    """An amount in yuan → fen, in the steps of the books."""
    return round(amount * YUAN / unit.step) * unit.step


@lru_cache(maxsize=64)
def budget_of(seed: int, number: int, year: int) -> Year:
    """The budget of a unit."""
    unit = unit_of(seed, number)
    growth = _growth(seed, unit, year)
    level, now = _random(seed, "level", number), _random(seed, "year", number, year)
    heads = unit.head_count
    # Drawn in one order for every edition, so that a class that begins or ends moves no other.
    a_head = {row.code: level.uniform(row.low, row.high) for row in economics()}
    is_abroad = level.random() < OVERSEAS_SHARE
    own = {
        "30212": level.uniform(20_000, 150_000) if is_abroad else 0.0,
        "30217": level.uniform(3_000, 40_000),
        "30231": unit.vehicles * level.uniform(18_000, 36_000),
    }
    lines = []
    for row in economics_of(year, unit.sector.is_institution):
        amount = own.get(row.code, a_head[row.code] * heads * growth) * now.uniform(0.97, 1.03)
        if stepped := _stepped(amount, unit):
            lines.append(
                Economic(row.code, _function(row.function, unit, year), stepped, row.code[:3] in ("301", "303"))
            )
    projects = _projects(seed, unit, year, growth)
    bought = next((project for project in projects if "车辆" in project.subject.name), None)
    purchase = _stepped(min(250_000.0, bought.general / YUAN / 2), unit) if bought else 0
    return Year(unit, year, "budget", tuple(lines), projects, purchase)


def _function(function: str, unit: Unit, year: int) -> str:
    """The class that an economic class is spent in: that of the unit, or one of social security, health, housing."""
    if function == "run":
        return unit.sector.run
    if function == "medical":
        return "2101102" if unit.sector.is_institution else "2101101"
    if function == "retired":
        return "2080502" if unit.sector.is_institution else "2080501" if year >= 2020 else "2080504"
    return function


@dataclass(frozen=True)
class _Run:
    """A project over its years."""

    slot: int
    first: int
    last: int
    subject: Subject
    kind: str
    amount: float
    function: str
    is_masked: bool
    own_share: float


def _runs(seed: int, unit: Unit, year: int) -> list[_Run]:
    """The projects that a unit has in a year: each slot is a chain of projects of one to nine years."""
    draw = _random(seed, "slots", unit.number)
    subjects = list(unit.sector.subjects)
    draw.shuffle(subjects)
    found = []
    for slot in range(draw.randint(2, len(subjects))):
        chain = _random(seed, "slot", unit.number, slot)
        first = FIRST_YEAR - chain.randint(0, 3)
        turn = 0
        while True:
            last = first + chain.choice([0, 1, 2, 2, 3, 4, 5, 8])
            run = _Run(
                slot,
                first,
                last,
                subjects[slot],
                declared()["kinds"][turn % len(declared()["kinds"])],
                chain.choice([60_000, 120_000, 300_000, 800_000, 2_400_000, 6_000_000]) * chain.uniform(0.6, 1.6),
                chain.choice(unit.sector.classes),
                chain.random() < MASKED_SHARE,
                chain.uniform(0.05, 0.4) if chain.random() < OWN_SHARE else 0.0,
            )
            if first <= year <= last:
                found.append(run)
            if last >= year:
                break
            first, turn = last + 1, turn + 1
    return found


def _projects(seed: int, unit: Unit, year: int, growth: float) -> tuple[Project, ...]:
    projects = []
    runs = _runs(seed, unit, year)
    for at, run in enumerate(runs):
        draw = _random(seed, "project", unit.number, run.slot, run.first, year)
        amount = max(_stepped(run.amount * growth * draw.uniform(0.85, 1.15), unit), 10 * _HUNDREDTH_WAN)
        of_fund = unit.has_fund_project and at == len(runs) - 1 and len(runs) > 1
        own = _stepped(amount / YUAN * run.own_share, unit) if unit.sector.is_institution and not of_fund else 0
        carried = 0
        is_printed = at == 0 and not of_fund and unit.dialect not in _WITHOUT_BALANCE
        if is_printed and _random(seed, "carry", unit.number, year).random() < CARRY_SHARE:
            carried = _stepped((amount - own) / YUAN * draw.uniform(0.02, 0.1), unit)
        name = run.subject.name + run.kind
        if run.is_masked:
            name = "**" + name[2:]
        function = declared()["fund_class"] if of_fund else _project_class(run.function, unit, year)
        budget = amount
        projects.append(
            Project(
                code=f"{unit.region_code}{run.first % 100:02d}T{unit.code}{run.slot:02d}{run.first % 100:02d}0A",
                name=name,
                is_masked=run.is_masked,
                subject=run.subject,
                function=function,
                general=0 if of_fund else amount - own,
                fund=amount if of_fund else 0,
                own=own,
                carried=carried,
                purpose=f"用于{run.subject.name}所需的人员、材料和设备支出。",
                goals=(f"按计划完成{run.subject.name}任务。", "资金使用合规，支出进度达到要求。")[: draw.randint(1, 2)],
                plan=_plan(draw),
                indicators=indicators_of(run.subject, budget, year, draw),
            )
        )
    return tuple(projects)


def _project_class(code: str, unit: Unit, year: int) -> str:
    """The class of a project, or the first of its sector that the edition of the year has."""
    if function_name(code, year):
        return code
    return next(other for other in unit.sector.classes if function_name(other, year))


def _plan(draw: random.Random) -> tuple[int | None, ...]:
    if draw.random() < 0.1:  # the first month is left blank
        return (None, 40, 70, 100)
    first = draw.choice([5, 10, 20, 25])
    second = first + draw.choice([15, 20, 25])
    third = second + draw.choice([15, 20, 30])
    return (first, second, third, 100)


@lru_cache(maxsize=64)
def final_of(seed: int, number: int, year: int) -> Year:
    """The final account of the same year: what was spent of the budget; what is left goes on into the next."""
    budget = budget_of(seed, number, year)
    draw = _random(seed, "final", number, year)
    unit = budget.unit
    lines = tuple(
        replace(line, amount=_stepped(line.amount / YUAN * draw.uniform(0.95, 1.04), unit)) for line in budget.economics
    )
    # 三公 never exceeds its budget.
    lines = tuple(
        replace(line, amount=min(line.amount, planned.amount)) if line.code in ("30212", "30217", "30231") else line
        for line, planned in zip(lines, budget.economics, strict=True)
    )
    projects = tuple(_executed(project, unit, draw) for project in budget.projects)
    carry_out = budget_of(seed, number, year + 1).total.carried
    return Year(unit, year, "final", lines, projects, budget.vehicle_purchase, carry_out)


def _executed(project: Project, unit: Unit, draw: random.Random) -> Project:
    rate = draw.choice([1.0, 1.0, 1.0, draw.uniform(0.9, 1.0), draw.uniform(0.7, 1.0)])
    if rate == 1.0:
        return project
    carried = project.carried
    return replace(
        project,
        general=max(_stepped(project.general / YUAN * rate, unit), carried),
        fund=_stepped(project.fund / YUAN * rate, unit),
        own=_stepped(project.own / YUAN * rate, unit),
    )


def evaluations_of(seed: int, number: int, year: int) -> tuple[Evaluation, ...]:
    """The self-evaluations of all projects of a year."""
    budget, final = budget_of(seed, number, year), final_of(seed, number, year)
    found = []
    for project, executed in zip(budget.projects, final.projects, strict=True):
        draw = _random(seed, "evaluation", number, year, project.code)
        weights, actuals, scores = judged(project.indicators, executed.budget, year, draw)
        spent, planned = (rounded(amount, "万元") for amount in (executed.budget, project.budget))
        rate = (20_000 * spent + planned) // (2 * planned)
        execution = min(1000, (rate + 5) // 10)  # ten points times the printed rate
        found.append(Evaluation(project, executed, rate, execution, scores, weights, actuals, execution + sum(scores)))
    return tuple(found)
