"""From rows of the year-over-year reports to what is drawn: series over years with their gaps and breaks, and steps
from one year to the next. Used by the pages and by the static report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from dashboard.charts import SERIES_SHOWN, Bar, Step

if TYPE_CHECKING:
    from dashboard.store import Row

# The forms that show a question best, in the order of preference, by whether they are budgets or final accounts.
FUNCTION_FORMS = {"budget": ("B_EXPEND", "B_FISCAL_FUNC", "B_GPB_FUNC"), "final": ("F_EXPEND", "F_GPB_FUNC")}
ECONOMIC_FORMS = {"budget": ("B_GPB_BASIC", "B_FISCAL_BASIC"), "final": ("F_GPB_BASIC",)}
EXPENDITURE_FORM = {"budget": "B_EXPEND", "final": "F_EXPEND"}
INCOME_FORM = {"budget": "B_INCOME", "final": "F_INCOME"}
STEPS_SHOWN = 10


@dataclass(frozen=True)
class Series:
    """Rows of one kind over the years, years between without a form, and years that break with the one before."""

    form: str
    rows: list[Row]
    years: list[int] = field(default_factory=list)
    gaps: dict[int, str] = field(default_factory=dict)
    breaks: dict[int, str] = field(default_factory=dict)


def is_whole(row: Row) -> bool:
    """The line of everything in its form: a total, or the only line of a form without classes."""
    return bool(row["is_total"]) or (row["class_level"] is None and row["class_name"] is None)


def top_classes(rows: Sequence[Row], class_type: str, forms: Sequence[str]) -> Series | None:
    """Classes of the highest level of the first form that prints classes of that type; None if none does."""
    for form in forms:
        classes = [
            row
            for row in rows
            if row["form_code"] == form
            and row["class_type"] == class_type
            and row["measure_key"] == "total"
            and row["class_level"] is not None
            and not row["is_total"]
        ]
        if classes:
            level = min(row["class_level"] for row in classes)
            return _series(form, [row for row in classes if row["class_level"] == level])
    return None


def whole_by_measure(rows: Sequence[Row], form: str, measures: Sequence[str]) -> Series | None:
    """The whole of a form in some of its columns, over the years; None if it prints none of them."""
    found = [row for row in rows if row["form_code"] == form and row["measure_key"] in measures and is_whole(row)]
    return _series(form, found) if any(row["amount_yuan"] is not None for row in found) else None


def funds(rows: Sequence[Row], form: str) -> Series | None:
    """Where the money comes from: the columns of the form of income, else its lines; None if it is not printed."""
    own = [row for row in rows if row["form_code"] == form]
    columns = [row for row in own if is_whole(row) and row["measure_key"] not in ("total", "subtotal")]
    if any(row["amount_yuan"] for row in columns):
        return _series(form, columns)
    lines = [row for row in own if row["class_type"] == "item" and not is_whole(row) and row["measure_key"] == "total"]
    return _series(form, [row for row in lines if row["is_leaf"]] or lines) if lines else None


def total_of(rows: Sequence[Row], form: str, year: int, measure: str = "total") -> Row | None:
    """The whole of a form in a year, as one row of the year-over-year report; None if it is not printed."""
    for row in rows:
        if (
            row["form_code"] == form
            and row["fiscal_year"] == year
            and row["measure_key"] == measure
            and row["side"] in (None, "expenditure")
            and is_whole(row)
            and row["amount_yuan"] is not None
        ):
            return row
    return None


def bars(
    series: Series, name: Callable[[Row], str], text: Callable[[Decimal], str], scale: Decimal, rest: str
) -> list[Bar]:
    """Parts of each year's bar: the largest series by name, all others together as `rest`. Zeros are left out."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in series.rows:
        sums[name(row)] += abs(row["amount_yuan"] or 0)
    largest = sorted((label for label, amount in sums.items() if amount), key=lambda label: -sums[label])
    shown = set(largest if len(largest) <= SERIES_SHOWN + 1 else largest[:SERIES_SHOWN])
    parts: dict[tuple[int, str], Decimal] = {}
    for row in series.rows:
        label = name(row)
        if row["amount_yuan"] is None or not sums[label]:
            continue
        part = (row["fiscal_year"], label if label in shown else rest)
        parts[part] = parts.get(part, Decimal(0)) + row["amount_yuan"]
    order = {label: number for number, label in enumerate([*largest, rest])}
    return [
        Bar(str(year), label, float(amount / scale), text(amount))
        for (year, label), amount in sorted(parts.items(), key=lambda item: (item[0][0], order[item[0][1]]))
    ]


@dataclass(frozen=True)
class Change:
    """The way from the total of one year to that of the next; `left_out` lines had no change to show."""

    steps: list[Step]
    left_out: int


def change(
    series: Series,
    whole: Row | None,
    year: int,
    labels: tuple[str, str, str, str],
    signed: Callable[[Decimal], str],
    plain: Callable[[Decimal], str],
    scale: Decimal,
) -> Change | None:
    """The steps from last year's total to this year's, by class; None where the totals may not be compared.

    `labels` are the names of last year's bar, of this year's, of the small changes together, and of what is not
    comparable. What the classes leave unexplained is that last bar, so that the steps always end at the printed total.
    """
    if whole is None or whole["change_yuan"] is None or whole["prior_amount_yuan"] is None:
        return None
    before, now, others, unknown = labels
    own = [row for row in series.rows if row["fiscal_year"] == year]
    changes = [(str(row["class_name"]), row["change_yuan"]) for row in own if row["change_yuan"]]
    changes.sort(key=lambda item: -abs(item[1]))
    moves = changes[:STEPS_SHOWN]
    small = sum((amount for _, amount in changes[STEPS_SHOWN:]), Decimal(0))
    if small:
        moves.append((others, small))
    moves.sort(key=lambda item: -item[1])
    rest = whole["change_yuan"] - sum((amount for _, amount in moves), Decimal(0))
    at = whole["prior_amount_yuan"]
    steps = [Step(before, 0, float(at / scale), "total", plain(at))]
    for label, amount in [*moves, *([(unknown, rest)] if rest else [])]:
        kind = "unknown" if label == unknown else "up" if amount > 0 else "down"
        steps.append(Step(label, float(at / scale), float((at + amount) / scale), kind, signed(amount)))
        at += amount
    steps.append(Step(now, 0, float(at / scale), "total", plain(at)))
    return Change(steps, sum(row["change_yuan"] is None for row in own))


def _series(form: str, rows: list[Row]) -> Series:
    printed = sorted({row["fiscal_year"] for row in rows if row["amount_yuan"] is not None})
    years = list(range(printed[0], printed[-1] + 1)) if printed else []
    gaps = {year: "year_not_published" for year in years if year not in printed}
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["comparability"] == "break" and row["fiscal_year"] in printed:
            reasons[row["fiscal_year"]][row["break_reason"]] += 1
    return Series(form, rows, years, gaps, {year: found.most_common(1)[0][0] for year, found in reasons.items()})
