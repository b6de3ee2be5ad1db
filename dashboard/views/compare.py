"""Two units or two years side by side on one scale, the classes of both first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import streamlit as st

from dashboard import charts, data, state
from dashboard.charts import Bar
from dashboard.format import money, plain
from dashboard.ui import Column, View, choose_series, choose_unit, heading, show_chart, show_table

if TYPE_CHECKING:
    from dashboard.store import Row

FORMS_FIRST = ("B_EXPEND", "F_EXPEND", "B_FISCAL_FUNC", "B_GPB_FUNC", "F_GPB_FUNC", "B_GPB_BASIC", "F_GPB_BASIC")
BARS_SHOWN = 20
SIDES = ("a", "b")
Side: TypeAlias = tuple[str, str, str, int]  # unit, scope, phase, year


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("compare.lead"))
    sides = _sides(view)
    if sides is None:
        return
    first, second = sides
    shared = [
        form
        for form in data.forms_of(view.store, *first)
        if _like(form) in map(_like, data.forms_of(view.store, *second))
    ]
    shared.sort(key=lambda form: (FORMS_FIRST.index(form) if form in FORMS_FIRST else len(FORMS_FIRST), form))
    if not shared:
        st.info(words("compare.no_form"))
        return
    form = state.choose("form", words("compare.form"), shared, lambda code: words.code("form", code))
    other = next(code for code in data.forms_of(view.store, *second) if _like(code) == _like(form))
    rows = joined(view, data.line_of(view.store, *first, form), data.line_of(view.store, *second, other))
    if first[1:3] != second[1:3]:
        st.warning(plain(words("compare.scope_note")))
    years = sorted((first[3], second[3]))
    if years[0] < 2018 <= years[1] and any(str(row["class_type"]).startswith("economic") for row in rows):
        st.warning(plain(words("compare.reform_note")))
    levels = sorted({row["class_level"] for row in rows if row["class_level"] is not None})
    level = None
    if levels:
        codes = [str(value) for value in levels]
        level = int(
            state.segment(
                "level",
                words("compare.level"),
                codes,
                lambda code: "类款项"[int(code) - 1] if view.words.language == "zh" else code,
                codes[0],
            )
        )
    shown = [row for row in rows if row["is_total"] or level is None or row["class_level"] == level]
    names = [f"{words('side.a')} {first[3]}", f"{words('side.b')} {second[3]}"]
    bars = [
        Bar(row["label"], name, value, money(row[key], view.unit))
        for row in shown[:BARS_SHOWN]
        for key, name in (("amount_a", names[0]), ("amount_b", names[1]))
        if (value := view.amount(row[key])) is not None
    ]
    heading(words.code("form", form))
    show_chart(charts.beside(bars, view.unit_name, names) if bars else None, words, words("page.compare"))
    columns = [
        Column("class_code", words("code")),
        Column("label", words("name")),
        Column("amount_a", names[0], "money"),
        Column("amount_b", names[1], "money"),
        Column("difference", words("difference"), "money"),
        Column("where", words("where")),
        Column("source_a", names[0] + " " + words("source"), "source"),
        Column("source_b", names[1] + " " + words("source"), "source"),
    ]
    show_table(view, "compare", shown, columns)


def _sides(view: View) -> tuple[Side, Side] | None:
    """Both sides, of one year if they are two units; None, and why, where there is nothing to compare."""
    words = view.words
    places = st.columns(2)
    series: list[Row] = []
    units: list[Row] = []
    for place, side in zip(places, SIDES, strict=True):
        with place:
            st.markdown(f"**{words(f'side.{side}')}**")
            unit = choose_unit(view, side, words("unit"))
            found = choose_series(view, data.series_of_unit(view.store, unit["unit_key"]), f"series_{side}")
        units.append(unit)
        if found is not None:
            series.append(found)
    if len(series) < len(SIDES):
        st.info(words("no_form"))
        return None
    keys = [unit["unit_key"] for unit in units]
    years = _own_years(view, places, series) if keys[0] == keys[1] else _one_year(view, series)
    if years is None:
        return None
    first, second = (
        (key, row["report_scope"], row["phase"], year) for key, row, year in zip(keys, series, years, strict=True)
    )
    return first, second


def _own_years(view: View, places: Sequence[Any], series: Sequence[Row]) -> list[int]:
    """The years of one unit, by side: the latest two of one scope and phase; of two, the latest that both have."""
    st.query_params.pop("year_both", None)
    first, second = (row["years"] for row in series)
    shared = max(set(first) & set(second), default=None)
    if series[0] == series[1]:
        defaults = [first[-2] if len(first) > 1 else first[-1], second[-1]]
    else:
        defaults = [shared or first[-1], shared or second[-1]]
    years = []
    for place, side, row, default in zip(places, SIDES, series, defaults, strict=True):
        with place:
            offered = [str(year) for year in reversed(row["years"])]
            years.append(int(state.choose(f"year_{side}", view.words("year"), offered, str, default=str(default))))
    return years


def _one_year(view: View, series: Sequence[Row]) -> list[int] | None:
    """The year of two units, the latest that both have; None, and who has none, where one of them has not."""
    for side in SIDES:
        st.query_params.pop(f"year_{side}", None)
    words = view.words
    offered = sorted({year for row in series for year in row["years"]}, reverse=True)
    shared = set(series[0]["years"]) & set(series[1]["years"])
    default = str(max(shared, default=offered[0]))
    year = int(state.choose("year_both", words("compare.year"), [str(year) for year in offered], str, default=default))
    without = [(side, row) for side, row in zip(SIDES, series, strict=True) if year not in row["years"]]
    for side, row in without:
        printed = "、".join(str(year) for year in row["years"])
        st.warning(plain(words("compare.no_year", side=words(f"side.{side}"), year=year, years=printed)))
    return None if without else [year, year]


def _like(form: str) -> str:
    """Budget and final account print the same form under two codes: B_EXPEND and F_EXPEND."""
    return form.split("_", 1)[-1]


def joined(view: View, first: Sequence[Row], second: Sequence[Row]) -> list[Row]:
    """Both sides by class: the total, then the classes of both, then those of one side only; largest first."""
    words = view.words

    def key(row: Row) -> tuple[object, ...]:
        name = "total" if row["is_total"] else row["class_key"]
        return row["side"], row["class_group_printed"], row["class_type"], name, row["occurrence_no"]

    sides = [{key(row): row for row in rows} for rows in (first, second)]
    rows: list[Row] = []
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        a, b = sides[0].get(name), sides[1].get(name)
        known = b or a or {}
        amount_a, amount_b = (side["amount_yuan"] if side else None for side in (a, b))
        place = 0 if a and b else 1 if a else 2
        label = known["class_name"] or words("total")
        code = known["class_code"] if str(known["class_code"]).isdigit() else None
        rows.append(
            {
                "class_type": known["class_type"],
                "class_code": code,
                "class_level": known["class_level"],
                "is_total": known["is_total"] or (known["class_level"] is None and known["class_name"] is None),
                "label": label if known["side"] is None else f"{words.code('side', known['side'])}：{label}",
                "amount_a": amount_a,
                "amount_b": amount_b,
                "difference": amount_b - amount_a if amount_a is not None and amount_b is not None else None,
                "where": words(("in_both", "only_a", "only_b")[place]),
                "place": place,
                "source_a": (a["document_id"], a["source_locator"]) if a else None,
                "source_b": (b["document_id"], b["source_locator"]) if b else None,
            }
        )
    rows.sort(key=lambda row: (not row["is_total"], row["place"], -max(row["amount_a"] or 0, row["amount_b"] or 0)))
    return rows
