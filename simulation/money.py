"""Amounts as they are printed. Facts are in fen; a page shows 元 or 万元 with two decimals, rounded half up."""

from __future__ import annotations

from decimal import Decimal

STEP = 10_000  # fen in 0.01 万元: amounts of such steps lose nothing where they are printed
_FEN = {"元": 1, "万元": STEP}  # fen in 0.01 of the unit


def rounded(fen: int, unit: str) -> int:
    """`fen` as a page in `unit` can show them, in fen."""
    step = _FEN[unit]
    return (fen + step // 2) // step * step


def printed(fen: int, unit: str, thousands: bool = False) -> str:
    """An amount with two decimals: 3.25, 1,234.50."""
    hundredths = rounded(fen, unit) // _FEN[unit]
    sign, whole, rest = "-" if hundredths < 0 else "", abs(hundredths) // 100, abs(hundredths) % 100
    return f"{sign}{whole:,}.{rest:02d}" if thousands else f"{sign}{whole}.{rest:02d}"


def yuan(fen: int, unit: str) -> Decimal:
    """What a reader of the printed amount takes it for."""
    return Decimal(rounded(fen, unit)) / 100
