"""Regular expressions take time in proportion to what they look at, whatever a document brings."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import loaders

N = 1500
FEW_SECONDS = 0.004  # of a processor; below, a clock says little
GROWTH = 9.0  # four times the text: 4 in a linear pattern, 16 in a quadratic one
METHODS = {"match", "search", "fullmatch", "sub", "split", "findall", "finditer"}
# What patterns of documents repeat, besides the characters that a pattern names itself.
PUMPS = (*" 0a一(（)-、：\t\n<\\@", "0,", "0.", "（一", "一 ", "0 ", "a.", "a@")
_LEADS = ("", "一", "0")


@cache
def patterns() -> dict[str, tuple[re.Pattern[Any], frozenset[str]]]:
    """Every compiled pattern of a module of the loaders by its name, with the methods that the module calls on it."""
    found: dict[str, tuple[re.Pattern[Any], frozenset[str]]] = {}
    for module in pkgutil.walk_packages(loaders.__path__, "loaders."):
        loaded = importlib.import_module(module.name)
        source = Path(str(loaded.__file__)).read_text("utf-8")
        for name, value in vars(loaded).items():
            if isinstance(value, re.Pattern):
                found.setdefault(f"{module.name}.{name}", (value, frozenset(re.findall(rf"\b{name}\.(\w+)\(", source))))
    return found


def attacks(pattern: re.Pattern[Any], times: int) -> Iterator[Any]:
    named = re.sub(r"\\.|[\[\]{}()|?*+^$.:<>=!-]", "", str(pattern.pattern))
    pumps = [*PUMPS, *dict.fromkeys(named[:20])]
    for pump in pumps:
        for lead in _LEADS:
            text = lead + pump * times + "\x00"
            yield text.encode() if isinstance(pattern.pattern, bytes) else text


def seconds(pattern: re.Pattern[Any], method: str, text: Any) -> float:
    """Of a processor, the least of three: another process may take the caches."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        if method == "sub":
            pattern.sub(text[:0], text)
        elif method == "finditer":
            list(pattern.finditer(text))
        else:
            getattr(pattern, method)(text)
        taken.append(time.process_time() - began)
        if taken[-1] < FEW_SECONDS:
            break
    return min(taken)


def slow(pattern: re.Pattern[Any], method: str) -> str:
    """The first text on which a pattern takes more than its share when it is four times as long; empty without one."""
    for short, long in zip(attacks(pattern, N), attacks(pattern, 4 * N), strict=True):
        taken = seconds(pattern, method, long)
        if taken > FEW_SECONDS and taken > GROWTH * seconds(pattern, method, short):
            return f"{short[:6]!r}: {taken:.3f} s"
    return ""


@pytest.mark.parametrize("name", sorted(patterns()))
def test_a_pattern_takes_time_in_proportion(name: str) -> None:
    pattern, methods = patterns()[name]
    for method in methods & METHODS or {"search"}:
        assert not slow(pattern, method), f"{name}.{method}: {pattern.pattern!r}"


def test_a_quadratic_pattern_is_seen() -> None:
    assert slow(re.compile(r"[\w.]+@"), "search")
    assert not slow(re.compile("一+"), "search")
