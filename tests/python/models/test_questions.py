"""The questions of the documentation: every SQL block runs on the samples and gives the answer that is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from loaders.connection import connect

from ..support.paths import ROOT

PAGES = (ROOT / "docs" / "questions.md", ROOT / "README.md", ROOT / "README.zh-CN.md")
# A block of SQL and, behind a blank line, the table of its answer.
_BLOCK = re.compile(r"^```sql\n(?P<sql>.*?)^```\n(?:\n(?P<answer>(?:\|[^\n]*\n?)+))?", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (.*) \|$")


@dataclass(frozen=True)
class Question:
    """A block of SQL with the printed answer: the header row, then the rows."""

    page: str
    sql: str
    answer: list[list[str]]


def questions(page: Path) -> list[Question]:
    """The SQL blocks of a page; the answer is empty where no table follows."""
    found = []
    for block in _BLOCK.finditer(page.read_text("utf-8")):
        lines = (block["answer"] or "").splitlines()
        rows = [match[1].split(" | ") for line in lines if (match := _ROW.match(line))]
        found.append(Question(page.name, block["sql"], [[cell.strip() for cell in row] for row in rows]))
    return found


QUESTIONS = [question for page in PAGES for question in questions(page)]


def test_each_page_has_its_questions() -> None:
    counts = {page.name: len(questions(page)) for page in PAGES}
    headings = re.findall(r"^## (\d+)\. .*\? .*[\u4e00-\u9fff].*？$", PAGES[0].read_text("utf-8"), re.MULTILINE)
    assert headings == [str(number) for number in range(1, 26)], "25 questions, each in both languages"
    assert counts == {"questions.md": 25, "README.md": 1, "README.zh-CN.md": 1}


@pytest.mark.parametrize(
    "question", QUESTIONS, ids=[f"{question.page}-{number}" for number, question in enumerate(QUESTIONS, start=1)]
)
def test_a_question_has_the_printed_answer(question: Question, samples_warehouse: Path) -> None:
    with connect(samples_warehouse, read_only=True) as connection:
        result = connection.execute(question.sql)
        columns = [column[0] for column in result.description or ()]
        rows = [["" if value is None else str(value) for value in row] for row in result.fetchall()]
    assert rows, "an answer without rows shows nothing"
    assert question.answer == [columns, *rows]
