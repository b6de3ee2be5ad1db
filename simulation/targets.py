"""Indicators of projects: what is aimed at, how it is printed, and what came of it."""

from __future__ import annotations

import calendar
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.catalogue import Subject

# Level 1 and 2 of an indicator; `Indicator.level` is an index into it.
LEVELS = [
    ("产出指标", "数量指标"), ("产出指标", "质量指标"), ("产出指标", "时效指标"), ("产出指标", "成本指标"),
    ("效益指标", "社会效益指标"), ("效益指标", "可持续影响指标"), ("满意度指标", "服务对象满意度指标"),
]  # fmt: skip
WEIGHTS = {0: 2000, 1: 1000, 2: 1000, 3: 1000, 4: 2000, 5: 1000, 6: 1000}  # in hundredths of a point: 90 points
_SIGNS = {">=": ["≥{}", "≥{}", "不低于{}"], "<=": ["≤{}", "≤{}", "不超过{}"], "=": ["={}"], "implicit_eq": ["{}"]}


@dataclass(frozen=True)
class Indicator:
    """A target as it is meant (`comparator`, `value`, `unit`, `date`) and as it is printed."""

    level: int
    name: str
    description: str
    basis: str
    comparator: str
    value: Decimal | None
    unit: str | None
    date: str | None
    printed: str


def indicators_of(subject: Subject, budget: int, year: int, draw: random.Random) -> tuple[Indicator, ...]:
    """The indicators of a project of `budget` fen."""
    quantity = draw.randint(subject.low, subject.high)
    month = draw.choice([6, 9, 10, 11, 12])
    limit = Decimal(-(-budget // 10_000)) / 100  # 万元, rounded up
    rate = draw.choice([92, 95, 98])
    found = [
        _number(0, f"{subject.counted}数量", f"全年{subject.counted}的数量", "年度计划",
                draw.choice([">=", ">=", "=", "implicit_eq"]), (Decimal(quantity), subject.unit), draw),
        _number(1, "验收合格率", "验收合格的任务占全部任务的比率", "验收规范", ">=", (Decimal(rate), "%"), draw),
        Indicator(2, "任务完成时间", "全部任务完成的时间", "实施方案", "<=", None, None,
                  f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}", f"{year}年{month}月底前"),
        _number(3, "成本控制数", "实际支出控制在预算以内", "项目预算", "<=", (limit, "万元"), draw),
        _number(4, "服务覆盖率", "受益对象占应服务对象的比率", "统计台账", ">=",
                (Decimal(draw.choice([80, 85, 90])), "%"), draw),
        Indicator(5, "长效管理机制", "制度建立和执行的情况", "工作方案", "qualitative", None, None, None,
                  draw.choice(["持续完善", "逐步健全"])),
        _number(6, "服务对象满意度", "受访对象中满意的比率", "问卷调查", ">=",
                (Decimal(draw.choice([85, 90, 95])), "%"), draw),
    ]  # fmt: skip
    kept = draw.sample(found[1:], draw.randint(3, 6))
    return tuple(indicator for indicator in found if indicator is found[0] or indicator in kept)


def _number(
    level: int, name: str, description: str, basis: str, comparator: str, aim: tuple[Decimal, str], draw: random.Random
) -> Indicator:
    value, unit = aim
    printed = draw.choice(_SIGNS[comparator]).format(f"{value}{unit}")
    return Indicator(level, name, description, basis, comparator, value, unit, None, printed)


def judged(
    indicators: Sequence[Indicator], spent: int, year: int, draw: random.Random
) -> tuple[tuple[int, ...], tuple[str, ...], tuple[int, ...]]:
    """Weights (hundredths of a point, 90 points in all), actual values as printed, scores."""
    weights = [WEIGHTS[indicator.level] for indicator in indicators]
    weights[0] += 9000 - sum(weights)
    actuals, scores = [], []
    for indicator, weight in zip(indicators, weights, strict=True):
        actual, share = _outcome(indicator, spent, year, draw)
        actuals.append(actual)
        scores.append(weight if share is None else round(weight * share / 50) * 50)
    return tuple(weights), tuple(actuals), tuple(scores)


def _outcome(indicator: Indicator, spent: int, year: int, draw: random.Random) -> tuple[str, float | None]:
    """The actual value, and the share of the points where the target was missed."""
    if indicator.date:
        month = int(indicator.date[5:7])
        return f"{year}年{draw.randint(max(month - 2, 1), month)}月", None
    if indicator.value is None:
        return indicator.printed, None
    if indicator.unit == "万元":
        return f"{Decimal(spent + 5_000 - (spent + 5_000) % 10_000) / 1_000_000:.2f}万元", None
    value = int(indicator.value)
    is_missed = draw.random() < 0.15 and value > 4
    if indicator.comparator in ("=", "implicit_eq"):
        actual = value - max(1, value // 10) if is_missed else value
    elif is_missed:
        actual = value - max(1, value // 10)
    else:
        ceiling = 100 if indicator.unit == "%" else value + max(1, value // 10)
        actual = draw.randint(value, ceiling)
    return f"{actual}{indicator.unit}", 0.8 if is_missed else None
