"""What is loaded: regions, units and years, with the gaps as a grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import data, state
from dashboard.format import number, plain
from dashboard.ui import STYLE, Column, View, escaped, heading, page_url, show_table

if TYPE_CHECKING:
    from dashboard.store import Row

UNITS_A_PAGE = 25
KINDS = ("budget", "final_account", "performance_target", "self_evaluation")


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("overview.lead"))
    counts = data.counts(view.store)
    years = f"{counts['first_year']}–{counts['last_year']}" if counts["first_year"] else "—"
    tiles = [
        ("documents", number(counts["documents"], 0)),
        ("units", number(counts["units"], 0)),
        ("regions", number(counts["regions"], 0)),
        ("years", years),
        ("figures", number(counts["figures"], 0)),
        ("contradictions", number(counts["contradictions"], 0)),
    ]
    for place, (name, value) in zip(st.columns(len(tiles)), tiles, strict=True):
        place.metric(words(name), value)

    left, middle, right = st.columns(3)
    regions = {row["code"]: row["name"] or words("none") for row in data.regions(view.store)}
    with left:
        region = state.choose(
            "region",
            words("region"),
            ["", *regions],
            lambda code: regions.get(code, words("all")) if code else words("all"),
        )
    with middle:
        sectors = data.sectors(view.store)
        sector = state.choose(
            "sector", words("sector"), ["", *sectors], lambda code: words.code("sector", code) if code else words("all")
        )
    with right:
        text = state.search("q", words("search"), placeholder=words("unit"))

    rows = data.disclosure(view.store, region, sector, text, 0, 1)
    total = rows[0]["unit_count"] if rows else 0
    pages = max(1, -(-total // UNITS_A_PAGE))
    page = 1
    if pages > 1:
        options = [str(number) for number in range(1, pages + 1)]
        page = int(
            state.choose(
                "page", words("page_of_units"), options, lambda value: words("page_no", page=value, pages=pages)
            )
        )
    first = (page - 1) * UNITS_A_PAGE
    rows = data.disclosure(view.store, region, sector, text, first, UNITS_A_PAGE)
    heading(words("grid"))
    if not rows:
        st.info(words("nothing"))
        return
    st.caption(words("grid.help"))
    st.html(_grid(view, rows))

    def published(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            if row["is_published"]:
                yield {
                    **row,
                    "kind": words.code("kind", row["document_kind"]),
                    "scope": words.code("scope", row["report_scope"]),
                    "region": regions.get(row["region_code"] or "-"),
                    "sector_name": words.code("sector", row["sector"]),
                    "source": (row["document_id"], None) if row["document_id"] else None,
                }

    columns = [
        Column("unit_name", words("unit")),
        Column("region", words("region")),
        Column("sector_name", words("sector")),
        Column("scope", words("scope")),
        Column("fiscal_year", words("year"), "year"),
        Column("kind", words("kind")),
        Column("document_count", words("document_count"), "integer"),
        Column("superseded_count", words("superseded"), "integer"),
        Column("form_count", words("forms"), "integer"),
        Column("empty_form_count", words("empty_forms"), "integer"),
        Column("source", words("document"), "source"),
    ]
    show_table(
        view,
        "overview",
        list(published(rows)),
        columns,
        every=lambda reading: published(data.every_disclosure(reading, region, sector, text)),
    )
    st.caption(plain(words("printed_only")))


def _grid(view: View, rows: list[Row]) -> str:
    """Units and years as an HTML table; a year without a document between the first and the last is a gap."""
    words = view.words
    years = sorted({row["fiscal_year"] for row in rows})
    lines: dict[tuple[str, str], dict[int, list[str]]] = {}
    names: dict[str, str] = {}
    for row in rows:
        names[row["unit_key"]] = row["unit_name"] or words("none")
        kinds = lines.setdefault((row["unit_key"], row["report_scope"]), {}).setdefault(row["fiscal_year"], [])
        if row["is_published"]:
            kinds.append(row["document_kind"])
    heads = "".join(f'<th scope="col">{year}</th>' for year in years)
    body = []
    for (unit, scope), by_year in lines.items():
        loaded = [year for year, kinds in by_year.items() if kinds]
        cells = []
        for year in years:
            kinds = [kind for kind in KINDS if kind in by_year.get(year, [])]
            if kinds:
                text = "".join(words(f"kind.short.{kind}") for kind in kinds)
                tip = "、".join(words.code("kind", kind) for kind in kinds)
                cells.append(f'<td class="kinds{len(kinds)}" title="{escaped(tip)}">{escaped(text)}</td>')
            elif loaded and min(loaded) < year < max(loaded):
                tip = words("reason.year_not_published")
                cells.append(f'<td class="gap" title="{escaped(tip)}">{escaped(words("grid.gap"))}</td>')
            else:
                cells.append("<td></td>")
        link = f'<a href="{escaped(page_url(view, "unit", unit=unit))}" target="_self">{escaped(names[unit])}</a>'
        scope_name = escaped(words.code("scope", scope))
        body.append(f'<tr><th scope="row">{link} <small>{scope_name}</small></th>{"".join(cells)}</tr>')
    table = f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    return f'{STYLE}<div class="printed grid" tabindex="0">{table}</div>'
