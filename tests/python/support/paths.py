"""Where the tests find things."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "samples"
FIXTURES = ROOT / "tests" / "python" / "fixtures"
SHARED = ROOT.parent / "shared"  # corpus, gold and cases, where they stand beside the repository
