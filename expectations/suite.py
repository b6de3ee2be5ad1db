"""Suites as data: YAML entries become one check a table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SUITES = Path(__file__).parent / "suites"


@dataclass(frozen=True)
class Check:
    """One expectation asked of one table (`schema.table`)."""

    name: str
    expectation: str
    table: str
    kwargs: dict[str, Any]
    reason: str
    reason_zh: str


def suite_file(name: str) -> Path:
    """The YAML file of suite `name`. Raises ValueError for a name that is no suite."""
    path = SUITES / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SUITES.glob("*.yml")))
        raise ValueError(f"no suite named {name} (there are: {known})")
    return path


def load_suite(path: Path) -> tuple[Check, ...]:
    """Every check that the suite at `path` declares, in its order; an entry with several tables gives one for each."""
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))["expectations"]
    return tuple(
        Check(
            name=entry["name"],
            expectation=entry["expect"],
            table=table,
            kwargs=entry.get("kwargs", {}),
            reason=entry["reason"],
            reason_zh=entry["reason_zh"],
        )
        for entry in declared
        for table in (entry["tables"] if "tables" in entry else [entry["table"]])
    )


def suite_fingerprint(path: Path) -> str:
    """SHA-256 of the suite's file, in hex: evidence names the rules that were asked."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
