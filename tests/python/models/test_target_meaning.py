"""What targets and actual values mean, against labels made by eye by somebody who has not seen the parser.

fixtures/targets.json has every distinct target of the five seeds, fixtures/actuals.json every distinct pair of target
and actual value with whether a careful reader would call the target met.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders.connection import connect

FIXTURES = Path(__file__).parents[1] / "fixtures"


def number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value)).normalize()


def unit(label: dict[str, Any]) -> str | None:
    """`5万` among cost indicators is 5 万元 by the grammar; the label keeps the printed 万."""
    printed: str | None = label["unit"]
    return "万元" if printed == "万" and label["level2"] == "成本指标" else printed


def test_every_target_is_understood_as_labelled(seeds_warehouse: Path) -> None:
    labels = json.loads((FIXTURES / "targets.json").read_text("utf-8"))
    wrong = []
    with connect(seeds_warehouse, read_only=True) as connection:
        for label in labels:
            found = connection.execute(
                "select distinct target_kind, comparator, target_value, target_value_high, target_unit,"
                " cast(target_date as varchar) from marts.fct_project_indicator"
                " where target_printed = ? and level3 = ? and level2_printed is not distinct from ?",
                [label["target_printed"], label["level3"], label["level2"]],
            ).fetchall()
            measured = label["kind"] not in ("qualitative", "recurring")  # words have no comparator
            expected = (
                label["kind"],
                label["comparator"] if measured else None,
                number(label["value"]),
                number(label.get("value_high")),
                unit(label),
                label["date"],
            )
            got = [
                (kind, comparator if measured else None, number(low), number(high), *rest)
                for kind, comparator, low, high, *rest in found
            ]
            if got != [expected]:
                wrong.append((label["target_printed"], expected, got))
    assert len(labels) == 230
    assert wrong == []


def test_attainment_is_judged_as_labelled(seeds_warehouse: Path) -> None:
    """Where the labeller was unsure, both sides are conservative or the reason is in the label; none is asserted."""
    labels = json.loads((FIXTURES / "actuals.json").read_text("utf-8"))
    sure = [label for label in labels if not label.get("uncertain")]
    wrong = []
    with connect(seeds_warehouse, read_only=True) as connection:
        for label in sure:
            found = connection.execute(
                "select distinct attainment from marts.fct_project_indicator where stage = 'self_evaluation'"
                " and level3 is not distinct from ? and target_printed is not distinct from ?"
                " and actual_printed is not distinct from ?",
                [label["level3"], label["target_printed"], label["actual_printed"]],
            ).fetchall()
            if found != [(label["attainment"],)]:
                wrong.append((label["level3"], label["target_printed"], label["actual_printed"], found))
    assert len(sure) >= 80
    assert wrong == []
