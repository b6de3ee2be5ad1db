"""Which run made the file, how fresh it is, and what was refused or is held back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import data, state
from dashboard.format import NOTHING
from dashboard.ui import STYLE, Column, View, escaped, heading, show_table

if TYPE_CHECKING:
    from dashboard.store import Row


def show(view: View) -> None:
    """Draw the page."""
    words = view.words
    st.caption(words("status.lead"))
    heading(words("status.run"))
    publication = data.publication(view.store)
    facts = [
        ("status.when", f"{publication['published_at']:%Y-%m-%d %H:%M:%S}" if publication else NOTHING),
        ("status.run_id", publication["run_id"] if publication else NOTHING),
        ("status.loader", publication["loader_version"] if publication else NOTHING),
        ("status.code", publication["code_fingerprint"][:12] if publication else NOTHING),
        ("status.gates", words("status.gates_passed") if publication else NOTHING),
    ]
    lines = "".join(
        f'<tr><th scope="row">{escaped(words(name))}</th><td>{escaped(value)}</td></tr>' for name, value in facts
    )
    st.html(f'{STYLE}<div class="printed"><table>{lines}</table></div>')

    heading(words("status.runs"))
    runs = data.runs(view.store)
    if runs is None:
        st.info(words("status.no_runs"))
    else:
        columns = [
            Column("started_at", words("started")),
            Column("command", words("command")),
            Column("outcome", words("outcome")),
            Column("raw", words("gate_raw")),
            Column("marts", words("gate_marts")),
            Column("files_loaded", words("loaded"), "integer"),
            Column("files_refused", words("refused_count"), "integer"),
            Column("seconds", words("seconds"), "number"),
            Column("error", words("error")),
            Column("run_id", words("status.run_id")),
        ]
        show_table(
            view, "runs", list(_judged(view, runs)), columns, every=lambda held: _judged(view, data.every_run(held))
        )

    heading(words("status.freshness"))
    fresh = [{**row, "kind": words.code("kind", row["document_kind"])} for row in data.freshness(view.store)]
    columns = [
        Column("kind", words("kind")),
        Column("documents", words("documents"), "integer"),
        Column("last_year", words("last_year"), "year"),
        Column("last_loaded", words("last_loaded")),
    ]
    show_table(view, "freshness", fresh, columns)

    heading(words("status.refused"))
    refused = data.refused(view.store)
    if refused:
        columns = [
            Column("file_name", words("document")),
            Column("reason_code", words("code")),
            Column("reason", words("reason"), "wide"),
            Column("byte_size", words("bytes"), "integer"),
            Column("rejected_at", words("rejected_at")),
        ]
        show_table(view, "refused", refused, columns, every=data.every_refused)
    else:
        st.info(words("status.no_refused"))

    heading(words("status.held"))
    held = data.held(view.store)
    if held:
        columns = [
            Column("file_name", words("document")),
            Column("guard", words("guard")),
            Column("failing_count", words("failing_count"), "integer"),
            Column("first_locator", words("place")),
            Column("reason", words("reason"), "wide"),
            Column("quarantined_at", words("held_at")),
        ]
        show_table(view, "held", held, columns, every=data.every_held)
    else:
        st.info(words("status.no_held"))

    heading(words("status.notices"))
    notices = list(_cited(data.notices(view.store)))
    if notices:
        columns = [
            Column("file_name", words("document")),
            Column("notice_code", words("code")),
            Column("notice", words("notice"), "wide"),
            Column("source", words("source"), "source"),
        ]
        show_table(view, "notices", notices, columns, every=lambda held: _cited(data.every_notice(held)))
    else:
        st.info(words("status.no_notices"))

    heading(words("status.coverage"))
    text = state.search("q", words("search"))
    columns = [
        Column("file_name", words("document")),
        Column("unit_name", words("unit")),
        Column("fiscal_year", words("year"), "year"),
        Column("kind", words("kind")),
        Column("current", words("is_current")),
        Column("claimed", words("claimed_pct"), "percent"),
        Column("unclaimed_sample", words("unclaimed_sample")),
        Column("private_cell_count", words("private"), "integer"),
        Column("byte_size", words("bytes"), "integer"),
        Column("loaded_at", words("last_loaded")),
        Column("source", words("source"), "source"),
    ]
    show_table(
        view,
        "documents",
        list(_covered(view, data.documents(view.store, text))),
        columns,
        every=lambda held: _covered(view, data.every_document(held, text)),
    )


def _judged(view: View, rows: Iterable[Row]) -> Iterator[Row]:
    """Runs with the verdicts of their gates."""
    for row in rows:
        raw, marts = row.get("gate_raw_passed"), row.get("gate_marts_passed")
        yield {**row, "raw": _passed(view, raw), "marts": _passed(view, marts)}


def _cited(rows: Iterable[Row]) -> Iterator[Row]:
    """Notices with their places."""
    return ({**row, "source": (row["document_id"], row["source_locator"])} for row in rows)


def _covered(view: View, rows: Iterable[Row]) -> Iterator[Row]:
    """Documents with the names of their codes and the share of their cells that was claimed."""
    words = view.words
    for row in rows:
        yield {
            **row,
            "kind": words.code("kind", row["document_kind"]),
            "current": words("yes") if row["is_current"] else words("no"),
            "claimed": 100 * row["cells_claimed"] / row["cells_total"] if row["cells_total"] else None,
            "source": (row["document_id"], None),
        }


def _passed(view: View, passed: bool | None) -> str | None:
    return None if passed is None else view.words("yes" if passed else "no")
