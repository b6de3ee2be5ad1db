"""The server of the pages: pages.py behind the guard. Start: `make dashboard`, or streamlit run dashboard/app.py."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

# Streamlit imports this file by its own name: the project's packages stand beside its folder.
if str(Path(__file__).resolve().parents[1]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dashboard.guard import HostGuard

app = st.App(Path(__file__).with_name("pages.py"), middleware=[Middleware(HostGuard)])
