"""Errors as people make them, planted on request, and amendments. Each is listed in the truth with both figures."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from simulation.documents import Document


def _random(document: Document, seed: int, what: str) -> random.Random:
    return random.Random(f"{what}|{seed}|{document.unit.number}|{document.year}|{document.kind}")


def share_of(what: str, seed: int, document: Document) -> float:
    """A number from 0 to 1 that is the document's own: below a share, it is part of that share."""
    return _random(document, seed, what).random()


def plant(document: Document, seed: int, kinds: Sequence[str], share: float) -> None:
    """Plants one error of the `kinds` that the document can have, if it belongs to the share."""
    draw = _random(document, seed, "error")
    if draw.random() >= share:
        return
    possible = [kind for kind in (kinds or KINDS) if kind in KINDS]
    draw.shuffle(possible)
    for kind in possible:
        if KINDS[kind](document, draw):
            return


def amended(document: Document, seed: int) -> Document:
    """The same document as it is published again: a remark says so."""
    remark = f"本文件于{document.year + 1}年更正后重新发布。"
    return replace(document, parts=[*document.parts, remark], planted=[])


KINDS: dict[str, Callable[[Document, random.Random], bool]] = {}
