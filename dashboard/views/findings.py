"""Where documents disagree with themselves: both figures, with both places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import charts, data, state
from dashboard.format import with_unit
from dashboard.ui import Column, View, heading, note, show_chart, show_table, unit_label

if TYPE_CHECKING:
    from dashboard.store import Row

SEVERITIES = ("error", "warning", "info")


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("findings.lead"))
    counts = data.finding_counts(view.store)
    by_severity: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    for row in counts:
        if row["outcome"] == "contradiction":
            by_severity[row["severity"]] += row["finding_count"]
            by_kind[row["finding_code"]] += row["finding_count"]
    for place, severity in zip(st.columns(3), SEVERITIES, strict=True):
        label = f"{words.code('outcome', 'contradiction')} · {words.code('severity', severity)}"
        place.metric(label, f"{by_severity[severity]:,}")

    first, second, third, fourth = st.columns([3, 1, 1, 3])
    units = {row["unit_key"]: row for row in data.units(view.store)}
    with first:
        unit = state.choose(
            "of", words("unit"), ["", *units], lambda key: unit_label(view, units[key]) if key else words("all")
        )
    with second:
        year = state.choose(
            "in", words("year"), ["", *data.finding_years(view.store)], lambda value: value or words("all")
        )
    with third:
        severity = state.choose(
            "severity",
            words("severity"),
            ["", *SEVERITIES],
            lambda code: words.code("severity", code) if code else words("all"),
        )
    with fourth:
        kinds = list(dict.fromkeys(row["finding_code"] for row in counts))
        kind = state.choose(
            "kind", words("finding"), ["", *kinds], lambda code: words.code("finding", code) if code else words("all")
        )
    left, right = st.columns(2)
    with left:
        rounding = state.switch("rounding", words("findings.rounding"))
    with right:
        unchecked = state.switch("unchecked", words("findings.unchecked"))
    document = st.query_params.get("doc", "")
    if document:
        names = data.names_of(view.store, [document])
        note(f"{words('document')}：{names.get(document, document)}")
        if st.button(words("all")):
            del st.query_params["doc"]
            st.rerun()
    only = data.FindingFilter(unit, year, severity, kind, document, rounding, unchecked)
    rows = list(_worded(view, data.findings(view.store, only)))
    columns = [
        Column("severity_name", words("severity")),
        Column("kind_name", words("finding")),
        Column("text", words("message"), "wide"),
        Column("figure_a", words("value_a")),
        Column("figure_b", words("value_b")),
        Column("source_a", words("source_a"), "source"),
        Column("source_b", words("source_b"), "source"),
        Column("unit_name", words("unit")),
        Column("fiscal_year", words("year"), "year"),
        Column("outcome_name", words("outcome")),
    ]
    show_table(
        view,
        "findings",
        rows,
        columns,
        height=420 if len(rows) > 10 else None,
        every=lambda reading: _worded(view, data.every_finding(reading, only)),
    )

    heading(words("findings.chart"))
    bars = [
        {"label": words.code("finding", code), "value": count, "text": f"{count:,}", "is_own": True}
        for code, count in by_kind.most_common(15)
    ]
    show_chart(charts.bar_list(bars, words("finding_count")) if bars else None, words, words("findings.chart"))


def _worded(view: View, rows: Iterable[Row]) -> Iterator[Row]:
    """Findings with the names of their codes, and each figure with the unit that it is printed in."""
    words = view.words
    for row in rows:
        yield {
            **row,
            "severity_name": words.code("severity", row["severity"]),
            "kind_name": words.code("finding", row["finding_code"]),
            "outcome_name": words.code("outcome", row["outcome"]),
            "text": row["message"] if words.language == "zh" else row["message_en"] or row["message"],
            "figure_a": with_unit(row["value_a"], row["value_unit"]),
            "figure_b": with_unit(row["value_b"], row["value_unit"]),
            "source_a": (row["document_id"], row["locator_a"]),
            "source_b": (row["document_id"], row["locator_b"]) if row["locator_b"] else None,
        }
