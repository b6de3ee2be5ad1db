"""Self-evaluation tables of projects, also where text recognition has shifted their cells.

Rows are told apart by the labels in them, wherever these stand; the values of a row are taken by their position
relative to its label, since a whole row shifts while its cells keep their distances.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loaders import schema
from loaders import text as rules
from loaders.document import Cell, Place
from loaders.project_target import add_level, joined_target

if TYPE_CHECKING:
    from loaders.extraction import Extraction
    from loaders.forms import Form, Levels
    from loaders.layout import Item

# 产出指标50分, 产出指标(50分): of half width and without blanks.
_WEIGHT = re.compile(r"^(?P<label>.*?指标)\(?(?P<weight>[0-9]+(?:\.[0-9]+)?)分?\)?$")
_ROW_PREFIX = re.compile(r"^指标\s*[0-9]+\s*[:：]\s*")
_LATER_ROW = re.compile(r"^指标\s*[2-9]\s*[:：]")
_DASH = {"—", "-", "–", "——", "―", "－", "一"}


def starts(items: list[Item], index: int, form: Form) -> bool:
    """True where the name label begins a row and the department and fund labels follow in the next rows."""
    if items[index].is_paragraph or not items[index].filled:
        return False
    if form.label_code(items[index].filled[0].text) != "project_name":
        return False
    ahead = {form.label_code(cell.text) for item in items[index + 1 : index + 4] for cell in item.filled}
    columns = {rules.label(label) for labels in form.options["fund_columns"].values() for label in labels}
    heads = {rules.label(cell.text) for item in items[index + 1 : index + 4] for cell in item.filled}
    return {"department", "funds"} <= ahead and len(heads & columns) >= 3


def read(form: Form, items: list[Item], form_no: int, sequence: int, levels: Levels, extraction: Extraction) -> None:
    """The items of one table, through its total → raw.evaluation, evaluation_fund, project_indicator."""
    reading = _Evaluation(form, form_no, levels, extraction)
    for item in items:
        if not item.is_paragraph:
            reading.row(item)
        elif rules.is_page_number(item.text) or reading.is_placeholder(item.cells[0]):
            extraction.claim(item.cells, schema.LAYOUT)
        else:
            break
        if reading.finished:
            break
    extraction.add("evaluation", form_no=form_no, evaluation_sequence=sequence, at=reading.place, **reading.values)


class _Evaluation:
    """The state of one table: which part is being read, and the columns of that part."""

    def __init__(self, form: Form, form_no: int, levels: Levels, extraction: Extraction) -> None:
        self.form, self.form_no, self.levels, self.extraction = form, form_no, levels, extraction
        self.values: dict[str, object] = {}
        self.place: Place | None = None  # where the name of the project stands
        self.part = "head"
        self.fund_columns: dict[str, int] = {}  # code → distance from the first of them
        self.fund_place = 0  # the place of the first of them in the header
        self.fund_gap = 0  # from the source of the funds to the first amount: more than 1 where its cell is merged
        self.goal_columns: dict[str, int] = {}
        self.indicator_columns: list[str | None] = []
        self.fund_no = self.indicator_no = 0
        self.carried: str | None = None  # a level-2 label on a row without values covers the rows that follow
        self.open_row: int | None = None  # the row of the last indicator, if no level-2 label covers it yet
        self.row_no = 0
        self.finished = False
        self.sources = {rules.label(source) for source in form.options["fund_sources"]}
        self.fund_labels = {
            rules.label(label): code for code, labels in form.options["fund_columns"].items() for label in labels
        }
        self.placeholders = [re.compile(pattern) for pattern in form.options["placeholders"]]

    def row(self, item: Item) -> None:
        codes = {position: self.form.label_code(cell.text) for position, cell in enumerate(item.cells) if cell.text}
        found = {label: position for position, label in reversed(codes.items()) if label}
        if not codes:
            return
        first = next(iter(codes.values()))
        if first in ("project_name", "department") and self.part == "head":
            for head in ("project_name", "department", "implementer"):
                if head in found:
                    self._value(item, found[head], f"{head}_printed")
        elif "funds" in found:
            self._begin_funds(item)
        elif "expected" in found or "achieved" in found:
            self.part = "goals"
            self._claim(item.filled, schema.HEADER)
            self.goal_columns = {code: found[code] for code in ("expected", "achieved") if code in found}
        elif "indicators" in found or self._is_indicator_header(item):
            self._begin_indicators(item)
        elif "total" in found:
            self._total(item, found["total"])
        else:
            self._row_of_part(item)

    def _row_of_part(self, item: Item) -> None:
        if self.part == "funds":
            self._fund(item)
        elif self.part == "goals":
            self._goal(item)
        elif self.part == "indicators":
            self._indicator(item)

    def _begin_funds(self, item: Item) -> None:
        self.part = "funds"
        self._claim([cell for cell in item.cells if cell.text], schema.HEADER)
        places = {
            code: at for at, cell in enumerate(item.cells) if (code := self.fund_labels.get(rules.label(cell.text)))
        }
        self.fund_place, self.fund_gap = min(places.values(), default=0), 0
        self.fund_columns = {code: at - self.fund_place for code, at in places.items()}

    def _begin_indicators(self, item: Item) -> None:
        self.part = "indicators"
        self._claim(item.filled, schema.HEADER)
        codes_in_order = [self.form.column_code(cell.text) for cell in item.cells if cell.text]
        # Columns that are not declared keep their place: their values stay unclaimed.
        begin = codes_in_order.index("level1") if "level1" in codes_in_order else 0
        self.indicator_columns = codes_in_order[begin:]

    def _claim(self, cells: list[Cell], claimed_as: str) -> None:
        self.extraction.claim(cells, claimed_as, self.form_no)

    def _is_indicator_header(self, item: Item) -> bool:
        return {"level1", "level2", "level3"} <= {self.form.column_code(cell.text) for cell in item.filled}

    def _value(self, item: Item, at: int, name: str) -> None:
        """The first filled cell behind a label."""
        self._claim([item.cells[at]], schema.HEADER)
        value = next((cell for cell in item.cells[at + 1 :] if cell.text), None)
        if value and self.form.label_code(value.text) is None:
            self._claim([value], schema.FACT)
            self.values[name] = value.text
            if name == "project_name_printed":
                self.place = value.place

    def _fund(self, item: Item) -> None:
        at = next((i for i, cell in enumerate(item.cells) if rules.label(cell.text) in self.sources), None)
        if at is None:
            return
        self.fund_no += 1
        if not self.fund_gap:  # a blank behind the first source: its cell is merged up to the first column
            is_merged = not any(cell.text for cell in item.cells[at + 1 : self.fund_place])
            self.fund_gap = max(1, self.fund_place - at) if is_merged else 1
        values = item.cells[at + self.fund_gap :]
        cells = {code: values[step] for code, step in self.fund_columns.items() if step < len(values)}
        self._claim([item.cells[at], *cells.values()], schema.FACT)
        self.extraction.add(
            "evaluation_fund",
            form_no=self.form_no,
            fund_no=self.fund_no,
            fund_source_printed=item.cells[at].text,
            at=item.cells[at].place,
            **{
                f"{code}_printed": None if rules.squash(cell.text) in _DASH else cell.text
                for code, cell in cells.items()
            },
        )

    def _goal(self, item: Item) -> None:
        """Each filled cell belongs to the goal column that it stands nearest to."""
        taken: dict[str, Cell] = {}
        for position, cell in enumerate(item.cells):
            if cell.text and self.goal_columns:
                code = min(self.goal_columns, key=lambda c: abs(self.goal_columns[c] - position))
                if code not in taken:
                    taken[code] = cell
        for code, cell in taken.items():
            self._claim([cell], schema.FACT)
            before = self.values.get(f"{code}_printed")
            self.values[f"{code}_printed"] = rules.join_lines(str(before), cell.text) if before else cell.text

    def _total(self, item: Item, at: int) -> None:
        numbers = [cell for cell in item.cells[at + 1 :] if cell.text]
        self._claim([item.cells[at]], schema.HEADER)
        self.finished = True
        if len(numbers) != 2:
            return  # one number alone: weight or score, nobody can tell
        self._claim(numbers, schema.FACT)
        self.values["total_weight_printed"], self.values["total_score_printed"] = (cell.text for cell in numbers)
        self.values["total_locator"] = str(numbers[1].place)

    # indicators

    def _indicator(self, item: Item) -> None:
        self.row_no = item.row_no
        cells = [self._without_prefix(cell) for cell in item.cells]
        level1, weight, level2, at = self._levels(cells)
        labels = [cell for cell in cells[:at] if cell.text]
        rest = cells[at:]
        if labels:
            self._claim(labels, schema.HEADER)
            add_level(level1, self._label_text(level1) or "", weight, self.form_no, self.extraction)
        values = [cell for cell in rest if cell.text]
        if not values or all(self.is_placeholder(cell) for cell in values):
            self._claim(values, schema.LAYOUT)
            if level2 and values and _LATER_ROW.match(rules.half_width(values[0].text)):
                level2 = self._label_above(level2)
            self.carried = rules.squash(level2.text) if level2 else self.carried
            return
        if len(values) == 1 and rules.squash(values[0].text) in self.form.options["not_applicable"]:
            self._claim(values, schema.NOTE)
            self.carried = rules.squash(level2.text) if level2 else self.carried
            return
        columns = [code for code in self.indicator_columns if code not in ("level1", "level2")]
        offset = next(position for position, cell in enumerate(rest) if cell.text)
        fields = {code: cell for code, cell in zip(columns, rest[offset:], strict=False) if code and cell.text}
        if not fields:
            return  # values behind the last column: they stay unclaimed
        self.indicator_no += 1
        self._claim(list(fields.values()), schema.FACT)
        place = joined_target(fields) or next(iter(fields.values()))
        self.extraction.add(
            "project_indicator",
            form_no=self.form_no,
            indicator_no=self.indicator_no,
            stage="self_evaluation",
            level1_printed=self._label_text(level1),
            level1_weight_printed=weight,
            level2_printed=rules.squash(level2.text) if level2 else self.carried,
            **{f"{code}_printed": cell.text for code, cell in fields.items()},
            at=place.place,
        )
        self.open_row = item.row_no if not (level2 or self.carried) else None
        self.carried = None

    def _label_above(self, level2: Cell) -> Cell | None:
        """A label beside `指标 2:` covers the row above too, if that row has no label of its own: it is 指标 1."""
        if self.open_row != self.row_no - 1:
            return level2
        self.extraction.rows["project_indicator"][-1]["level2_printed"] = rules.squash(level2.text)
        self.open_row = None
        return None

    @staticmethod
    def _label_text(level1: Cell | None) -> str | None:
        """A level-1 label without its weight."""
        if level1 is None:
            return None
        match = _WEIGHT.match(rules.half_width(rules.squash(level1.text)))
        return match["label"] if match else rules.squash(level1.text)

    def _levels(self, cells: list[Cell]) -> tuple[Cell | None, str | None, Cell | None, int]:
        """The leading labels of a row: level 1, its weight, level 2, and the column behind them.

        Two level-2 labels in one row are fused rows: the values belong to the last. The same label twice is a
        level 2 and an indicator that bears its name.
        """
        level1 = level2 = None
        weight = None
        at = 0
        for position, cell in enumerate(cells):
            if not cell.text:
                continue
            bare = rules.half_width(rules.squash(cell.text))
            match = _WEIGHT.match(bare)
            name = match["label"] if match else bare
            behind = next((rules.squash(c.text) for c in cells[position + 1 :] if c.text), "")
            # 成本指标 is of level 1 where a label of level 2 stands behind it, else of level 2.
            is_level1 = name in self.levels.level1 and (name not in self.levels.level2 or behind in self.levels.level2)
            if is_level1 and level1 is None and level2 is None:
                level1, weight = cell, match["weight"] if match else None
            elif bare in self.levels.level2 and (level2 is None or bare != rules.squash(level2.text)):
                level2 = cell
            else:
                break
            at = position + 1
        return level1, weight, level2, at

    @staticmethod
    def _without_prefix(cell: Cell) -> Cell:
        match = _ROW_PREFIX.match(rules.half_width(cell.text))
        return Cell(cell.no, cell.text[match.end() :], cell.place) if match and cell.text[match.end() :] else cell

    def is_placeholder(self, cell: Cell) -> bool:
        return any(pattern.fullmatch(rules.half_width(rules.squash(cell.text))) for pattern in self.placeholders)
