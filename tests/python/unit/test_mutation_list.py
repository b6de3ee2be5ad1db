"""The planted faults of scripts/mutations.yml fit the code as it is, and their verdicts are counted as said."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mutation import (
    FAST_LANE,
    FAST_MARKS,
    ROOT,
    CannotAsk,
    Mutation,
    Verdict,
    is_enough,
    mutated,
    read_mutations,
)


def test_each_fault_is_found_once_and_names_tests_that_exist() -> None:
    mutations = read_mutations()
    assert len(mutations) == 25
    for mutation in mutations:
        assert mutation.loss.endswith("."), mutation.name
        assert mutation.near, mutation.name
        for test in mutation.near_pytest:
            file, _, function = test.partition("::")
            assert f"def {function}" in (ROOT / file).read_text("utf-8"), test
        for model in mutation.near_dbt:
            assert list((ROOT / "models").rglob(f"{model}.sql")), model


def test_faults_are_spread_over_the_code() -> None:
    folders = [mutation.file.split("/")[0] for mutation in read_mutations()]
    assert set(folders) == {"loaders", "macros", "models", "expectations", "pipeline"}
    assert max(map(folders.count, folders)) <= len(folders) / 2


@pytest.mark.parametrize(("text", "times"), [("b", 0), ("a", 2)])
def test_a_text_that_is_not_there_once_cannot_be_planted(text: str, times: int, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("a = a", "utf-8")
    with pytest.raises(CannotAsk, match=f"found {times} times in code.py"):
        mutated(Mutation("x", "code.py", text, "c", "", ()), tmp_path)


@pytest.mark.parametrize(
    ("fast", "suite", "lane", "enough"),
    [(20, 0, "fast", True), (19, 0, "fast", False), (20, 4, "all", True), (20, 3, "all", False), (19, 6, "all", False)],
)
def test_a_fifth_may_pass_the_fast_lane_and_one_the_suite(fast: int, suite: int, lane: str, enough: bool) -> None:
    lanes = ["fast"] * fast + ["all"] * suite + [None] * (25 - fast - suite)
    found = [Verdict(str(number), "code.py", caught_by, None, 0.0) for number, caught_by in enumerate(lanes)]
    assert is_enough(found, lane, only=False) is enough


def test_of_faults_asked_for_by_name_none_may_pass() -> None:
    seen, unseen = (Verdict(name, "code.py", by, None, 0.0) for name, by in (("seen", "fast"), ("unseen", None)))
    assert is_enough([seen], "fast", only=True)
    assert not is_enough([seen, unseen], "fast", only=True)


def test_make_check_runs_the_fast_lane() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n\t    ", "")
    assert f'-m "{FAST_MARKS}" {" ".join(FAST_LANE)}' in makefile
