"""The facts of a text as the loaders read them, in a form that two readings can be compared in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from loaders import text as rules
from loaders.errors import RefusedDocument
from loaders.extract import extract_bytes

if TYPE_CHECKING:
    from loaders.extraction import RawRow

FACT_TABLES = (
    "budget_cell",
    "three_public_cell",
    "project",
    "project_goal",
    "project_plan",
    "project_indicator",
    "evaluation",
    "evaluation_fund",
    "evaluation_summary",
    "procurement_item",
    "procurement_cell",
    "asset_line",
    "unit_profile",
    "department_goal",
    "department_value",
    "department_task",
    "narrative_figure",
)
# Places and running numbers follow the layout, not the facts.
_LAYOUT = {"source_box", "form_no", "row_no", "project_sequence", "evaluation_sequence", "figure_no", "section_no"}

Facts = Counter[tuple[object, ...]]


def squash(value: object) -> str | None:
    """A printed value without white space, in half width; None stays None."""
    return None if value is None else rules.half_width(rules.squash(str(value)))


def raw_rows(text: str | bytes) -> dict[str, list[RawRow]]:
    """Raw rows by table; a refused text has none but says why under `refused`."""
    try:
        return extract_bytes(text.encode() if isinstance(text, str) else text)
    except RefusedDocument as refusal:
        return {"refused": [{"reason": refusal.reason}]}


def facts(text: str | bytes) -> Facts:
    """The facts of a text: (table, (column, value)…), places and running numbers aside, white space aside."""
    found = raw_rows(text)
    return Counter(
        (table, *sorted((key, squash(value)) for key, value in row.items() if _counts(key, value)))
        for table in FACT_TABLES
        for row in found.get(table, [])
    )


def _counts(key: str, value: object) -> bool:
    return value is not None and "locator" not in key and key not in _LAYOUT


def unclaimed(text: str | bytes) -> list[str]:
    """The texts of cells and lines that no form claimed."""
    return [str(row["text"]) for row in raw_rows(text).get("cell", []) if row["claimed_as"] is None]
