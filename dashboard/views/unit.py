"""One unit over the years: by function, by economic class, what changed, basic against project, funds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import analysis, charts, data, state
from dashboard.format import UNITS, money, percent, plain
from dashboard.ui import (
    Column,
    View,
    choose_series,
    choose_unit,
    heading,
    show_chart,
    show_table,
    subject,
    with_sources,
)

if TYPE_CHECKING:
    import altair as alt

    from dashboard.analysis import Series
    from dashboard.store import Row


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("unit.lead"))
    left, middle, right = st.columns([3, 3, 1])
    with left:
        unit = choose_unit(view)
    with middle:
        series = choose_series(view, data.series_of_unit(view.store, unit["unit_key"]))
    if series is None:
        st.info(words("no_form"))
        return
    with right:
        years = [str(year) for year in reversed(series["years"])]
        year = int(state.choose("year", words("year"), years, str))
    phase = "budget" if series["phase"] == "budget" else "final"
    rows = data.budget(view.store, unit["unit_key"], series["report_scope"], series["phase"])
    subject(unit["unit_name"] or words("none"))
    _tiles(view, rows, phase, year)

    function = analysis.top_classes(rows, "function", analysis.FUNCTION_FORMS[phase])
    heading(words("by_function"))
    part(view, "function", function, lambda row: str(row["class_name"]))

    heading(words("waterfall", prior=year - 1, year=year))
    _waterfall(view, rows, function, year)

    heading(words("by_economic"))
    economic = analysis.top_classes(rows, "economic_department", analysis.ECONOMIC_FORMS[phase])
    part(view, "economic", economic, lambda row: str(row["class_name"]))

    heading(words("basic_project"))
    expenditure = analysis.EXPENDITURE_FORM[phase]
    both = analysis.whole_by_measure(rows, expenditure, ("basic", "project", "reserve"))
    part(view, "basic", both, lambda row: words.code("measure", row["measure_key"]), side_by_side=True)

    heading(words("funds"))
    money_from = analysis.funds(rows, analysis.INCOME_FORM[phase])
    part(view, "funds", money_from, fund_name(view))

    heading(words("all_lines"))
    forms = sorted({row["form_code"] for row in rows})
    form = state.choose(
        "form", words("form"), ["", *forms], lambda code: words.code("form", code) if code else words("all")
    )
    chosen = [row for row in rows if row["fiscal_year"] == year and form in ("", row["form_code"])]
    show_table(view, "unit-lines", table_rows(view, chosen), line_columns(view))
    st.caption(plain(words("printed_only")))
    st.caption(plain(words("unit.report")))


def fund_name(view: View) -> Callable[[Row], str]:
    """What a fund is called: the line as printed where funds are lines, else the column."""
    return lambda row: (
        str(row["class_name"]) if not analysis.is_whole(row) else view.words.code("measure", row["measure_key"])
    )


def part(view: View, name: str, series: Series | None, label: Callable[[Row], str], side_by_side: bool = False) -> None:
    """A chart of a series over the years with its table beside it."""
    words = view.words
    if series is None or not series.years:
        st.info(words("no_form"))
        return
    st.caption(plain(words.code("form", series.form)))
    picture, table = st.columns([2, 3])
    with picture:
        show_chart(chart(view, series, label, side_by_side), words, words.code("form", series.form))
    with table:
        rows = [{**row, "label": label(row)} for row in table_rows(view, series.rows)]
        rows.sort(key=lambda row: (-row["fiscal_year"], row["class_code"] or ""))
        columns = [Column("fiscal_year", words("year"), "year"), Column("label", words("name")), *change_columns(view)]
        show_table(view, f"unit-{name}", rows, columns, height=300)


def chart(view: View, series: Series, label: Callable[[Row], str], side_by_side: bool = False) -> alt.LayerChart:
    """The chart of a series over the years, with its gaps and breaks."""
    words = view.words
    scale = UNITS[view.unit][0]
    bars = analysis.bars(series, label, lambda yuan: money(yuan, view.unit), scale, words("others"))
    draw = charts.grouped if side_by_side else charts.stacked
    return draw(
        bars,
        [str(year) for year in series.years],
        {str(year): words.code("reason", reason) for year, reason in series.gaps.items()},
        {str(year): words.code("reason", reason) for year, reason in series.breaks.items()},
        view.unit_name,
        {
            "gap": words("gap.label"),
            "break": words("break.label"),
            "group": words("year_axis"),
            "series": words("name"),
        },
    )


def change_columns(view: View) -> list[Column]:
    """The columns of every comparison with the year before."""
    words = view.words
    return [
        Column("amount_yuan", words("amount"), "money"),
        Column("source", words("source"), "source"),
        Column("change_yuan", words("change"), "money"),
        Column("change_pct", words("change_pct"), "percent"),
        Column("compared", words("comparability")),
        Column("why", words("reason")),
        Column("prior_amount_yuan", words("prior_amount"), "money"),
        Column("prior", words("prior_source"), "source"),
    ]


def line_columns(view: View) -> list[Column]:
    """The columns of a line of a form, with its comparison."""
    words = view.words
    return [
        Column("form_name", words("form")),
        Column("class_code", words("code")),
        Column("class_name", words("name")),
        Column("measure_name", words("measure")),
        *change_columns(view),
    ]


def table_rows(view: View, rows: Sequence[Row]) -> list[Row]:
    """Rows with the names of their codes."""
    words = view.words
    return [
        {
            **row,
            "form_name": words.code("form", row["form_code"]),
            "measure_name": words.code("measure", row["measure_key"]),
            "class_code": row["class_code"] if str(row["class_code"]).isdigit() else None,
            "class_name": row["class_name"] or words("total"),
            "compared": words.code("comparability", row["comparability"]),
            "why": words.code("reason", row["break_reason"]) if row["break_reason"] else None,
        }
        for row in with_sources(rows)
    ]


def _tiles(view: View, rows: Sequence[Row], phase: str, year: int) -> None:
    words = view.words
    form = analysis.EXPENDITURE_FORM[phase]
    wholes = [
        (words("total_expenditure"), total(rows, phase, year)),
        (words.code("measure", "basic"), analysis.total_of(rows, form, year, "basic")),
        (words.code("measure", "project"), analysis.total_of(rows, form, year, "project")),
    ]
    for place, (label, row) in zip(st.columns(3), wholes, strict=True):
        place.metric(f"{label}（{view.unit_name}）", money(row["amount_yuan"] if row else None, view.unit))
        if row is not None and row["change_yuan"] is not None:
            text = f"{view.money(row['change_yuan'], sign=True)}（{percent(row['change_pct'], sign=True)}）"
            place.caption(plain(words("against_prior", change=text)))
        elif row is not None:
            reason = words.code("reason", row["break_reason"])
            place.caption(plain(words("not_against_prior", reason=reason)))


def total(rows: Sequence[Row], phase: str, year: int) -> Row | None:
    """Total expenditure of the year: of the expenditure form, else of the form of income and expenditure."""
    forms = ("B_EXPEND", "B_TOTAL", "B_FISCAL_FUNC") if phase == "budget" else ("F_EXPEND", "F_TOTAL")
    found = (analysis.total_of(rows, form, year) for form in forms)
    return next((row for row in found if row is not None), None)


def change(view: View, rows: Sequence[Row], function: Series | None, year: int) -> analysis.Change | None:
    """What changed since the year before, by function, within the form that prints the functions."""
    if function is None:
        return None
    words = view.words
    return analysis.change(
        function,
        analysis.total_of(rows, function.form, year),
        year,
        (str(year - 1), str(year), words("others"), words("not_comparable_part")),
        lambda yuan: money(yuan, view.unit, sign=True),
        lambda yuan: money(yuan, view.unit),
        UNITS[view.unit][0],
    )


def waterfall(view: View, found: analysis.Change) -> alt.LayerChart:
    """The chart of what changed."""
    words = view.words
    kinds = {
        "total": words("total"),
        "up": words("increase"),
        "down": words("decrease"),
        "unknown": words("not_comparable_part"),
    }
    return charts.waterfall(found.steps, view.unit_name, kinds, words("axis_cut"))


def _waterfall(view: View, rows: Sequence[Row], function: Series | None, year: int) -> None:
    words = view.words
    found = change(view, rows, function, year)
    if function is None or found is None:
        whole = analysis.total_of(rows, function.form, year) if function else None
        reason = words.code("reason", whole["break_reason"]) if whole else words("no_form")
        st.info(plain(words("not_against_prior", reason=reason)))
        return
    if found.left_out:
        st.caption(plain(words("waterfall.left_out", count=found.left_out)))
    picture, table = st.columns([2, 3])
    with picture:
        show_chart(waterfall(view, found), words, words("waterfall", prior=year - 1, year=year))
    with table:
        own = [row for row in function.rows if row["fiscal_year"] == year]
        columns = [Column("class_code", words("code")), Column("class_name", words("name")), *change_columns(view)]
        show_table(view, "unit-change", table_rows(view, own), columns, height=300)
