"""The declared forms: one YAML file a form, plus shared column names and indicator levels.

A form is declared by its titles (regular expressions over the squashed, half-width title), its labels or columns
with their printed synonyms, and the reader that knows its shape. A new layout of a known shape is a new file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from loaders import text as rules
from loaders.money import UNIT, UNIT_IN_BRACKETS

FOLDER = Path(__file__).parent
_SHARED = ("columns", "levels", "narrative")
# A number as titles bear it; the 一 of 一般公共预算 is none: `表五 一般公共预算支出表`.
_NUMBER = r"(?:[0-9]{1,3}?(?:-[0-9]{1,3}?)?(?=20[0-9]{2}年|[^0-9-]|$)|(?:[二三四五六七八九十]|一(?!般公))+)"
# `12、`, `（三）`, `附1`, `表3`, `第3表`, `公开05表`, `预算公开表1`: numbering before a title.
_NUMBERING = re.compile(
    rf"^(?:{_NUMBER}[.、)]|\({_NUMBER}\)|附(?:件|表)?{_NUMBER}?[:.、]?"
    rf"|(?:财|部门|单位|预算|决算|预|决)*公?开?(?:第?{_NUMBER}表|表{_NUMBER})[:.、]?)"
)
_YEAR = re.compile(r"^20[0-9]{2}年度?")
# The name of a unit before a title, with a year behind it or known by its last word.
_UNIT = re.compile(
    r"^[一-龥()]{2,40}20[0-9]{2}年度?"
    r"|^[一-龥()]{2,30}?(?:局|厅|委员会|办公室|检察院|法院|人民政府|街道办事处|大队|支队|中心|学校|中学|小学|幼儿园|学院|大学|医院|联合会|总工会)"
    r"(?:\(?(?:本级|机关(?!运行)|汇总)\)?)?(?!$)"
)
# What stands for the whole set of forms: `部门预算一般公共预算支出表`. 部门决算 goes only before another 决算.
_SET = re.compile(
    r"^(?:(?:部门|单位)(?:综合)?预算|综合预算|预算(?=收支|收入|支出|财政)|(?:部门|单位)决算(?=.*决算))(?!表)"
)
_REMARK = re.compile(
    rf"\((?:功能科目|经济科目|公开|草案|汇总|空表|本级|20[0-9]{{2}}年度?|(?:金额)?(?:单位:)?(?:人民币)?{UNIT}|(?:公开)?[0-9]{{1,2}}表"
    r"|分科目|按?(?:支出)?(?:功能|经济)(?:分类)?(?:科目)?分?(?:类)?(?:科目)?)\)$"
)


_BRACKETED_UNIT = re.compile(rf"{UNIT_IN_BRACKETS}$")

# Marks around a title: 《…》, 【表1】.
_AROUND = str.maketrans("", "", "《》〈〉【】")


@dataclass(frozen=True, eq=False)
class Form:
    """One declared form. `labels` and `columns` map a code to the printed synonyms (as `text.label` gives them).

    A form is equal to itself alone, so that what it says of a header can be remembered.
    """

    form_code: str
    form_kind: str
    titles: tuple[re.Pattern[str], ...]
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def has_title(self, title: str) -> bool:
        """True if the squashed, half-width, unnumbered `title` is one of this form's titles."""
        return any(pattern.fullmatch(title) for pattern in self.titles)

    def has_title_of(self, text: str) -> bool:
        """True if `text`, as printed, is one of this form's titles."""
        return self.has_title(bare_title(text))

    def label_code(self, printed: str) -> str | None:
        """The code of a printed label, or None."""
        return self._code("labels", rules.label(printed))

    def column_code(self, printed: str) -> str | None:
        """The code of a printed column header, or None."""
        return self._code("columns", rules.label(printed))

    def column_of(self, path: str) -> str | None:
        """The code of a header path of compared labels, '/' between levels, or None."""
        return self._codes["columns"].get(path)

    @cached_property
    def header_words(self) -> frozenset[str]:
        """Compared labels that make a row a header, whatever column they stand over."""
        sides = self.options.get("sides", {}).values()
        parts = {part for labels in self.columns.values() for label in labels for part in label.split("/")}
        phases = self.options.get("phases", {}).values()
        listed = {rules.label(label) for labels in (*sides, *phases) for label in labels}
        return frozenset(parts | listed | set(self.options["group_words"]))

    def _code(self, kind: str, label: str) -> str | None:
        """The code of a compared label as it stands, else without the unit of money in brackets behind it."""
        codes = self._codes[kind]
        return codes.get(label) or codes.get(_BRACKETED_UNIT.sub("", label))

    @cached_property
    def _codes(self) -> dict[str, dict[str, str]]:
        return {
            "labels": {label: code for code, labels in self.labels.items() for label in labels},
            "columns": {label: code for code, labels in self.columns.items() for label in labels},
        }


@dataclass(frozen=True)
class Levels:
    """The names that the first and second levels of indicators are printed under."""

    level1: tuple[str, ...]
    level2: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """All declared forms in the order of their file names."""

    forms: tuple[Form, ...]
    levels: Levels

    def titled(self, text: str) -> list[Form]:
        """The forms that have `text` as a title, numbering aside."""
        title = bare_title(text)
        return [form for form in self.forms if form.has_title(title)] if self._any_title.fullmatch(title) else []

    def is_title(self, text: str) -> bool:
        """True if a text of at most 120 characters is the title of a declared form."""
        return bool(text) and len(text) <= 120 and bool(self._any_title.fullmatch(bare_title(text)))

    @cached_property
    def openers(self) -> frozenset[str]:
        """Every declared label and header: a row that has none of them begins no form."""
        labels = {label for form in self.forms for labels in form.labels.values() for label in labels}
        return frozenset(labels.union(*(form.header_words for form in self.forms)))

    @cached_property
    def _any_title(self) -> re.Pattern[str]:
        """All titles in one: nearly every cell of a document is asked whether it is one."""
        patterns = {pattern.pattern for form in self.forms for pattern in form.titles}
        return re.compile("|".join(f"(?:{pattern})" for pattern in sorted(patterns)) if patterns else r"(?!)")


@lru_cache(maxsize=65536)
def bare_title(text: str) -> str:
    """A title as it is compared: no white space, half width, without what stands around it: numbering, year, name of
    the unit, `（…版）` remarks, the name of the set of forms."""
    bare = rules.half_width(rules.squash(rules.clean(text))).translate(_AROUND)
    before = None
    while bare != before:
        before = bare
        for pattern in (_REMARK, _NUMBERING, _YEAR, _UNIT, _SET):
            bare = pattern.sub("", bare)
    return bare


def is_number_of_form(text: str) -> bool:
    """True for a line that holds the number of a form and nothing else: 公开05表, 附件1."""
    bare = rules.half_width(rules.squash(text))
    return bare[-1:] != "、" and bool(_NUMBERING.fullmatch(bare))


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue of `loaders/forms/*.yml`."""
    return read_catalogue(FOLDER)


def read_catalogue(folder: Path) -> Catalogue:
    """Declarations of a folder → Catalogue. Raises ValueError naming the file that is not a valid declaration."""
    shared = {name: yaml.safe_load((folder / f"{name}.yml").read_text("utf-8")) for name in _SHARED}
    forms = []
    for path in sorted(folder.glob("*.yml")):
        if path.stem in _SHARED:
            continue
        for declared in yaml.safe_load_all(path.read_text("utf-8")):
            try:
                forms.append(_form(declared, shared["columns"]))
            except (KeyError, TypeError, re.error) as error:
                raise ValueError(f"{path.name}: not a form declaration: {error!r}") from error
    return Catalogue(tuple(forms), Levels(*(tuple(shared["levels"][level]) for level in ("level1", "level2"))))


def _form(declared: dict[str, Any], shared_columns: dict[str, list[str]]) -> Form:
    known = {"form_code", "form_kind", "titles", "labels", "columns"}
    columns = declared.get("columns", {})
    if isinstance(columns, list):  # names of shared columns, with the synonyms of columns.yml
        columns = {code: shared_columns[code] for code in columns}
    return Form(
        form_code=declared["form_code"],
        form_kind=declared["form_kind"],
        titles=tuple(re.compile(rules.half_width(title)) for title in declared["titles"]),
        labels={code: _labels(labels) for code, labels in declared.get("labels", {}).items()},
        columns={code: _labels(labels) for code, labels in columns.items()},
        options={key: value for key, value in declared.items() if key not in known}
        | {"group_words": _labels(shared_columns["group_words"])},
    )


def _labels(labels: list[str]) -> tuple[str, ...]:
    return tuple(rules.label(label) for label in labels)
