"""Ctrl-C, SIGTERM and SIGHUP: the run ends as a failure does, and says so."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_asked: list[int] = []  # the signals that came
_held: list[int] = []  # one entry for each block that is not to be interrupted


class Stopped(KeyboardInterrupt):
    """Somebody asked the command to stop. A KeyboardInterrupt, so that libraries clean up as they do for that."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.name = signal.Signals(number).name
        self.exit_code = 128 + number

    def __str__(self) -> str:
        return f"interrupted ({self.name})"


def listen() -> None:
    """Turn the signals into Stopped; one that is ignored, as under nohup, stays so."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _ask)


def _ask(number: int, _: FrameType | None) -> None:
    _asked.append(number)
    if not _held:
        raise Stopped(number)


def asked(error: BaseException | None = None) -> Stopped | None:
    """What was asked for, if anything was: libraries turn it into errors of their own, or swallow it."""
    if _asked:
        return Stopped(_asked[0])
    if isinstance(error, KeyboardInterrupt):
        return error if isinstance(error, Stopped) else Stopped(signal.SIGINT)
    return None


def check() -> None:
    """Raises Stopped if it was asked for and somebody swallowed it."""
    if _asked and not _held:
        raise Stopped(_asked[0])


@contextmanager
def held() -> Iterator[None]:
    """A block that is not interrupted: what was asked for meanwhile is raised at the next `check`."""
    _held.append(os.getpid())
    try:
        yield
    finally:
        _held.pop()
