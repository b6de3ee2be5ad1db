"""Two units or two years side by side on one scale, the classes of both first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import charts, data, state
from dashboard.charts import Bar
from dashboard.format import money, plain
from dashboard.ui import Column, View, choose_series, choose_unit, heading, show_chart, show_table

if TYPE_CHECKING:
    from dashboard.store import Row

FORMS_FIRST = ("B_EXPEND", "F_EXPEND", "B_FISCAL_FUNC", "B_GPB_FUNC", "F_GPB_FUNC", "B_GPB_BASIC", "F_GPB_BASIC")
BARS_SHOWN = 20


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("compare.lead"))
    left, right = st.columns(2)
    with left:
        first = _side(view, "a", 1)
    with right:
        second = _side(view, "b", 0)
    if first is None or second is None:
        st.info(words("no_form"))
        return
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


def _side(view: View, side: str, back: int) -> tuple[str, str, str, int] | None:
    """Unit, scope, phase and year of one side; by default one unit, `back` years before its latest."""
    words = view.words
    st.markdown(f"**{words(f'side.{side}')}**")
    unit = choose_unit(view, side, words("unit"))
    series = choose_series(view, data.series_of_unit(view.store, unit["unit_key"]), f"series_{side}")
    if series is None:
        return None
    years = [str(year) for year in reversed(series["years"])]
    default = years[min(back, len(years) - 1)]
    year = state.choose(f"year_{side}", words("year"), years, str, default=default)
    return unit["unit_key"], series["report_scope"], series["phase"], int(year)


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
