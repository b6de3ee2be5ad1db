"""Contradictions and rounding of the real PDFs, each opened on its page: these and nothing false."""

from __future__ import annotations

from pathlib import Path

import duckdb

FINAL = "shanghai-putuo-finance-2024-final.pdf"


def rows(warehouse: Path, condition: str) -> list[tuple[str, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(
            "select document.file_name, finding_code, locator_a, coalesce(locator_b, ''), value_a, value_b"
            " from quality.qc_finding as finding join marts.dim_document as document using (document_id)"
            f" where {condition} order by all"
        ).fetchall()


def test_the_real_documents_contradict_themselves_in_these_places(wild_warehouse: Path) -> None:
    """Totals and a 项 in prose, a note copied to the form of another fund, funds above the budget of a project, and a
    fund that is 0 after it rose by 1421.25 (the sentence before was copied), which also breaks the sum of the rises."""
    found = rows(wild_warehouse, "outcome = 'contradiction'")
    note = found.pop(1)
    assert note[:3] == ("shanghai-putuo-finance-2025-budget.pdf", "empty_form_other_fund", "page 18 table 1 R1C1")
    wanli = "shanghai-putuo-wanli-2023-budget.pdf"
    prose = "page 6 line 4 to line 6"
    assert found == [
        (FINAL, "narrative_against_table", "page 21 line 14 to line 15", "page 13 table 1 R19C2", "0.3", "2,961.68"),
        (
            "shanghai-putuo-finance-2025-budget.pdf",
            "narrative_against_table",
            "page 7 line 21 to line 22",
            "page 15 table 1 R14C5",
            "887.36",
            "873,617.00元",
        ),
        (wanli, "narrative_change_above_amount", prose, prose, "0万元", "增加1421.25万元"),
        (wanli, "narrative_change_sum", prose, prose, "增加1421.25", "2842.50"),
        (
            wanli,
            "project_fund_sum",
            "page 35 table 1 R6C8",
            "page 35 table 1 R7C8",
            "10,903,043.00",
            "11419043.00",
        ),
    ]


def test_the_final_account_rounds_where_its_pages_do(wild_warehouse: Path) -> None:
    """社会保障 is 326.71 in tables 1 and 4 and 326.72 in tables 2, 3 and 5, purchases 4.79 + 246.47 are 251.25; beyond
    what is usually checked, 301, 302 and the 11 项 at the start of the year miss their totals too."""
    found = rows(wild_warehouse, f"outcome = 'rounding' and document.file_name = '{FINAL}'")
    assert [(code, place, a, b) for _, code, place, _, a, b in found] == [
        ("class_sum", "page 16 table 1 R4C4", "2,082.85", "2082.86"),
        ("class_sum", "page 16 table 1 R4C8", "171.07", "171.09"),
        ("cross_form_total", "page 6 table 1 R10C4", "326.71", "326.72"),
        ("narrative_class_sum", "page 21 line 29 to line 31", "2993.92", "2993.93"),
        ("narrative_sum", "page 24 line 4 to line 5", "251.25", "251.26"),
    ]


def test_one_cause_is_one_finding(wild_warehouse: Path) -> None:
    """The other pair of forms, and the six totals that miss by the same 0.01, follow from 326.71 against 326.72."""
    with duckdb.connect(str(wild_warehouse), read_only=True) as connection:
        followers = connection.execute(
            "select follower.finding_code, follower.locator_a from quality.qc_finding_all as follower"
            " join quality.qc_finding as cause on follower.caused_by = cause.finding_key"
            " where cause.value_a = '326.71' order by all"
        ).fetchall()
    assert followers == [
        ("class_total_sum", "page 10 table 1 R4C5"),
        ("class_total_sum", "page 10 table 1 R4C6"),
        ("class_total_sum", "page 15 table 1 R24C5"),
        ("class_total_sum", "page 15 table 1 R24C6"),
        ("class_total_sum", "page 8 table 1 R4C5"),
        ("class_total_sum", "page 8 table 1 R4C6"),
        ("cross_form_total", "page 12 table 1 R10C5"),
    ]


def test_prose_that_cuts_an_amount_off_rounds_and_one_that_rounds_agrees(wild_warehouse: Path) -> None:
    """3,121.42万元 is 31,214,205.80元; 87.70万元 is 877,080.00元 cut off."""
    found = rows(wild_warehouse, "outcome = 'rounding' and finding_code = 'narrative_against_table'")
    assert sorted((a, b) for *_, a, b in found) == [
        ("204.91", "2,049,197.00元"),
        ("268.77", "2,687,760.00元"),
        ("78.21", "782,164.00元"),
        ("87.70", "877,080.00元"),
    ]
