"""Projects: the list with search, and one project with its money, plan and indicators over the years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import charts, data, state
from dashboard.charts import Bar
from dashboard.format import money, percent
from dashboard.ui import (
    Column,
    View,
    heading,
    note,
    show_chart,
    show_table,
    subject,
    unit_label,
    with_sources,
)

if TYPE_CHECKING:
    from dashboard.store import Row

OPTIONS_SHOWN = 300


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("projects.lead"))
    left, middle, right = st.columns([3, 1, 3])
    units = {row["unit_key"]: row for row in data.units(view.store)}
    with left:
        unit = state.choose(
            "of", words("unit"), ["", *units], lambda key: unit_label(view, units[key]) if key else words("all")
        )
    with middle:
        year = state.choose(
            "in", words("year"), ["", *data.project_years(view.store)], lambda value: value or words("all")
        )
    with right:
        text = state.search("q", words("projects.search"))
    rows = list(_staged(view, data.projects(view.store, unit, year, text)))
    columns = [
        Column("project_name", words("project")),
        Column("unit_name", words("unit")),
        Column("fiscal_year", words("year"), "year"),
        Column("stage_name", words("stage")),
        Column("budget_yuan", words("project.budget"), "money"),
        Column("annual_budget_yuan", words("project.annual"), "money"),
        Column("executed_yuan", words("project.executed"), "money"),
        Column("total_score", words("project.score"), "number"),
        Column("grade_printed", words("project.grade")),
        Column("source", words("source"), "source"),
        Column("project_code", words("code")),
    ]
    show_table(
        view,
        "projects",
        rows,
        columns,
        height=330,
        every=lambda reading: _staged(view, data.every_project(reading, unit, year, text)),
    )

    # The project that the URL names stays on offer when the filters leave it out.
    named: dict[str, str] = {}
    for row in rows:
        named.setdefault(
            row["series_key"], f"{row['project_name'] or words('none')}（{row['unit_name'] or words('none')}）"
        )
        if len(named) == OPTIONS_SHOWN:
            break
    asked = st.query_params.get("project") or st.session_state.get("kept_project", "")
    if asked and asked not in named:
        own = data.project(view.store, asked)
        if own:
            named[asked] = f"{own[-1]['project_name'] or words('none')}（{own[-1]['unit_name'] or words('none')}）"
    series = state.choose(
        "project",
        words("projects.choose"),
        ["", *named],
        lambda key: named[key] if key else words("projects.choose_none"),
    )
    if series:
        _project(view, data.project(view.store, series))


def _project(view: View, rows: Sequence[Row]) -> None:
    words = view.words
    latest = rows[-1]
    subject(latest["project_name"] or words("none"))
    note(f"{latest['unit_name'] or words('none')} · {latest['project_code'] or words('none')}")

    heading(words("project.money"))
    changes = data.project_money(view.store, latest["series_key"])
    bars = [
        Bar(
            str(row["fiscal_year"]),
            words.code("measure", row["measure_code"]),
            value,
            money(row["amount_yuan"], view.unit),
        )
        for row in changes
        if row["amount_yuan"] and (value := view.amount(row["amount_yuan"])) is not None
    ]
    printed = sorted({row["fiscal_year"] for row in changes if row["amount_yuan"] is not None})
    years = list(range(printed[0], printed[-1] + 1)) if printed else []
    gaps = {str(year): words("reason.year_not_published") for year in years if year not in printed}
    breaks = {
        str(row["fiscal_year"]): words.code("reason", row["break_reason"])
        for row in changes
        if row["comparability"] == "break" and len(years) > 1
    }
    names = {
        "gap": words("gap.label"),
        "break": words("break.label"),
        "group": words("year_axis"),
        "series": words("measure"),
    }
    picture, table = st.columns([2, 3])
    with picture:
        drawn = (
            charts.grouped(bars, [str(year) for year in years], gaps, breaks, view.unit_name, names) if bars else None
        )
        show_chart(drawn, words, words("project.money"))
    with table:
        columns = [
            Column("fiscal_year", words("year"), "year"),
            Column("measure", words("measure")),
            Column("amount_yuan", words("amount"), "money"),
            Column("source", words("source"), "source"),
            Column("prior_amount_yuan", words("prior_amount"), "money"),
            Column("change_yuan", words("change"), "money"),
            Column("change_pct", words("change_pct"), "percent"),
            Column("compared", words("comparability")),
            Column("why", words("reason")),
            Column("prior", words("prior_source"), "source"),
        ]
        show_table(view, "project-money", _named(view, changes), columns, height=300)

    heading(words("project.plan"))
    _plan(view, data.project_plan(view.store, latest["series_key"]))

    heading(words("project.indicators"))
    indicators = [
        {**row, "attained": words.code("attainment", row["attainment"]) if row["attainment"] else None}
        for row in _staged(view, data.project_indicators(view.store, latest["series_key"]))
    ]
    columns = [
        Column("fiscal_year", words("year"), "year"),
        Column("stage_name", words("stage")),
        Column("level1_printed", words("level1")),
        Column("level2_printed", words("level2")),
        Column("indicator_name", words("indicator")),
        Column("target_printed", words("target")),
        Column("actual_printed", words("actual")),
        Column("attained", words("attainment")),
        Column("weight", words("weight"), "number"),
        Column("score", words("score"), "number"),
        Column("deviation_note", words("deviation")),
        Column("source", words("source"), "source"),
    ]
    show_table(view, "project-indicators", indicators, columns)

    beside = data.indicator_changes(view.store, latest["series_key"])
    if beside:
        heading(words("project.indicator_changes"))
        columns = [
            Column("fiscal_year", words("year"), "year"),
            Column("measure", words("measure")),
            Column("indicator_name", words("indicator")),
            Column("prior_value_printed", words("prior_value")),
            Column("value_printed", words("value")),
            Column("change_pct", words("change_pct"), "percent"),
            Column("compared", words("comparability")),
            Column("why", words("reason")),
            Column("source", words("source"), "source"),
        ]
        show_table(view, "project-indicator-changes", _named(view, beside), columns)

    heading(words("project.documents"))
    columns = [
        Column("fiscal_year", words("year"), "year"),
        Column("stage_name", words("stage")),
        Column("budget_yuan", words("project.budget"), "money"),
        Column("fiscal_yuan", words("project.fiscal"), "money"),
        Column("other_yuan", words("project.other"), "money"),
        Column("annual_budget_yuan", words("project.annual"), "money"),
        Column("executed_yuan", words("project.executed"), "money"),
        Column("execution_rate_pct", words("project.rate"), "percent"),
        Column("total_score", words("project.score"), "number"),
        Column("grade_printed", words("project.grade")),
        Column("project_text", words("purpose"), "wide"),
        Column("source", words("source"), "source"),
    ]
    show_table(view, "project-documents", list(_staged(view, rows)), columns)


def _staged(view: View, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of projects with the names of their stages."""
    for row in with_sources(rows):
        yield {**row, "stage_name": view.words.code("stage", row["stage"])}


def _named(view: View, rows: Sequence[Row]) -> list[Row]:
    words = view.words
    return [
        {
            **row,
            "measure": words.code("measure", row["measure_code"]),
            "compared": words.code("comparability", row["comparability"]),
            "why": words.code("reason", row["break_reason"]) if row["break_reason"] else None,
        }
        for row in with_sources(rows)
    ]


def _plan(view: View, rows: Sequence[Row]) -> None:
    words = view.words
    if not rows:
        st.info(words("project.no_plan"))
        return
    points = [
        {
            "year": str(row["fiscal_year"]),
            "month": row["plan_month"],
            "pct": None if row["cumulative_pct"] is None else float(row["cumulative_pct"]),
            "text": percent(row["cumulative_pct"]),
        }
        for row in rows
        if row["plan_month"] is not None
    ]
    picture, table = st.columns([2, 3])
    with picture:
        drawn = any(point["pct"] is not None for point in points)
        chart = charts.plan(points, words("month"), words("project.plan"), words("year")) if drawn else None
        show_chart(chart, words, words("project.plan"))
    with table:
        columns = [
            Column("fiscal_year", words("year"), "year"),
            Column("month_printed", words("month")),
            Column("cumulative_pct", words("cumulative"), "percent"),
            Column("printed", words("printed")),
            Column("source", words("source"), "source"),
        ]
        show_table(view, "project-plan", list(with_sources(rows)), columns, height=260)
