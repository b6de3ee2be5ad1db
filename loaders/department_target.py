"""Overall target tables of a department: labelled values, money by block, goals, tasks with their money, indicators.

The table is read by rows. A declared label at the head of a row begins a part (`parts`); what stands in the rows below
is read by the labels beside it (values) or by the header above it (tasks). The indicators are those of project tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders import project_target, schema
from loaders import text as rules

if TYPE_CHECKING:
    from loaders.document import Cell
    from loaders.extraction import Extraction
    from loaders.forms import Form
    from loaders.layout import Item

# Labels with a role of their own: a heading over labels, a heading over amounts, the name of a row of totals.
_GROUP, _MEASURE, _TOTAL = "group", "measure", "total"
_MONEY = ("budget", "fiscal", "other")
_INDICATORS = {"level1", "level2", "level3"}
_LOOK_AHEAD = 60  # rows of such a table down to its indicators, at most


def starts(items: list[Item], index: int, form: Form) -> bool:
    """True where the anchor label begins a row, and the confirming labels and the header of the indicators follow."""
    item = items[index]
    if item.is_paragraph or not item.filled or form.label_code(item.filled[0].text) != form.options["anchor"]:
        return False
    ahead: set[str | None] = set()
    for following in items[index + 1 : index + _LOOK_AHEAD]:
        if _begins_indicators(form, following):
            return set(form.options["confirm"]) <= ahead
        ahead |= {form.label_code(cell.text) for cell in following.filled[:2]}
    return False


def _begins_indicators(form: Form, item: Item) -> bool:
    return not item.is_paragraph and {form.column_code(cell.text) for cell in item.filled} >= _INDICATORS


def read(form: Form, items: list[Item], form_no: int, extraction: Extraction) -> str | None:
    """The items of one table → raw.department_value, department_goal, department_task, project_indicator,
    indicator_level. Returns the department that the table names."""
    reading = _Reading(form, form_no, extraction)
    for at, item in enumerate(items):
        if item.is_paragraph:
            if rules.is_page_number(item.text):
                extraction.claim(item.cells, schema.LAYOUT)
        elif _begins_indicators(form, item):
            project_target.read_indicators(form, items[at:], form_no, extraction)
            break
        else:
            reading.row(item)
    reading.finish()
    return reading.department


class _Reading:
    """The state of one table: the part under way and what its headers say of the columns."""

    def __init__(self, form: Form, form_no: int, extraction: Extraction) -> None:
        self.form, self.form_no, self.extraction = form, form_no, extraction
        self.parts = {label: part for part, labels in form.options["parts"].items() for label in labels}
        self.part = "values"
        self.section: Cell | None = None
        self.groups: dict[int, Cell] = {}  # column → heading over labels
        self.measures: dict[int, Cell] = {}  # column → heading over amounts
        self.columns: dict[int, str] = {}  # column → code of a column of tasks
        self.money: Cell | None = None  # heading over the money of the tasks
        self.goals: list[tuple[Cell, list[Cell]]] = []  # label and texts
        self.value_no = self.task_no = 0
        self.department: str | None = None

    def row(self, item: Item) -> None:
        if not item.filled:
            return
        first = item.filled[0]
        code = self.form.label_code(first.text)
        if code in self.parts:
            self._claim([first], schema.HEADER)
            self.section, self.part = first, self.parts[code]
            self.groups, self.measures = {}, {}
            if self.part == "goal":
                self.goals.append((first, []))
        cells = {at: cell for at, cell in enumerate(item.cells) if cell.text and cell is not self.section}
        if self.part == "goal":
            self.goals[-1][1].extend(cells.values())
        elif self.part == "tasks":
            self._task(cells)
        else:
            self._values(cells)

    def finish(self) -> None:
        """Goals → raw.department_goal, after those that stand there."""
        for label, cells in self.goals:
            if not cells:
                continue
            self._claim(cells, schema.FACT)
            self.extraction.add(
                "department_goal",
                form_no=self.form_no,
                section_no=len(self.extraction.rows.get("department_goal", [])) + 1,
                section_printed=label.text,
                goal_printed="\n".join(cell.text for cell in cells),
                at=cells[0].place.to(cells[-1].place),
            )

    def _claim(self, cells: list[Cell], claimed_as: str) -> None:
        self.extraction.claim(cells, claimed_as, self.form_no)

    def _values(self, cells: dict[int, Cell]) -> None:
        """Labels with their values beside them, or a row of headings over the labels and amounts below."""
        labels = {at: code for at, cell in cells.items() if (code := self.form.label_code(cell.text))}
        self._claim([cells[at] for at in labels], schema.HEADER)
        for at, code in labels.items():
            if code == _GROUP:
                self.groups[at] = cells[at]
            elif code == _MEASURE:
                self.measures[at] = cells[at]
            elif (value_at := min((other for other in cells if other > at), default=None)) not in (None, *labels):
                assert value_at is not None
                self._add_value(code, at, value_at, cells)

    def _add_value(self, code: str, at: int, value_at: int, cells: dict[int, Cell]) -> None:
        value, group, measure = cells[value_at], self.groups.get(at), self.measures.get(value_at)
        self._claim([value], schema.FACT)
        self.value_no += 1
        if code == self.form.options["anchor"]:
            self.department = value.text
        self.extraction.add(
            "department_value",
            form_no=self.form_no,
            value_no=self.value_no,
            value_code=code,
            section_printed=self.section.text if self.section else None,
            group_printed=group.text if group else None,
            label_printed=cells[at].text,
            measure_printed=measure.text if measure else None,
            value_printed=value.text,
            at=value.place,
        )

    def _task(self, cells: dict[int, Cell]) -> None:
        """A row of the header, or a task in the columns that the header names."""
        codes = {at: self.form.column_code(cell.text) for at, cell in cells.items()}
        if cells and all(codes.values()):
            self.columns |= {at: code for at, code in codes.items() if code}
            self.money = self.money or next((cells[at] for at, code in codes.items() if code in _MONEY), None)
            self._claim(list(cells.values()), schema.HEADER)
            return
        fields = {self.columns[at]: cell for at, cell in cells.items() if at in self.columns}
        if not fields:
            return
        self._claim(list(fields.values()), schema.FACT)
        self.task_no += 1
        name = fields.get("task")
        self.extraction.add(
            "department_task",
            form_no=self.form_no,
            task_no=self.task_no,
            section_printed=self.section.text if self.section else None,
            is_total=name is not None and self.form.label_code(name.text) == _TOTAL,
            measure_printed=self.money.text if self.money else None,
            **{f"{code}_printed": cell.text for code, cell in fields.items()},
            **{f"{code}_locator": str(cell.place) for code, cell in fields.items() if code in _MONEY},
            at=(name or next(iter(fields.values()))).place,
        )
