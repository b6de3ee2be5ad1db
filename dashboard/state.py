"""Every choice stands in the URL, so that a view can be sent; choices are kept from page to page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

# The URL keeps short codes, which no change of language touches, and only what differs from the defaults, so that going
# back in the browser is never caught. Some defaults depend on the file (the latest year): `full_query` has them all.


def begin() -> None:
    """Forget what the last drawing of a page chose."""
    st.session_state["chosen"] = {}


def full_query() -> dict[str, str]:
    """Every choice of this view, the defaults too: what to send to somebody."""
    return {**st.query_params.to_dict(), **st.session_state.get("chosen", {})}


def _prepare(name: str, valid: Callable[[str], bool], default: str) -> str:
    """Put the value that the URL asks for, else the one chosen before, into the widget's state; gives its key."""
    key, kept, written = f"widget_{name}", f"kept_{name}", f"written_{name}"
    asked = st.query_params.get(name)
    if asked is not None and asked != st.session_state.get(written) and valid(asked):
        st.session_state[key] = asked
    elif key not in st.session_state:
        before = st.session_state.get(kept, default)
        st.session_state[key] = before if valid(before) else default
    elif not valid(st.session_state[key]):
        st.session_state[key] = default
    return key


def _keep(name: str, value: str, default: str) -> None:
    st.session_state[f"kept_{name}"] = value
    st.session_state[f"written_{name}"] = value
    if value:
        st.session_state.setdefault("chosen", {})[name] = value
    if value == default:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def choose(
    name: str, label: str, options: Sequence[str], shown: Callable[[str], str], default: str | None = None, **more: Any
) -> str:
    """A select box whose choice is the URL parameter `name`. There must be an option."""
    first = default if default in options else options[0]
    key = _prepare(name, lambda value: value in options, str(first))
    value = st.selectbox(label, options, format_func=shown, key=key, **more)
    chosen = str(value if value is not None else first)
    _keep(name, chosen, str(first))
    return chosen


def segment(name: str, label: str, options: Sequence[str], shown: Callable[[str], str], default: str) -> str:
    """A row of buttons, of which one is chosen, as the URL parameter `name`."""
    key = _prepare(name, lambda value: value in options, default)
    value = st.segmented_control(label, options, format_func=shown, key=key, required=True)
    chosen = str(value if value is not None else default)
    _keep(name, chosen, default)
    return chosen


def search(name: str, label: str, **more: Any) -> str:
    """A text field as the URL parameter `name`; without spaces around."""
    key = _prepare(name, lambda _: True, "")
    chosen = str(st.text_input(label, key=key, max_chars=200, **more) or "").strip()
    _keep(name, chosen, "")
    return chosen


def switch(name: str, label: str, **more: Any) -> bool:
    """A switch, off by default, as the URL parameter `name` (1 if on)."""
    key = f"widget_{name}"
    asked, written = st.query_params.get(name), st.session_state.get(f"written_{name}")
    if asked in ("0", "1") and asked != written:
        st.session_state[key] = asked == "1"
    elif key not in st.session_state:
        st.session_state[key] = st.session_state.get(f"kept_{name}", "0") == "1"
    on = bool(st.toggle(label, key=key, **more))
    _keep(name, "1" if on else "0", "0")
    return on
