"""The `yusuan` command."""

from __future__ import annotations

import functools
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from loaders.inbox import shown
from pipeline import stop
from pipeline.errors import HELD_BACK, INTERNAL_ERROR, NothingLoaded, PipelineError, UsageProblem
from pipeline.layout import DEFAULT_WAREHOUSE, Warehouse, target_dir, warehouse_at
from pipeline.lock import only_run

if TYPE_CHECKING:
    from pipeline.status import Status

# Imports that take time stand in the commands that need them, so that `yusuan --help` answers at once.

_EPILOG = """\
\b
Exit codes:
  0  done
  1  internal error (YUSUAN_DEBUG=1 shows where)
  2  wrong usage, or a path that does not exist
  3  nothing loaded: no documents found or every file refused; with --strict any
  4  a gate failed, or its evidence is missing; the published file is untouched
  5  dbt failed; the published file is untouched
  6  another run is under way
  7  the disk is full or a file cannot be written; the published file is untouched
  8  tables of DuckDB and Spark differ (yusuan spark compare)
  9  published, but documents are held back (yusuan status names them)
 10  there is too little memory; the published file is untouched
130, 143, 129  interrupted (Ctrl-C, SIGTERM, SIGHUP); the published file is untouched
"""
_DIFFERENT = 8

_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
_warehouse = click.option(
    "--warehouse",
    "file",
    type=click.Path(path_type=Path),
    default=DEFAULT_WAREHOUSE,
    show_default=True,
    help="The published DuckDB file; its folder is created if missing.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout and nothing else there.")
_keep = click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    envvar="YUSUAN_KEEP",
    help="How many publications are kept in releases/, the published one among them (YUSUAN_KEEP).",
)
_wait = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="Wait so long for a run that is under way, instead of ending with exit code 6 at once.",
)
_retry = click.option("--retry", is_flag=True, help="Read files again that this version has refused before.")
_strict = click.option("--strict", is_flag=True, help="End with exit code 3 if any file was refused.")


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """Turn errors into one line on stderr each and an exit code; with --json also into the object on stdout."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt as error:
            _tell_stop(error, bool(kwargs.get("as_json")))
        except Exception as error:
            if stop.asked(error):  # a library made an error of it
                _tell_stop(error, bool(kwargs.get("as_json")))
            if os.environ.get("YUSUAN_DEBUG") == "1":
                raise
            known = isinstance(error, PipelineError)
            code = error.exit_code if isinstance(error, PipelineError) else INTERNAL_ERROR
            message = str(error) if known else f"internal error: {type(error).__name__}: {' '.join(str(error).split())}"
            message = "\n".join(map(shown, message.splitlines()))
            for line in message.splitlines():
                click.echo(f"yusuan: {line}", err=True)
            if function.__name__ == "run":
                _tell_failure(kwargs["file"], code, message)
            if kwargs.get("as_json"):
                _print_json({"outcome": "failed", "exit_code": code, "error": message})
            sys.exit(code)

    return wrapper


def _tell_stop(error: BaseException, as_json: bool) -> NoReturn:
    """The last line of a command that somebody stopped."""
    stopped = stop.asked(error)
    assert stopped
    with stop.held():
        if as_json:
            _print_json({"outcome": "interrupted", "exit_code": stopped.exit_code, "error": str(stopped)})
        click.echo(f"yusuan: {stopped}: the published file is untouched", err=True)
        sys.exit(stopped.exit_code)


def _set_memory(context: click.Context, option: click.Parameter, memory: str | None) -> None:
    """Leave the bound where everything that opens a file looks for it: our connections and dbt's profile."""
    if memory:
        if not re.fullmatch(r"\s*(\d+(\.\d+)?\s*[KMGT]i?B|([1-9]\d?|100)\s*%)\s*", memory, re.IGNORECASE):
            raise click.BadParameter(f"{memory!r} is no amount of memory, such as 2GB or 50%", context, option)
        os.environ["YUSUAN_MEMORY"] = memory


@click.group(epilog=_EPILOG)
@click.version_option(package_name="yusuan")
@click.option(
    "--memory",
    metavar="SIZE",
    envvar="YUSUAN_MEMORY",
    callback=_set_memory,
    expose_value=False,
    help="How much memory DuckDB takes before it writes to disk, such as 2GB or 50% (YUSUAN_MEMORY).  [default: 80%]",
)
def cli() -> None:
    """Published Chinese public budgets as an analytical warehouse: documents in, a DuckDB file out."""


@cli.command(epilog=_EPILOG)
@_paths
@_warehouse
@_json
@_strict
@_retry
@_keep
@_wait
@_command
def run(paths: tuple[Path, ...], file: Path, as_json: bool, strict: bool, retry: bool, keep: int, wait: float) -> None:
    """Load files and folders, check, build, check again and publish."""
    from pipeline import display
    from pipeline.run import refusal_of
    from pipeline.run import run as run_all

    warehouse = warehouse_at(file)
    steps = display.Steps(quiet=as_json)
    with only_run(warehouse.work_dir, target_dir(), wait=wait):
        report = run_all(paths, warehouse, steps, keep, retry)
    refusal = refusal_of(report.load, strict)
    code = refusal.exit_code if refusal else HELD_BACK if report.status.held else 0
    if as_json:
        _print_json(
            {
                "outcome": report.outcome,
                "exit_code": code,
                "load": asdict(report.load),
                "seconds": steps.seconds,
                "warehouse": asdict(report.status),
            }
        )
    else:
        console = _console()
        if report.outcome == "unchanged":
            console.print("nothing changed: the same documents and the same code; the published file stays as it is")
        else:
            display.show_load(report.load, console)
        display.show_status(report.status, console)
        display.show_seconds(steps.seconds, console)
    if code:
        message = str(refusal) if refusal else _held_back(report.status)
        click.echo(f"yusuan: {message}", err=True)
        _tell_failure(file, code, message)
        sys.exit(code)


@cli.command()
@_paths
@_warehouse
@_strict
@_retry
@_command
def load(paths: tuple[Path, ...], file: Path, strict: bool, retry: bool) -> None:
    """Read documents into the working file (a copy of the published one unless one is under way)."""
    from pipeline import display
    from pipeline.run import load_step, refusal_of

    warehouse = warehouse_at(file)
    with only_run(warehouse.work_dir, target_dir()):
        report = load_step(paths, warehouse, display.Steps(), retry)
    console = _console()
    display.show_load(report, console)
    display.show_refused([(rejection.file_name, rejection.reason) for rejection in report.rejected], console)
    refusal = refusal_of(report, strict)
    if refusal:
        raise refusal


@cli.command()
@_warehouse
@_command
def build(file: Path) -> None:
    """Build the models in the working file (dbt: models, seeds and data tests)."""
    from pipeline.display import Steps
    from pipeline.run import build_step

    warehouse = warehouse_at(file)
    with only_run(warehouse.work_dir, target_dir()):
        report = build_step(warehouse, Steps())
    _console().print(f"dbt: {report.nodes} nodes, {report.warnings} warnings", highlight=False)


@cli.command()
@click.argument("gate", type=click.Choice(["raw", "marts", "all"]), default="all")
@_warehouse
@_command
def check(gate: str, file: Path) -> None:
    """Run the gates on the working file; their results stand in target/gates/."""
    from pipeline.display import Steps
    from pipeline.publish import GATES
    from pipeline.run import check_step

    warehouse = warehouse_at(file)
    with only_run(warehouse.work_dir, target_dir()):
        for name in GATES if gate == "all" else [gate]:
            result = check_step(name, warehouse, Steps())
            _console().print(result.message, highlight=False)


@cli.command()
@_warehouse
@_keep
@_command
def publish(file: Path, keep: int) -> None:
    """Make the working file the published one, if the gates left evidence that they passed for it."""
    from pipeline.display import Steps
    from pipeline.run import publish_step
    from pipeline.status import read_status

    warehouse = warehouse_at(file)
    with only_run(warehouse.work_dir, target_dir()):
        publication = publish_step(warehouse, Steps(), keep)
    _console().print(f"published {warehouse.published} (run {publication.run_id})", highlight=False, soft_wrap=True)
    _end_where_held_back(read_status(warehouse.published))


@cli.command(epilog=_EPILOG)
@click.argument("run_id", required=False)
@_warehouse
@_json
@_wait
@_command
def rollback(run_id: str | None, file: Path, as_json: bool, wait: float) -> None:
    """Publish a kept publication again: that of RUN_ID (or a beginning of it), else the one before the present one.

    The next `yusuan run` reads its folder again and publishes what it finds there: first remove the document that is
    at fault, or stop the schedule. A publication that holds a document removed since is not brought back.
    """
    from pipeline.display import Steps
    from pipeline.run import rollback_step

    warehouse = warehouse_at(file)
    _require_published(warehouse)
    with only_run(warehouse.work_dir, target_dir(), wait=wait):
        release = rollback_step(run_id, warehouse, Steps(quiet=as_json))
    if as_json:
        _print_json({"outcome": "published", "exit_code": 0, "publication": asdict(release.publication)})
    else:
        message = f"published {warehouse.published} as run {release.publication.run_id} made it"
        _console().print(message, highlight=False, soft_wrap=True)


@cli.command(epilog=_EPILOG)
@click.argument("documents", nargs=-1, required=True)
@_warehouse
@_json
@_wait
@_command
def release(documents: tuple[str, ...], file: Path, as_json: bool, wait: float) -> None:
    """Let DOCUMENTS pass that are held back (an id, the beginning of one, or a file name).

    The next `yusuan run` that finds their files reads them, and no guard stops them any more. Look at what stopped them
    first: `yusuan status`, and `yusuan inspect FILE`.
    """
    from pipeline.display import Steps
    from pipeline.run import release_step

    warehouse = warehouse_at(file)
    with only_run(warehouse.work_dir, target_dir(), wait=wait):
        released = release_step(documents, warehouse, Steps(quiet=as_json))
    if as_json:
        _print_json({"outcome": "recorded", "exit_code": 0, "released": released})
    else:
        listed = ", ".join(document_id[:12] for document_id in released)
        _console().print(f"released: {listed}; the next run reads them", highlight=False, soft_wrap=True)


@cli.command(epilog=_EPILOG)
@click.argument("documents", nargs=-1, required=True)
@_warehouse
@click.option("--forget", is_flag=True, help="Leave no mark: the next run that finds the file loads it again.")
@click.option("--purge-releases", is_flag=True, help="Remove the kept publications too: they still hold the document.")
@_json
@_keep
@_wait
@_command
def remove(
    documents: tuple[str, ...],
    file: Path,
    forget: bool,
    purge_releases: bool,
    as_json: bool,
    keep: int,
    wait: float,
) -> None:
    """Take DOCUMENTS (ids, beginnings of ids, file names or paths) out of the warehouse, with all that came of them.

    The rest is rebuilt, checked and published. A removed document stays out when its file is found again; --forget
    lifts that mark.
    """
    from pipeline.display import Steps
    from pipeline.remove import remove as remove_all
    from pipeline.status import read_status

    warehouse = warehouse_at(file)
    steps = Steps(quiet=as_json)
    _require_published(warehouse)
    with only_run(warehouse.work_dir, target_dir(), wait=wait):
        report = remove_all(documents, warehouse, steps, forget, purge_releases, keep)
    after = read_status(warehouse.published)
    if as_json:
        code = HELD_BACK if after.held else 0
        _print_json({"outcome": "published", "exit_code": code, **asdict(report), "seconds": steps.seconds})
    else:
        for words, ids in (
            ("removed", report.removed),
            ("welcome again", report.restored),
            ("current again, because what superseded it is gone", report.current_again),
            ("publication no longer kept", report.purged),
        ):
            for name in ids:
                _console().print(f"{words}: {name}", highlight=False, soft_wrap=True)
    _end_where_held_back(after)


@cli.command()
@_warehouse
@_json
@_command
def status(file: Path, as_json: bool) -> None:
    """Show what the published file holds."""
    from pipeline.status import read_status

    result = read_status(warehouse_at(file).published)
    if as_json:
        _print_json(asdict(result))
        return
    from pipeline.display import show_status

    show_status(result, _console())


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_json
@_command
def inspect(files: tuple[Path, ...], as_json: bool) -> None:
    """Show how files are read: forms, what was not recognised and why, and a declaration to start from.

    No warehouse is touched. Exit code 3 if a file is refused.
    """
    from pipeline.inspect import inspect_files, show

    inspections = inspect_files(files)
    refused = [inspection for inspection in inspections if inspection.explanation is None]
    code = NothingLoaded.exit_code if refused else 0
    if as_json:
        _print_json({"exit_code": code, "files": [asdict(inspection) for inspection in inspections]})
    else:
        console = _console()
        for inspection in inspections:
            show(inspection, console)
    for inspection in refused:
        click.echo(f"yusuan: {inspection.file_name}: {inspection.reason}", err=True)
    if code:
        sys.exit(code)


@cli.group()
def schedule() -> None:
    """Run on a schedule, with systemd or cron: show the texts, install them, remove them."""


_inbox = click.argument("inbox", type=click.Path(path_type=Path))
_every = click.option("--every", metavar="SPAN", help="Run again after so long: 15min, 2h.")
_at = click.option("--at", metavar="HH:MM", help="Run every day at this time (default 02:00).")
_system = click.option("--system", is_flag=True, help="Units for the whole machine instead of this user's.")
_cron = click.option("--cron", is_flag=True, help="The crontab of this user instead of systemd.")
_directory = click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Another folder for the units; systemd is then left alone.",
)
_apply = click.option("--apply", is_flag=True, help="Do it; without this it is only shown.")


@schedule.command("show")
@_inbox
@_warehouse
@_every
@_at
@_system
@_command
def schedule_show(inbox: Path, file: Path, every: str | None, at: str | None, system: bool) -> None:
    """Print the systemd units and the line for cron that run INBOX."""
    from pipeline import schedule as module

    plan = module.plan(inbox, warehouse_at(file), every, at)
    folder = module.unit_dir(system)
    for name, text in module.units(plan, system).items():
        click.echo(f"# {folder / name}\n{text}")
    try:
        click.echo(f"# or for cron\n{module.cron_line(plan)}", nl=False)
    except PipelineError as error:
        click.echo(f"# {error}")


@schedule.command("install")
@_inbox
@_warehouse
@_every
@_at
@_system
@_cron
@_directory
@_apply
@_command
def schedule_install(
    inbox: Path,
    file: Path,
    every: str | None,
    at: str | None,
    system: bool,
    cron: bool,
    directory: Path | None,
    apply: bool,
) -> None:
    """Install a timer (or with --cron a line) that runs INBOX; shows what it would write unless --apply."""
    from pipeline import schedule as module

    plan = module.plan(inbox, warehouse_at(file), every, at)
    if cron:
        line = module.cron_line(plan)
        click.echo(line, nl=False)
        if apply:
            module.install_cron(line, plan.name)
    else:
        folder = directory or module.unit_dir(system)
        texts = module.units(plan, system)
        for name, text in texts.items():
            click.echo(f"# {folder / name}\n{text}")
        if apply:
            module.install(texts, folder, plan.name, None if directory else module.control_of(system))
    click.echo("installed" if apply else "nothing is written: --apply installs it")


@schedule.command("remove")
@_warehouse
@_system
@_cron
@_directory
@_apply
@_command
def schedule_remove(file: Path, system: bool, cron: bool, directory: Path | None, apply: bool) -> None:
    """Remove the timer (or with --cron the line) of a warehouse; says what it would remove unless --apply."""
    from pipeline import schedule as module

    plan = module.plan(Path(), warehouse_at(file), None, None)
    if cron:
        click.echo(f"crontab: the line of {plan.name}")
        if apply:
            module.install_cron(None, plan.name)
    else:
        folder = directory or module.unit_dir(system)
        files = list(module.units(plan, system))
        for name in files:
            click.echo(folder / name)
        if apply:
            module.remove(files, folder, plan.name, None if directory else module.control_of(system))
    click.echo("removed" if apply else "nothing is removed: --apply removes it")


def _require_published(warehouse: Warehouse) -> None:
    """Raises UsageProblem before anything is written where nothing is."""
    if not warehouse.published.exists() and not warehouse.releases_dir.exists():
        raise UsageProblem(f"{warehouse.published}: nothing is published there yet")


def _held_back(status: Status) -> str:
    return f"{len(status.held)} documents are held back: see `yusuan status`, `yusuan release`"


def _end_where_held_back(status: Status) -> None:
    if status.held:
        click.echo(f"yusuan: {_held_back(status)}", err=True)
        sys.exit(HELD_BACK)


def _tell_failure(file: Path, code: int, message: str) -> None:
    """Send word of a failed run where the environment says so; problems with that are a warning, no more."""
    from pipeline import notify
    from pipeline.display import warn

    told = notify.Failure(file.name, "run", code, message, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}")
    for problem in notify.failure(told):
        warn(problem)


@cli.command()
@_warehouse
@click.option("--unit", "unit", required=True, help="Name of the unit, or a part of it that no other unit has.")
@click.option("--year", type=int, required=True, help="Fiscal year, shown beside the year before.")
@click.option("--out", type=click.Path(path_type=Path), help="The HTML file.  [default: yusuan-UNIT-YEAR.html]")
@click.option("--xlsx", type=click.Path(path_type=Path), help="Write the comparison as an Excel file, too.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--money", type=click.Choice(["yuan", "wan", "yi"]), default="wan", show_default=True)
@_command
def report(file: Path, unit: str, year: int, out: Path | None, xlsx: Path | None, language: str, money: str) -> None:
    """Write a unit's year beside the year before as one HTML file, to send or print."""
    from pipeline.report import write_report

    for path in write_report(warehouse_at(file).published, unit, year, out, xlsx, language, money):
        click.echo(path)


_raw = click.option(
    "--raw",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("warehouse/spark/raw"),
    show_default=True,
    help="Folder of the raw tables as Parquet; every machine of the cluster must see it at this path.",
)
_tables = click.option(
    "--tables",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("warehouse/spark/built"),
    show_default=True,
    help="Folder of what dbt builds on Spark.",
)
_master = click.option(
    "--master",
    default="local[2]",
    show_default=True,
    envvar="YUSUAN_SPARK_MASTER",
    help="The cluster: local[N] is this machine, spark://HOST:7077 a standalone one (YUSUAN_SPARK_MASTER).",
)


@cli.group()
def spark() -> None:
    """The same models on Spark, for what one machine does not hold (docs/scaling.md)."""


@spark.command("export", epilog=_EPILOG)
@_warehouse
@_raw
@_command
def spark_export(file: Path, folder: Path) -> None:
    """Write the raw tables of the published file as Parquet, in place of what the folder had."""
    from pipeline.display import Steps
    from pipeline.spark import export

    with only_run(folder):
        count = export(warehouse_at(file), folder, Steps())
    _console().print(f"{count} tables in {folder}", highlight=False, soft_wrap=True)


@spark.command("load", epilog=_EPILOG)
@_paths
@_raw
@_master
@_json
@_strict
@_retry
@_command
def spark_load(paths: tuple[Path, ...], folder: Path, master: str, as_json: bool, strict: bool, retry: bool) -> None:
    """Read files and folders on the cluster into raw tables as Parquet; what is there already is not read again."""
    from pipeline import display
    from pipeline.run import refusal_of
    from pipeline.spark import load

    steps = display.Steps(quiet=as_json)
    with only_run(folder, target_dir()):
        report = load(paths, folder, master, steps, retry)
    refusal = refusal_of(report, strict)
    if as_json:
        exit_code = refusal.exit_code if refusal else 0
        _print_json({"exit_code": exit_code, "load": asdict(report), "seconds": steps.seconds})
    else:
        display.show_load(report, _console())
        display.show_refused([(refused.file_name, refused.reason) for refused in report.rejected], _console())
    if refusal:
        click.echo(f"yusuan: {refusal}", err=True)
        sys.exit(refusal.exit_code)


@spark.command("build", epilog=_EPILOG)
@_raw
@_tables
@_master
@click.option(
    "--catalogue",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where Spark's catalogue stands; on a local disk if the tables are on an object store.  [default: TABLES]",
)
@click.option("--no-data-tests", is_flag=True, help="Make the tables only; compare them or check them afterwards.")
@_command
def spark_build(folder: Path, tables: Path, master: str, catalogue: Path | None, no_data_tests: bool) -> None:
    """Build the models from raw Parquet (dbt: models, seeds and data tests)."""
    from pipeline.display import Steps
    from pipeline.spark import build

    with only_run(folder, tables, target_dir()):
        report = build(folder, tables, master, Steps(), catalogue, data_tests=not no_data_tests)
    _console().print(f"dbt: {report.nodes} nodes, {report.warnings} warnings", highlight=False)


@spark.command("compare", epilog=_EPILOG)
@_warehouse
@_tables
@_json
@_command
def spark_compare(file: Path, tables: Path, as_json: bool) -> None:
    """Compare every table of the published file with the one that Spark built, row by row, both ways."""
    from pipeline.display import Steps, show_comparisons
    from pipeline.spark import compare

    found = compare(warehouse_at(file), tables, Steps(quiet=as_json))
    different = [one for one in found if not one.equal]
    exit_code = _DIFFERENT if different else 0
    if as_json:
        _print_json({"exit_code": exit_code, "tables": [asdict(one) for one in found]})
    else:
        show_comparisons(found, _console())
    sys.exit(exit_code)


@spark.command("collect", epilog=_EPILOG)
@_raw
@_tables
@_warehouse
@_command
def spark_collect(folder: Path, tables: Path, file: Path) -> None:
    """Take what Spark built into a working file: `yusuan check` and `yusuan publish` make it the published one."""
    from pipeline.display import Steps
    from pipeline.spark import collect

    warehouse = warehouse_at(file)
    with only_run(warehouse.work_dir, folder, tables):
        count = collect(folder, tables, warehouse, Steps())
    _console().print(f"{count} tables in {warehouse.working}", highlight=False, soft_wrap=True)


@cli.command(epilog=_EPILOG)
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--units", type=click.IntRange(min=1), required=True, help="How many invented units.")
@click.option("--years", metavar="A-B", required=True, help="Fiscal years, 2021-2024 or one alone.")
@click.option("--formats", help="Formats of the files, by commas.  [default: txt,html,docx,xlsx,pdf]")
@click.option("--seed", type=int, default=1, show_default=True, help="The same number gives the same corpus.")
@click.option(
    "--amend",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    metavar="SHARE",
    help="Share of documents that are published again with other content, in OUT/amendments.",
)
@click.option("--plant", "kinds", metavar="KINDS", help="Kinds of errors to plant, by commas; all without --errors.")
@click.option(
    "--errors",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Share of documents with a planted error.  [default: 0, with --plant 1]",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes.  [default: the number of cores]")
@_json
@_command
def simulate(
    out: Path,
    units: int,
    years: str,
    formats: str | None,
    seed: int,
    amend: float,
    kinds: str | None,
    errors: float | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Write a corpus of invented units into OUT: documents, amendments and the truth beside them.

    Every page says that it is synthetic. OUT must be new, empty, or a corpus that this command wrote.
    """
    from pipeline.display import Steps
    from pipeline.simulate import settings_of, simulate_into

    settings = settings_of(units, years, formats, seed, amend, kinds, errors)
    steps = Steps(quiet=as_json)
    written = simulate_into(out, settings, workers, steps)
    if as_json:
        _print_json({"exit_code": 0, "out": str(out), **asdict(written), "seconds": steps.seconds})
        return
    parts = ", ".join(f"{count:,} .{name}" for name, count in written.formats.items() if count)
    _console().print(
        f"{written.documents:,} documents and {written.amendments:,} amendments ({parts}),"
        f" {written.planted_errors:,} planted errors, {written.byte_size / 1e6:,.1f} MB in {out}",
        highlight=False,
        soft_wrap=True,
    )


def _console() -> Any:
    from rich.console import Console

    return Console()


def _print_json(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    click.echo(text.encode(errors="backslashreplace").decode())  # a path may hold bytes that are no UTF-8


def main() -> None:
    """Entry point of the command."""
    code = INTERNAL_ERROR
    stop.listen()
    try:
        cli()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except stop.Stopped as stopped:  # before the command had begun
        click.echo(f"yusuan: {stopped}", err=True)
        code = stopped.exit_code
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without the interpreter's own end: great-expectations keeps DuckDB objects in its caches, and DuckDB 2.0 prints
    # pages about leaked instances on stderr when they go last. Every file is closed by now.
    os._exit(code)
