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


def _prepare(name: str, valid: Callable[[str], bool], default: str, texts: Sequence[str] = ()) -> tuple[str, str]:
    """The key of a widget, and the value that it has: what the URL asks for, else what was chosen, else the default.

    A closed box goes on showing the text that its choice had when the box was made, so that other texts (of another
    language, of another unit's years) are another widget. It begins with that value as its default: a value that is set
    through the session is lost in the browser when the next drawing of the page overtakes it.
    """
    kept = st.session_state
    key = kept.get(f"key_{name}", f"widget_{name}")
    value = kept.get(key, kept.get(f"kept_{name}", default))
    asked = st.query_params.get(name)
    is_asked = asked is not None and asked != kept.get(f"written_{name}") and valid(asked)
    wanted = str(asked if is_asked else value if valid(value) else default)
    if wanted != value or key not in kept or kept.get(f"texts_{name}") != tuple(texts):
        kept["widgets_made"] = kept.get("widgets_made", 0) + 1
        key = f"widget_{name}_{kept['widgets_made']}"
    kept[f"key_{name}"], kept[f"texts_{name}"] = key, tuple(texts)
    return key, wanted


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
    texts = {option: shown(option) for option in options}
    key, wanted = _prepare(name, lambda value: value in texts, str(first), list(texts.values()))
    index = list(options).index(wanted)
    value = st.selectbox(label, options, index, format_func=texts.__getitem__, key=key, **more)
    chosen = str(value if value is not None else first)
    _keep(name, chosen, str(first))
    return chosen


def segment(name: str, label: str, options: Sequence[str], shown: Callable[[str], str], default: str) -> str:
    """A row of buttons, of which one is chosen, as the URL parameter `name`."""
    texts = {option: shown(option) for option in options}
    key, wanted = _prepare(name, lambda value: value in texts, default, list(texts.values()))
    value = st.segmented_control(label, options, default=wanted, format_func=texts.__getitem__, key=key, required=True)
    chosen = str(value if value is not None else default)
    _keep(name, chosen, default)
    return chosen


def search(name: str, label: str, **more: Any) -> str:
    """A text field as the URL parameter `name`; without spaces around."""
    key, wanted = _prepare(name, lambda _: True, "")
    chosen = str(st.text_input(label, wanted, key=key, max_chars=200, **more) or "").strip()
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
