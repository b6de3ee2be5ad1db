"""Text files: where a cell ends and what goes on with it."""

from __future__ import annotations

import pytest

from loaders.document import Paragraph, Table
from loaders.readers.plain_text import read


def printed(text: str) -> list[object]:
    """Rows of tables as lists of texts, paragraphs as texts."""
    found: list[object] = []
    for block in read(text.encode()).blocks:
        if isinstance(block, Table):
            found += [[cell.text for cell in row.cells] for row in block.rows]
        else:
            assert isinstance(block, Paragraph)
            found.append(block.cell.text)
    return found


@pytest.mark.parametrize(
    "number", ["3", "- 3 -", "第3页", "第 3 页 共 12 页"], ids=["bare", "dashes", "words", "of all"]
)
def test_a_page_number_below_a_cell_is_no_part_of_it(number: str) -> None:
    assert printed(f"\t合计\n\t12.50\n{number}\n\t行政运行\n\t8.00") == [
        ["合计", "12.50"],
        number,
        ["行政运行", "8.00"],
    ]


def test_the_title_of_a_form_below_a_cell_is_no_part_of_it() -> None:
    assert printed("\t合计\n\t12.50\n一般公共预算支出表\n\t科目编码\n\t科目名称") == [
        ["合计", "12.50"],
        "一般公共预算支出表",
        ["科目编码", "科目名称"],
    ]


def test_the_rest_of_a_name_below_a_cell_goes_on_with_it() -> None:
    assert printed("\t一般公共预算拨\n款收入\n\t12.50") == [["一般公共预算拨款收入", "12.50"]]


def test_a_line_of_tabs_is_a_row_of_blank_cells() -> None:
    assert printed("\t\t\n合计\t\t12.50") == [["", "", ""], ["合计", "", "12.50"]]
