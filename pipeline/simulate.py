"""The settings of `yusuan simulate`, and its run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import StorageFailed, UsageProblem
from simulation.corpus import ALL_FORMATS, FIRST, LAST, NotOurs, Settings, Written, default_workers, write_corpus
from simulation.plant import KINDS

if TYPE_CHECKING:
    from pipeline.display import Steps


def settings_of(
    units: int, years: str, formats: str | None, seed: int, amend: float, kinds: str | None, errors: float | None
) -> Settings:
    """Checks what was asked for. Raises UsageProblem."""
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", years)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not FIRST <= first <= last <= LAST:
        raise UsageProblem(f"--years {years}: give a year or A-B, from {FIRST} to {LAST}")
    chosen = _listed("--plant", kinds, tuple(KINDS)) if kinds else ()
    share = errors if errors is not None else 1.0 if chosen else 0.0
    names = _listed("--formats", formats, ALL_FORMATS) if formats else ALL_FORMATS
    return Settings(units, first, last, names, seed, amend, chosen, share)


def _listed(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names by commas, each once and in the order of `known`."""
    names = {name.strip() for name in text.split(",") if name.strip()}
    if unknown := sorted(names - set(known)):
        raise UsageProblem(f"{option}: {', '.join(unknown)} is none of {', '.join(known)}")
    return tuple(name for name in known if name in names)


def simulate_into(out: Path, settings: Settings, workers: int | None, steps: Steps) -> Written:
    """Writes the corpus, with progress. Raises UsageProblem for a folder that is not its own."""
    with steps("simulate") as tell:
        try:
            return write_corpus(out, settings, workers or default_workers(), tell)
        except NotOurs as problem:
            raise UsageProblem(str(problem)) from None
        except OSError as problem:
            raise StorageFailed(f"{out}: {problem.strerror or problem}") from None
