"""Three-public expenses: components over the years, against the budget, against peers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import charts, data, state
from dashboard.analysis import Series
from dashboard.format import money, plain
from dashboard.ui import Column, View, choose_unit, heading, show_chart, show_table, subject, with_sources
from dashboard.views.unit import chart

if TYPE_CHECKING:
    from dashboard.store import Row

# The parts that add up to the total. A form that splits the vehicles is shown by their parts, else as one.
PARTS = ("overseas", "vehicle_purchase", "vehicle_operation", "vehicle", "reception")
METRICS = {"total": "three_public", "overseas": "three_public_overseas", "vehicle": "three_public_vehicle",
           "reception": "three_public_reception"}  # fmt: skip


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("three.lead"))
    left, right = st.columns(2)
    with left:
        unit = choose_unit(view)
    series = data.series_of_unit(view.store, unit["unit_key"])
    scopes = list(dict.fromkeys(row["report_scope"] for row in series))
    if not scopes:
        st.info(words("no_form"))
        return
    with right:
        scope = state.choose("scope", words("scope"), scopes, lambda code: words.code("scope", code))
    rows = data.three_public(view.store, unit["unit_key"], scope)
    subject(unit["unit_name"] or words("none"))
    if not rows:
        st.info(words("no_form"))
        return

    heading(words("three.components"))
    phases = list(dict.fromkeys(row["phase"] for row in rows))
    phase = (
        state.segment("phase", words("phase"), phases, lambda code: words.code("phase", code), phases[0])
        if len(phases) > 1
        else phases[0]
    )
    own = [row for row in rows if row["phase"] == phase]
    parts = components(own)
    picture, table = st.columns([2, 3])
    with picture:
        drawn = chart(view, parts, lambda row: words.code("item", row["item_code"])) if parts.years else None
        show_chart(drawn, words, words("three.components"))
    with table:
        show_table(view, "three-public", table_rows(view, own), item_columns(view), height=320)

    heading(words("three.against_budget"))
    _against_budget(view, unit["unit_key"], scope)

    heading(words("three.peers"))
    _peers(view, unit, scope, phase, own)


def components(rows: Sequence[Row]) -> Series:
    """The parts of the total by year, of all funds; years between without a form are gaps."""
    funds = ("total", "general")
    mine = [row for row in rows if row["item_code"] in PARTS and row["fund_code"] in funds]
    split = {
        row["fiscal_year"]
        for row in mine
        if row["item_code"] in ("vehicle_purchase", "vehicle_operation") and row["amount_yuan"] is not None
    }
    chosen = [row for row in mine if row["item_code"] != "vehicle" or row["fiscal_year"] not in split]
    # Where all funds are printed together, the general fund is part of them.
    together = {(row["fiscal_year"], row["item_code"]) for row in chosen if row["fund_code"] == "total"}
    chosen = [
        row for row in chosen if row["fund_code"] == "total" or (row["fiscal_year"], row["item_code"]) not in together
    ]
    printed = sorted({row["fiscal_year"] for row in rows if row["amount_yuan"] is not None})
    years = list(range(printed[0], printed[-1] + 1)) if printed else []
    breaks = {
        row["fiscal_year"]: row["break_reason"]
        for row in mine
        if row["comparability"] == "break" and row["fiscal_year"] in printed
    }
    order = {code: number for number, code in enumerate(PARTS)}
    chosen.sort(key=lambda row: (row["fiscal_year"], order[row["item_code"]]))
    return Series("", chosen, years, {year: "year_not_published" for year in years if year not in printed}, breaks)


def table_rows(view: View, rows: Sequence[Row]) -> list[Row]:
    """Rows with the names of their codes, latest year first."""
    words = view.words
    named = [
        {
            **row,
            "phase_name": words.code("phase", row["phase"]),
            "item": words.code("item", row["item_code"]),
            "fund": words.code("fund", row["fund_code"]),
            "compared": words.code("comparability", row["comparability"]),
            "why": words.code("reason", row["break_reason"]) if row["break_reason"] else None,
        }
        for row in with_sources(rows)
    ]
    return sorted(named, key=lambda row: -row["fiscal_year"])


def item_columns(view: View) -> list[Column]:
    """The columns of a three-public item with its comparison."""
    words = view.words
    return [
        Column("fiscal_year", words("year"), "year"),
        Column("item", words("item")),
        Column("fund", words("fund")),
        Column("amount_yuan", words("amount"), "money"),
        Column("source", words("source"), "source"),
        Column("prior_amount_yuan", words("prior_amount"), "money"),
        Column("change_yuan", words("change"), "money"),
        Column("change_pct", words("change_pct"), "percent"),
        Column("compared", words("comparability")),
        Column("why", words("reason")),
        Column("prior", words("prior_source"), "source"),
    ]


def _against_budget(view: View, unit: str, scope: str) -> None:
    """Final accounts beside the budget of the same year, which the reports match."""
    words = view.words
    pairs: list[Row] = [
        {
            "fiscal_year": row["fiscal_year"],
            "item": words.code("item", row["class_code"]),
            "fund": words.code("fund", row["measure_code"]),
            "budget": row["prior_amount_yuan"],
            "final": row["amount_yuan"],
            "share": row["execution_pct"],
            "source": (row["document_id"], row["source_locator"]),
            "prior": (row["prior_document_id"], row["prior_source_locator"]) if row["prior_document_id"] else None,
        }
        for row in data.execution(view.store, unit, scope)
    ]
    if not pairs:
        st.info(words("three.no_pair"))
        return
    columns = [
        Column("fiscal_year", words("year"), "year"),
        Column("item", words("item")),
        Column("fund", words("fund")),
        Column("budget", words("budget_amount"), "money"),
        Column("final", words("final_amount"), "money"),
        Column("share", words("execution_pct"), "percent"),
        Column("source", words("source"), "source"),
        Column("prior", f"{words('budget_amount')} {words('source')}", "source"),
    ]
    bars = [
        charts.Bar(f"{row['fiscal_year']} {row['item']}", words(name), value, money(row[key], view.unit))
        for row in pairs
        for key, name in (("budget", "budget_amount"), ("final", "final_amount"))
        if (value := view.amount(row[key])) is not None
    ]
    picture, table = st.columns([2, 3])
    with picture:
        drawn = charts.beside(bars, view.unit_name, [words("budget_amount"), words("final_amount")]) if bars else None
        show_chart(drawn, words, words("three.against_budget"))
    with table:
        show_table(view, "three-public-execution", pairs, columns)


def _peers(view: View, unit: Row, scope: str, phase: str, rows: Sequence[Row]) -> None:
    words = view.words
    years = sorted({row["fiscal_year"] for row in rows if row["amount_yuan"] is not None}, reverse=True)
    if not years:
        st.info(words("three.no_sector"))
        return
    left, right = st.columns(2)
    with left:
        year = int(state.choose("year", words("year"), [str(year) for year in years], str))
    with right:
        item = state.choose("item", words("item"), list(METRICS), lambda code: words.code("item", code))
    found = data.peers(view.store, unit["unit_key"], scope, phase, year, METRICS[item])
    own = next((row for row in found if row["unit_key"] == unit["unit_key"]), None)
    if own is None or own["sector"] is None:
        st.info(words("three.no_sector"))
        return
    if own["peer_count"] == 1:
        st.info(words("three.alone"))
        return
    st.markdown(
        plain(
            words(
                "three.peer_line",
                year=year,
                sector=words.code("sector", own["sector"]),
                count=own["peer_count"],
                rank=own["peer_rank"],
                median=view.money(own["peer_median_yuan"]),
            )
        )
    )
    drawn = charts.bar_list(
        [
            {
                "label": f"{row['peer_rank']} {row['unit_name'] or words('none')}",
                "value": view.amount(row["amount_yuan"]),
                "text": money(row["amount_yuan"], view.unit),
                "is_own": row["unit_key"] == unit["unit_key"],
            }
            for row in found
        ],
        view.unit_name,
    )
    picture, table = st.columns([2, 3])
    with picture:
        show_chart(drawn, words, words("three.peers"))
    with table:
        columns = [
            Column("peer_rank", words("rank"), "integer"),
            Column("unit_name", words("unit")),
            Column("amount_yuan", words("amount"), "money"),
        ]
        show_table(
            view,
            "three-public-peers",
            found,
            columns,
            every=lambda held: data.every_peer(held, unit["unit_key"], scope, phase, year, METRICS[item]),
        )
