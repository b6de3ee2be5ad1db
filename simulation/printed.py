"""Projects and evaluations as printed texts: what all layouts of them are written from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulation.targets import LEVELS

MONTHS = ["3月底", "6月底", "10月底", "12月底"]
FUND_SOURCES = ["年度资金总额", "其中：当年财政拨款", "上年结转资金", "其他资金"]


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
    deviation: str = ""


@dataclass(frozen=True)
class Project:
    """A project target as texts; `plan` has a share for each of MONTHS."""

    code: str
    name: str
    budget: str
    fiscal: str
    purpose: str
    plan: tuple[str, ...]
    goals: tuple[str, ...]
    indicators: tuple[Indicator, ...] = field(default=())
    other: str = ""


@dataclass(frozen=True)
class Fund:
    """A row of the funds of an evaluation."""

    source: str
    initial: str
    annual: str
    executed: str
    weight: str = "—"
    rate: str = "—"
    score: str = "—"


@dataclass(frozen=True)
class Evaluation:
    """A self-evaluation; `level_weights` by level 1, printed behind its label."""

    name: str
    department: str
    implementer: str
    funds: tuple[Fund, ...]
    expected: str
    achieved: str
    indicators: tuple[Indicator, ...]
    level_weights: tuple[tuple[str, str], ...]
    total_weight: str
    total_score: str


def labels(indicators: Sequence[Indicator]) -> list[tuple[str, str]]:
    """Level 1 and 2 as a merged table prints them: level 1 only where it changes."""
    printed = []
    before = None
    for indicator in indicators:
        level1, level2 = LEVELS[indicator.level]
        printed.append((level1 if level1 != before else "", level2))
        before = level1
    return printed
