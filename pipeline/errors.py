"""What can stop a run, and the exit code that says so (docs/running.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

INTERNAL_ERROR = 1
HELD_BACK = 9


class PipelineError(Exception):
    """Stops the command with `exit_code`; the message is for people, one line for each problem."""

    exit_code = INTERNAL_ERROR


class UsageProblem(PipelineError):
    """A path does not exist, or a step is asked for that has nothing to work on."""

    exit_code = 2


class NothingLoaded(PipelineError):
    """No documents were found, or every file was refused (with --strict: any file)."""

    exit_code = 3


class GateFailed(PipelineError):
    """A gate failed, or there is no evidence that it passed. The published file is untouched."""

    exit_code = 4


class BuildFailed(PipelineError):
    """dbt failed. The published file is untouched. `results` are those of its nodes, where it has any."""

    exit_code = 5

    def __init__(self, message: str, results: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.results = tuple(results)


class RunUnderWay(PipelineError):
    """Another run holds the lock."""

    exit_code = 6


class StorageFailed(PipelineError):
    """The disk is full, or a file cannot be written. The published file is untouched."""

    exit_code = 7


class TooLittleMemory(PipelineError):
    """The memory that the machine, `ulimit` or YUSUAN_MEMORY leaves is too little. The published file is untouched."""

    exit_code = 10
