"""The pages on the published file. app.py serves this file, which Streamlit runs for every drawing of a page."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from dashboard import data, state
from dashboard.store import NoWarehouse, Store, warehouse_path
from dashboard.text import LANGUAGES, Words
from dashboard.ui import View, escaped
from dashboard.views import compare, findings, overview, projects, source, status, three_public, unit

PAGES = {
    "overview": overview.show,
    "unit": unit.show,
    "three-public": three_public.show,
    "projects": projects.show,
    "compare": compare.show,
    "findings": findings.show,
    "source": source.show,
    "status": status.show,
}
SECONDS_BETWEEN_LOOKS = 5


@st.cache_resource
def _store(path: str) -> Store:
    """One store for all sessions: it opens the new file when another one is published at the path."""
    return Store(Path(path))


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _watch(store: Store) -> None:
    """Show the pages anew when another file is published."""
    try:
        now = str(store.identity())
    except NoWarehouse:
        now = "missing"
    if st.session_state.setdefault("shown_file", now) != now:
        st.session_state["shown_file"] = now
        st.rerun(scope="app")


def _show(store: Store, words: Words, money: str, page: str) -> None:
    st.title(words(f"page.{page}"), anchor=False)
    try:
        if data.counts(store)["documents"] == 0 and page != "status":
            st.info(f"**{words('empty.title')}**\n\n{words('empty.body')}")
        else:
            PAGES[page](View(store, words, money))
    except NoWarehouse as problem:
        _trouble(words, problem)
    except Exception:
        # What went wrong is for the log; a reader sees that it did, and nothing of the code.
        logging.getLogger("yusuan.dashboard").exception("page %s", page)
        st.error(f"**{words('fault.title')}**\n\n{words('fault.body')}")
    address = f"{page if page != 'overview' else '.'}?{urlencode(state.full_query())}"
    st.html(f'<a class="page-end" href="{escaped(address)}" target="_self">{escaped(words("permalink"))}</a>')


def _trouble(words: Words, problem: NoWarehouse) -> None:
    st.warning(f"**{words(f'{problem.reason}.title')}**\n\n{words(f'{problem.reason}.body')}")


def main() -> None:
    """Draw the page that the URL asks for."""
    st.set_page_config(page_title="预算 Yusuan", layout="wide", initial_sidebar_state="auto")
    st.html("<style>.stMainBlockContainer {padding-top: 3rem; padding-bottom: 3rem}</style>")
    state.begin()
    store = _store(str(warehouse_path()))
    with st.sidebar:
        language = state.segment("lang", "语言 Language", list(LANGUAGES), LANGUAGES.__getitem__, "zh")
        try:
            labels = data.labels(store)
        except NoWarehouse:
            labels = {}
        words = Words(language, labels)
        money = state.segment("money", words("unit_of_account"), ["wan", "yi", "yuan"], words.money_unit, "wan")
        _watch(store)
    pages = [
        st.Page(
            partial(_show, store, words, money, name),
            title=words(f"page.{name}"),
            url_path=name,
            default=name == "overview",
        )
        for name in PAGES
    ]
    st.navigation(pages, expanded=True).run()


main()
