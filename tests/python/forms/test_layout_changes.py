"""Changes of layout that leave the facts alone must leave them alone here; what is lost must be listed.

Each change is made to the sample documents and, where the corpus is at hand, to the five seed documents.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from ..support.facts import FACT_TABLES, Facts, facts, raw_rows, unclaimed
from ..support.paths import ROOT, SAMPLES

SEEDS = ROOT.parent / "shared" / "corpus" / "seeds"
DOCUMENTS = sorted(SAMPLES.glob("*.txt")) + (sorted(SEEDS.glob("*.txt")) if SEEDS.is_dir() else [])

Change = Callable[[str], str]


@cache
def text_of(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def facts_of(path: Path) -> Facts:
    return facts(text_of(path))


def lines(change: Callable[[list[str]], list[str]]) -> Change:
    return lambda text: "\n".join(change(text.split("\n")))


def with_blanks(share: float, seed: int) -> Change:
    def change(text: list[str]) -> list[str]:
        chance = random.Random(seed)
        return [part for line in text for part in ([line, ""] if chance.random() < share else [line])]

    return lines(change)


def without_blanks(share: float, seed: int) -> Change:
    def change(text: list[str]) -> list[str]:
        chance = random.Random(seed)
        return [line for line in text if line or chance.random() > share]

    return lines(change)


def full_width(text: str) -> str:
    return re.sub("[0-9]", lambda digit: chr(ord(digit[0]) + 0xFEE0), text)


def half_width(text: str) -> str:
    return text.translate(str.maketrans("：（），；％", ":(),;%"))


def with_page_breaks(text: str) -> str:
    """A page number between blank lines, after every 40th blank line."""
    blanks = 0
    out = []
    for line in text.split("\n"):
        out.append(line)
        blanks += line == ""
        if line == "" and blanks % 40 == 0:
            out += ["", "", str(blanks // 40), "", ""]
    return "\n".join(out)


def split_words(text: str) -> str:
    """Every fifth cell of one cell a line goes on in the next line, in the middle of a word."""
    out = []
    for number, line in enumerate(text.split("\n")):
        match = re.fullmatch(r"(\t[一-龥]{2,})([一-龥]{2,})", line)
        out.append(f"{match[1]}\n{match[2]}" if match and number % 5 == 0 else line)
    return "\n".join(out)


KEEPS_ALL: dict[str, Change] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "byte order mark": lambda text: "\ufeff" + text,
    "twice the blank lines": lambda text: text.replace("\n\n", "\n\n\n"),
    "one blank line for several": lambda text: re.sub("\n\n\n+", "\n\n", text),
    "trailing blanks": lambda text: re.sub(r"(?<=\S)\n", " \n", text),
    "form feeds": lambda text: text.replace("\n\n", "\n\f\n"),
    "half-width signs": half_width,
    "full-width digits": full_width,
    "page numbers": with_page_breaks,
    "words split over lines": split_words,
}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:24])
@pytest.mark.parametrize("name", KEEPS_ALL)
def test_layout_does_not_change_facts(path: Path, name: str) -> None:
    changed = facts(KEEPS_ALL[name](text_of(path)))
    lost, new = facts_of(path) - changed, changed - facts_of(path)
    assert not lost, f"{sum(lost.values())} lost, e.g. {next(iter(lost))}"
    assert not new, f"{sum(new.values())} invented, e.g. {next(iter(new))}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:24])
def test_gbk_has_the_same_facts(path: Path) -> None:
    assert facts(text_of(path).encode("gb18030")) == facts_of(path)


# Rows broken or run together anywhere: what cannot be put together again is listed, and nothing is made up.
DAMAGES: dict[str, Change] = {
    **{f"2 % more blank lines, {seed}": with_blanks(0.02, seed) for seed in range(4)},
    **{f"10 % fewer blank lines, {seed}": without_blanks(0.10, seed) for seed in range(4)},
    "no blank lines": without_blanks(1.0, 0),
    "row ends without TABs": lines(lambda text: [line.rstrip("\t") if line.count("\t") > 1 else line for line in text]),
}


def values(found: Facts) -> set[object]:
    """Every printed value among the facts, whatever row it stands in."""
    parts = (part for row in found for part in row[1:] if isinstance(part, tuple))
    return {value for column, value in parts if str(column).endswith("_printed")}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:24])
@pytest.mark.parametrize("name", DAMAGES)
def test_broken_rows_are_read_or_listed(path: Path, name: str) -> None:
    text = DAMAGES[name](text_of(path))
    changed = facts(text)
    lost = facts_of(path) - changed
    amounts = {row for row in changed - facts_of(path) if row[0] in ("budget_cell", "three_public_cell")}
    assert not amounts, f"invented: {amounts}"
    rows_lost = [row for row in lost if row[0] in ("budget_cell", "three_public_cell", "project_indicator")]
    moved = [row for row in (changed - facts_of(path)) if row[0] == "project_indicator"]
    if len(rows_lost) > len(moved):
        assert unclaimed(text), f"{len(rows_lost)} rows lost in silence, e.g. {rows_lost[0]}"


@pytest.mark.parametrize("path", [p for p in DOCUMENTS if "\n\t" in text_of(p)], ids=lambda path: path.stem[:24])
@pytest.mark.parametrize("seed", range(6))
def test_a_missing_last_cell_moves_no_amount(path: Path, seed: int) -> None:
    """A row of one cell a line loses its last cell: its amounts are given up, not moved to another column."""
    text = text_of(path).split("\n")
    ends = [
        at
        for at, line in enumerate(text[:-1])
        if line.startswith("\t") and line.count("\t") == 1 and line.strip() and text[at + 1] == ""
    ]
    if not ends:
        pytest.skip("the document has no row of one cell a line")
    for at in sorted(random.Random(seed).sample(ends, min(3, len(ends))), reverse=True):
        del text[at]
    changed = facts("\n".join(text))
    new = [
        row
        for row in changed - facts_of(path)
        if row[0] in ("budget_cell", "three_public_cell", "project_plan", "procurement_cell")
    ]
    assert not new, f"invented: {new[0]}"


@pytest.mark.parametrize(
    ("first", "second"),
    [(0, 2), (2, 4), (3, 5), (5, 1), (4, 3), (6, 0)],
)
def test_two_documents_in_one_file(first: int, second: int) -> None:
    """Whatever dialects follow each other, the facts of both are there."""
    paths = sorted(SAMPLES.glob("*.txt"))
    a, b = paths[first], paths[second]
    together = facts(text_of(a) + "\n\n\n" + text_of(b))
    lost = (facts_of(a) + facts_of(b)) - together
    lost = Facts({row: count for row, count in lost.items() if row[0] != "narrative_figure"})
    assert not lost, f"{sum(lost.values())} lost, e.g. {next(iter(lost))}"


def test_projects_in_another_order() -> None:
    """The tables of a wrapped document change places: the same projects, in the new order."""
    text = text_of(SAMPLES / "targets-pdf-text.txt")
    start = [match.start() for match in re.finditer(r"^项目\n\n?编码", text, re.M)]
    assert len(start) >= 3
    tables = [text[a:b] for a, b in zip(start, [*start[1:], len(text)], strict=True)]
    gap = "\n\n\n\n"
    swapped = text[: start[0]] + gap.join(table.rstrip("\n") for table in reversed(tables)) + "\n"
    names = [row["project_name_printed"] for row in raw_rows(text)["project"]]
    assert [row["project_name_printed"] for row in raw_rows(swapped)["project"]] == names[::-1]
    assert facts(swapped) == facts(text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:24])
def test_other_names_and_figures_follow(path: Path) -> None:
    """Every digit 7 becomes 8 (codes and labels aside): the facts follow, none stays behind."""
    text = text_of(path)
    changed = re.sub(r"(?<=[0-9])7(?=\.[0-9])", "8", text)
    if changed == text:
        pytest.skip("no such figure in the document")
    expected = Facts()
    for row, count in facts_of(path).items():
        new = tuple(
            (part[0], re.sub(r"(?<=[0-9])7(?=\.[0-9])", "8", part[1])) if isinstance(part, tuple) else part
            for part in row
        )
        expected[new] += count
    assert facts(changed) == expected


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:24])
@pytest.mark.parametrize("share", [0.13, 0.37, 0.58, 0.81])
def test_a_truncated_document_invents_no_amount(path: Path, share: float) -> None:
    text = text_of(path)
    text = text[: int(len(text) * share)]
    text = text[: text.rfind("\n") + 1]  # cut between lines: each figure is whole or gone
    new = [row for row in facts(text) - facts_of(path) if row[0] in ("budget_cell", "three_public_cell")]
    assert not new


def test_every_kind_of_fact_is_among_the_documents() -> None:
    """The changes above are made to documents that have all kinds of facts but the overall targets of a department,
    of which there is no text: test_department_target.py."""
    seen = {row[0] for path in DOCUMENTS for row in facts_of(path)}
    assert seen == set(FACT_TABLES) - {"department_value", "department_task"}
