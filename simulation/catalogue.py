"""What invented units are made of: places, sectors, classes by edition (catalogue.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Subject:
    """What a project is about, and the indicator that counts it."""

    name: str
    counted: str
    unit: str
    low: int
    high: int


@dataclass(frozen=True)
class Sector:
    """A field of public work: the functional class `run` is what its units live from, `classes` are of projects."""

    name: str
    run: str
    classes: tuple[str, ...]
    subjects: tuple[Subject, ...]
    is_institution: bool


@dataclass(frozen=True)
class Economic:
    """An economic class; `low` and `high` in yuan a head."""

    code: str
    name: str
    first: int
    last: int
    low: int
    high: int
    function: str
    who: str


@cache
def declared() -> dict[str, Any]:
    """The contents of catalogue.yml."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "catalogue.yml").read_text("utf-8"))
    return found


@cache
def sectors() -> tuple[Sector, ...]:
    """The declared sectors, in their order."""
    return tuple(
        Sector(
            sector["name"],
            sector["run"],
            tuple(sector["classes"]),
            tuple(Subject(*subject) for subject in sector["subjects"]),
            sector.get("is_institution", False),
        )
        for sector in declared()["sectors"]
    )


@cache
def economics() -> tuple[Economic, ...]:
    """The declared economic classes, in their order."""
    return tuple(Economic(*row) for row in declared()["economics"])


def _is_valid(first: int, last: int, year: int) -> bool:
    return first <= year and (not last or year <= last)


@cache
def function_name(code: str, year: int) -> str | None:
    """The name of a functional class in the edition of `year`; None where the edition has no such class."""
    for other, name, first, last in declared()["functions"]:
        if other == code and _is_valid(first, last, year):
            return str(name)
    return None


@cache
def economic_name(code: str, year: int) -> str | None:
    """The same of an economic class."""
    return next(
        (row.name for row in economics() if row.code == code and _is_valid(row.first, row.last, year)),
        None,
    )


@cache
def economics_of(year: int, is_institution: bool) -> tuple[Economic, ...]:
    """The lowest economic classes that a unit has in an edition, in the order of the list."""
    who = "institution" if is_institution else "agency"
    return tuple(
        row
        for row in economics()
        if len(row.code) == 5 and row.who in ("all", who) and _is_valid(row.first, row.last, year)
    )
