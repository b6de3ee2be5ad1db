"""Contradictions of the real PDFs, each opened on its page: these three, and nothing false."""

from __future__ import annotations

from pathlib import Path

import duckdb


def test_the_real_documents_contradict_themselves_in_three_places(wild_warehouse: Path) -> None:
    """A total in prose; a note copied to the form of another fund; a project whose funds exceed its budget."""
    with duckdb.connect(str(wild_warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select finding_code, locator_a, locator_b, value_a, value_b from quality.qc_finding"
            " where outcome = 'contradiction' order by finding_code"
        ).fetchall()
    note, prose, funds = rows
    assert note[:2] == ("empty_form_other_fund", "page 18 table 1 R1C1")
    assert prose == (
        "narrative_against_table",
        "page 21 line 14 to line 15",
        "page 13 table 1 R19C2",
        "0.3",
        "2,961.68",
    )
    assert funds == (
        "project_fund_sum",
        "page 35 table 1 R6C8",
        "page 35 table 1 R7C8",
        "10,903,043.00",
        "11419043.00",
    )


def test_the_final_account_rounds_and_no_more(wild_warehouse: Path) -> None:
    """社会保障 326.71 and 326.72, and totals that are 0.01 beside their sums, are rounding."""
    with duckdb.connect(str(wild_warehouse), read_only=True) as connection:
        outcomes = connection.execute(
            "select finding.outcome, count(*), max(abs(finding.difference)) filter (where outcome = 'rounding')"
            " from quality.qc_finding as finding join marts.dim_document as document using (document_id)"
            " where document.phase = 'final' group by all order by 1"
        ).fetchall()
    assert [row[0] for row in outcomes if row[0] != "not_checkable"] == ["contradiction", "rounding"]
    assert outcomes[-1][2] <= 0.02
