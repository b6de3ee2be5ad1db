"""From a figure to the document, page or line, with the printed rows around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import data, state
from dashboard.format import NOTHING, plain
from dashboard.ui import STYLE, View, escaped, heading, note

if TYPE_CHECKING:
    from dashboard.store import Row

ROWS_AROUND = 6
BEGINNING = 30  # paragraphs and cells shown where no place is named


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("source.lead"))
    chosen = _choose_document(view)
    if not chosen:
        st.info(words("source.choose"))
        return
    document = data.document(view.store, chosen)
    if document is None:
        st.warning(words("source.none"))
        return
    _about(view, document)
    locator = st.query_params.get("at", "")
    found = data.place(view.store, chosen, locator) if locator else None
    if found is None:
        st.info(words("source.no_place" if locator else "source.no_place_given"))
        beginning = {"block_kind": "paragraph", "block_no": 1}
        st.html(STYLE + printed_list(view, data.around(view.store, chosen, beginning, BEGINNING), None))
        return
    heading(words("source.figure"))
    st.html(f'<p class="figure"><b>{_text(view, found) or NOTHING}</b></p>')
    note(f"{document['file_name']} · {locator}")
    if found["source_box"]:
        note(words("source.box", box=found["source_box"]))
    heading(words("source.table"))
    around = data.around(view.store, chosen, found, ROWS_AROUND)
    draw = printed_table if found["block_kind"] == "cell" else printed_list
    st.html(STYLE + draw(view, around, found))


def _choose_document(view: View) -> str:
    """The document that the URL names; another choice forgets the place, which belongs to the first."""
    before = st.session_state.get("kept_doc", "")
    asked = st.query_params.get("doc", "")
    left, right = st.columns([1, 2])
    with left:
        words = state.search("name", view.words("source.search"))
    # The document that is shown stays on offer when the search, or the length of the list, leaves it out.
    names = data.document_names(view.store, words, filter(None, (before, asked)))
    if asked and asked not in names:
        return asked
    with right:
        chosen = state.choose("doc", view.words("document"), ["", *names], lambda key: names.get(key, NOTHING))
    if chosen not in (before, asked):
        st.query_params.pop("at", None)
    return chosen


def _about(view: View, document: Row) -> None:
    words = view.words
    facts = [
        (words("document"), document["file_name"]),
        (words("title"), document["title"]),
        (words("unit"), document["unit_name"]),
        (words("year"), document["fiscal_year"]),
        (words("kind"), words.code("kind", document["document_kind"])),
        (words("scope"), words.code("scope", document["report_scope"])),
    ]
    st.html("<br>".join(f"{escaped(name)}：<b>{escaped(value)}</b>" for name, value in facts if value is not None))
    if document["cells_total"]:
        text = words("source.claimed", claimed=document["cells_claimed"], total=document["cells_total"])
        st.caption(plain(text))
    if not document["is_current"]:
        st.warning(words("superseded_note"))


def printed_table(view: View, cells: Sequence[Row], own: Row) -> str:
    """The rows around a cell as an HTML table, the cell marked; rows left out between the head and them are told."""
    rows: dict[int, dict[int, Row]] = {}
    for cell in cells:
        rows.setdefault(cell["row_no"], {})[cell["column_no"]] = cell
    columns = range(1, max((cell["column_no"] for cell in cells), default=1) + 1)
    lines: list[str] = []
    before = 0
    for number in sorted(rows):
        if before and number > before + 1:
            lines.append(f'<tr><th></th><td class="rest" colspan="{len(columns)}">⋯</td></tr>')
        before = number
        parts = []
        for column in columns:
            here = rows[number].get(column)
            mark = ' class="own"' if here is not None and here["block_no"] == own["block_no"] else ""
            parts.append(f"<td{mark}>{_text(view, here)}</td>")
        mark = ' class="own"' if number == own["row_no"] else ""
        lines.append(f'<tr{mark}><th scope="row">{number}</th>{"".join(parts)}</tr>')
    return f'<div class="printed" tabindex="0"><table>{"".join(lines)}</table></div>'


def printed_list(view: View, cells: Sequence[Row], own: Row | None) -> str:
    """Paragraphs and cells one below the other as an HTML table, the one that is meant marked."""
    lines = []
    for cell in cells:
        mark = ' class="own"' if own is not None and cell["block_no"] == own["block_no"] else ""
        lines.append(
            f'<tr><th scope="row">{escaped(cell["source_locator"])}</th><td{mark}>{_text(view, cell)}</td></tr>'
        )
    return f'<div class="printed" tabindex="0"><table>{"".join(lines)}</table></div>'


def _text(view: View, cell: Row | None) -> str:
    if cell is None:
        return ""
    if cell["cell_text"] is None and cell["claimed_as"] == "private":
        return f'<span class="dropped">{escaped(view.words("source.private"))}</span>'
    return escaped(cell["cell_text"] or "")
