"""Plants faults in a copy of the code, one at a time, and asks the tests which of them they notice.

    python -m scripts.mutation                      all planted faults, the fast lane of tests
    python -m scripts.mutation --lane all           what the fast lane misses is shown to the whole suite
    python -m scripts.mutation --only NAME…         these alone
    python -m scripts.mutation --list               the faults, and what a user would lose by each

The faults stand in scripts/mutations.yml. A fault is a piece of text of one file and what stands there instead; the
tests that are likely to notice it are asked first, then the rest of the lane. The work is done in a temporary folder:
nothing is written into this one. The shared material (../shared) is beside the copy only for the whole suite, so that
the fast lane must notice a fault by the samples.

Ends with 0 if enough of the faults were noticed, with 1 if not, with 2 if the question could not be asked: a text that
is not found exactly once, or a test that fails without any fault.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix("").with_name("mutations.yml")

# The fast lane: folders and marks of pytest, and the unit tests of dbt. `make check` runs the same.
FAST_LANE = ("tests/python/unit", "tests/python/forms", "tests/python/models", "tests/python/pipeline")
FAST_MARKS = "not (slow or nightly or browser or spark)"
FAST_DBT = "test_type:unit"
ALL_TESTS = "tests/python"
# The test of this list compares it with the code, and would notice every fault.
OWN_TEST = "tests/python/unit/test_mutation_list.py"
# dbt is asked by itself, and tells which of its tests failed.
DBT_TEST = "tests/python/models/test_unit_tests.py"

# How many faults may pass a lane unnoticed.
MAY_PASS = {"fast": 5, "all": 1}
LONGEST = 1800  # seconds; tests that take longer under a fault hang, which is noticed
# Only these are read by dbt: a fault elsewhere is not shown to its tests.
DBT_FOLDERS = ("macros/", "models/", "seeds/", "tests/data/", "tests/generic/")
PROCESSES = 2  # of pytest, where many tests are asked
_DBT = "dbt:"
_WORDS = {"fast": "noticed by the fast lane", "all": "noticed by the suite", None: "NOT NOTICED"}


class CannotAsk(Exception):
    """The tests cannot be asked about a fault."""


@dataclass(frozen=True)
class Mutation:
    """One planted fault: in `file`, `text` (found exactly once) becomes `replacement`.

    `near` are tests that are likely to notice it: paths or ids of pytest, and selections of dbt behind `dbt:`.
    """

    name: str
    file: str
    text: str
    replacement: str
    loss: str
    near: tuple[str, ...]

    @property
    def near_pytest(self) -> list[str]:
        """Paths and ids of pytest among the near tests."""
        return [test for test in self.near if not test.startswith(_DBT)]

    @property
    def near_dbt(self) -> list[str]:
        """Selections of dbt among the near tests."""
        return [test.removeprefix(_DBT) for test in self.near if test.startswith(_DBT)]


@dataclass(frozen=True)
class Verdict:
    """What became of one fault: `caught_by` is 'fast', 'all' or None, `test` the first test that failed."""

    name: str
    file: str
    caught_by: str | None
    test: str | None
    seconds: float


def read_mutations(file: Path = LIST, root: Path = ROOT) -> list[Mutation]:
    """The planted faults. Raises CannotAsk for a name that stands twice, and for a text that is not there once."""
    mutations = [
        Mutation(**{**declared, "near": tuple(declared["near"])})
        for declared in yaml.safe_load(file.read_text(encoding="utf-8"))["mutations"]
    ]
    seen: set[str] = set()
    for mutation in mutations:
        if mutation.name in seen:
            raise CannotAsk(f"{mutation.name}: the name stands twice in {file.name}")
        seen.add(mutation.name)
        mutated(mutation, root)
    return mutations


def mutated(mutation: Mutation, root: Path) -> str:
    """The file of a fault with the fault in it."""
    path = root / mutation.file
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    if (times := found.count(mutation.text)) != 1:
        raise CannotAsk(f"{mutation.name}: its text is found {times} times in {mutation.file}, not once")
    if mutation.text == mutation.replacement:
        raise CannotAsk(f"{mutation.name}: nothing is changed")
    return found.replace(mutation.text, mutation.replacement)


def copy_tree(root: Path, to: Path) -> None:
    """The files of the work tree that git knows or would take, and the environment as a link."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source = root / name
        if source.is_file() and name != ".venv":
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, to / name)
    (to / ".venv").symlink_to((root / ".venv").resolve())


@contextmanager
def planted(mutation: Mutation, tree: Path) -> Iterator[None]:
    """The fault in the copy for the block."""
    path = tree / mutation.file
    before = path.read_bytes()
    path.write_text(mutated(mutation, tree), encoding="utf-8")
    try:
        yield
    finally:
        path.write_bytes(before)


@dataclass
class Bench:
    """A copy of the code, and the tests that are asked about it."""

    tree: Path
    folder: Path
    warehouse: Path | None = None
    sound: set[str] = field(default_factory=set)  # stages that were seen to pass without any fault

    def pytest(self, tests: Sequence[str], *, fast: bool, processes: int = 0) -> str | None:
        """The first of these tests that fails, None if none does or none of them is of the lane."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider", *tests]
        command += ["--ignore", OWN_TEST, "--ignore", DBT_TEST]
        command += ["-m", FAST_MARKS] if fast else []
        command += ["-n", str(processes)] if processes else []
        done = self._run(command)
        if done is None:
            return f"(no answer after {LONGEST} s)"
        if done.returncode in (0, 5):  # 5: none of the tests is of the lane
            return None
        failed = [line.split(" ", 1)[1] for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        if done.returncode not in (1, 2) or not failed:
            raise CannotAsk(f"pytest ended with {done.returncode}:\n" + _end(done.stdout + done.stderr))
        return failed[0].split(" - ")[0]

    def dbt(self, selections: Sequence[str]) -> str | None:
        """The first unit test of dbt that fails among those of the selections."""
        if self.warehouse is None:
            self.warehouse = self._load_and_build()
        results = self.folder / "dbt" / "run_results.json"
        results.unlink(missing_ok=True)
        wanted = [part if FAST_DBT in part else f"{part},{FAST_DBT}" for part in selections]
        done = self._dbt("test", "--fail-fast", "-s", *wanted)
        if done is None:
            return f"(no answer after {LONGEST} s)"
        if not results.exists():
            raise CannotAsk(f"dbt ended with {done.returncode}:\n" + _end(done.stdout + done.stderr))
        answers = json.loads(results.read_text(encoding="utf-8"))["results"]
        if not any(str(answer["unique_id"]).startswith("unit_test.") for answer in answers):
            raise CannotAsk(f"dbt knows no unit test of {', '.join(selections)}")
        bad = [answer["unique_id"] for answer in answers if answer["status"] in ("fail", "error", "runtime error")]
        if done.returncode and not bad:
            raise CannotAsk(f"dbt ended with {done.returncode}:\n" + _end(done.stdout + done.stderr))
        return _dbt_name(str(bad[0])) if bad else None

    def with_shared(self) -> None:
        """Puts the shared material beside the copy, where it stands beside this folder."""
        shared, link = ROOT.parent / "shared", self.tree.parent / "shared"
        if shared.is_dir() and not link.exists():
            link.symlink_to(shared.resolve())

    def without_shared(self) -> None:
        """Takes it away again."""
        (self.tree.parent / "shared").unlink(missing_ok=True)

    def _load_and_build(self) -> Path:
        """The tables that the unit tests of dbt take their columns from, made of the samples by the sound code."""
        file = self.folder / "plain" / "yusuan.duckdb"
        loaded = self._run([sys.executable, "-m", "pipeline", "load", "samples", "--warehouse", str(file)])
        self.warehouse = file.parent / ".work" / file.name
        built = self._dbt("build", "--exclude-resource-type", "test", "unit_test")
        for done in (loaded, built):
            if done is None or done.returncode:
                raise CannotAsk("the samples cannot be built:\n" + (_end(done.stdout + done.stderr) if done else ""))
        return self.warehouse

    def _dbt(self, *arguments: str) -> subprocess.CompletedProcess[str] | None:
        command = [str(Path(sys.executable).with_name("dbt")), "--no-version-check", "--no-use-colors", *arguments]
        target = str(self.folder / "dbt")
        return self._run([*command, "--profiles-dir", "profiles", "--target-path", target, "--log-path", target])

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str] | None:
        """The ended command, None where it did not end."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("YUSUAN_")}
        environment |= {"PYTHONPATH": str(self.tree), "PYTHONUTF8": "1", "DO_NOT_TRACK": "1"}
        environment |= {"YUSUAN_TARGET": str(self.folder / "target")}
        environment |= {"YUSUAN_WAREHOUSE": str(self.warehouse)} if self.warehouse and "pytest" not in command else {}
        try:
            return subprocess.run(
                command, cwd=self.tree, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            return None


def _end(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-15:])


def _dbt_name(unique_id: str) -> str:
    """unit_test.yusuan.MODEL.TEST → dbt MODEL::TEST."""
    return "dbt " + "::".join(unique_id.split(".")[2:])


@dataclass(frozen=True)
class Stage:
    """Some tests of a lane, and how to ask them: gives the first that fails. `key` tells stages apart."""

    lane: str
    key: str
    ask: Callable[[], str | None]


def stages_of(bench: Bench, mutations: Sequence[Mutation], lane: str, near_only: bool) -> list[Stage]:
    """The tests to ask about faults, in this order: the near ones of the fast lane, the rest of it, the same of all."""
    tests = list(dict.fromkeys(test for mutation in mutations for test in mutation.near_pytest))
    selections = list(dict.fromkeys(part for mutation in mutations for part in mutation.near_dbt))
    of_lane = [test for test in tests if test.startswith(FAST_LANE)]
    others = [test for test in tests if test not in of_lane]
    with_dbt = any(mutation.file.startswith(DBT_FOLDERS) for mutation in mutations)
    stages = []
    if of_lane:
        stages.append(Stage("fast", "near", lambda: bench.pytest(of_lane, fast=True)))
    if selections:
        stages.append(Stage("fast", "near dbt", lambda: bench.dbt(selections)))
    if not near_only:
        stages.append(Stage("fast", "lane", lambda: bench.pytest(FAST_LANE, fast=True, processes=PROCESSES)))
        if with_dbt:
            stages.append(Stage("fast", "lane dbt", lambda: bench.dbt([FAST_DBT])))
    if lane == "all":
        if others:
            stages.append(Stage("all", "near others", lambda: bench.pytest(others, fast=False)))
        if not near_only:
            stages.append(Stage("all", "suite", lambda: bench.pytest([ALL_TESTS], fast=False, processes=PROCESSES)))
    return stages


def ask(bench: Bench, stage: Stage) -> str | None:
    """The answer of a stage, the shared material being there for the whole suite alone."""
    if stage.lane == "all":
        bench.with_shared()
    try:
        return stage.ask()
    finally:
        bench.without_shared()


def require_sound(bench: Bench, stage: Stage) -> None:
    """Raises CannotAsk if a test of the stage fails where nothing is planted; asked once a run."""
    if stage.key not in bench.sound:
        if failed := ask(bench, stage):
            raise CannotAsk(f"{failed} fails without any fault")
        bench.sound.add(stage.key)


def verdict_of(bench: Bench, mutation: Mutation, lane: str, near_only: bool) -> Verdict:
    """Who notices a fault first."""
    started = time.monotonic()
    for stage in stages_of(bench, [mutation], lane, near_only):
        require_sound(bench, stage)
        with planted(mutation, bench.tree):
            test = ask(bench, stage)
        if test:
            return Verdict(mutation.name, mutation.file, stage.lane, test, round(time.monotonic() - started, 1))
    return Verdict(mutation.name, mutation.file, None, None, round(time.monotonic() - started, 1))


def verdicts(bench: Bench, mutations: Sequence[Mutation], lane: str, near_only: bool) -> Iterator[Verdict]:
    """The verdicts one by one, after the near tests of all these faults have passed where nothing is planted."""
    for stage in stages_of(bench, mutations, lane, near_only=True):
        require_sound(bench, stage)
    for mutation in mutations:
        yield verdict_of(bench, mutation, lane, near_only)


def is_enough(found: Sequence[Verdict], lane: str, only: bool) -> bool:
    """True if no more faults passed unnoticed than a lane may miss; of faults asked for by name none may."""
    missed = {
        "fast": sum(verdict.caught_by != "fast" for verdict in found),
        "all": sum(verdict.caught_by is None for verdict in found),
    }
    if only:
        return missed[lane] == 0
    return all(missed[name] <= MAY_PASS[name] for name in ("fast", "all") if name in ("fast", lane))


def line_of(verdict: Verdict, number: int, count: int) -> str:
    """A verdict on one line, with its place among the faults that are asked about."""
    return f"[{number}/{count}] {verdict.name}: {_WORDS[verdict.caught_by]}, {verdict.seconds:.0f} s" + (
        f", {verdict.test}" if verdict.test else ""
    )


def table_of(found: Sequence[Verdict], lane: str) -> str:
    """All verdicts, and how many each lane noticed."""
    wide = max(len(verdict.name) for verdict in found)
    lines = [f"{v.name:<{wide}}  {_WORDS[v.caught_by]:<24}  {v.test or ''}" for v in found]
    fast = sum(verdict.caught_by == "fast" for verdict in found)
    lines += ["", f"noticed by the fast lane: {fast} of {len(found)}"]
    if lane == "all":
        lines.append(f"noticed by the whole suite: {sum(v.caught_by is not None for v in found)} of {len(found)}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.mutation",
        description="Plants faults in a copy of the code, one at a time, and asks the tests which of them they notice.",
        epilog="Ends with 0 if enough of the faults were noticed, 1 if not, 2 if the tests could not be asked.",
    )
    parser.add_argument("--lane", choices=["fast", "all"], default="fast", help="which tests are asked (default: fast)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these faults alone; each of them must be noticed")
    parser.add_argument("--near-only", action="store_true", help="ask only the tests named beside a fault: minutes")
    parser.add_argument("--list", action="store_true", help="list the faults and ask nobody")
    parser.add_argument("--json", action="store_true", help="the verdicts as JSON on stdout, progress on stderr")
    options = parser.parse_args(arguments)
    try:
        mutations = read_mutations()
        if unknown := set(options.only or ()) - {mutation.name for mutation in mutations}:
            raise CannotAsk(f"no such fault: {', '.join(sorted(unknown))}")
        chosen = [mutation for mutation in mutations if not options.only or mutation.name in options.only]
        if options.list:
            print(_as_json(chosen) if options.json else "\n".join(f"{m.name} ({m.file})\n    {m.loss}" for m in chosen))
            return 0
        found = []
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            bench = Bench(Path(folder) / "code" / "tree", Path(folder))
            bench.tree.mkdir(parents=True)
            copy_tree(ROOT, bench.tree)
            progress = sys.stderr if options.json else sys.stdout
            for verdict in verdicts(bench, chosen, options.lane, options.near_only):
                found.append(verdict)
                print(line_of(verdict, len(found), len(chosen)), file=progress, flush=True)
    except CannotAsk as problem:
        print(problem, file=sys.stderr)
        return 2
    print(_as_json(found) if options.json else "\n" + table_of(found, options.lane))
    return 0 if is_enough(found, options.lane, bool(options.only)) else 1


def _as_json(rows: Sequence[Mutation] | Sequence[Verdict]) -> str:
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1)


if __name__ == "__main__":
    sys.exit(main())
