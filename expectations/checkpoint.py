"""A suite of ours as great-expectations knows it: expectation suite, validation definition, checkpoint, Data Docs.

All of it is kept as files in `<result folder>/gx`, a project of great-expectations that its own tools open. Nothing is
loaded from the network: what its pages would fetch is taken out of them.
"""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expectations.suite import Guard

_KEPT = 20  # results of a gate that are kept
_SITE = Path("uncommitted") / "data_docs" / "local_site"
_OUTSIDE = re.compile(
    r"<script[^>]*\bsrc=[\"']https?:[^>]*>\s*</script>|<link[^>]*\bhref=[\"']https?:[^>]*>"
    r"|<(?:img|iframe)[^>]*\bsrc=[\"']https?:[^>]*>|url\([\"']?https?:[^)]*\)|@import[^;]*https?:[^;]*;",
    re.IGNORECASE,
)


def ask(gate: str, guards: Sequence[Guard], database: Path, folder: Path) -> dict[str, dict[str, Any]]:
    """Run the checkpoint of a gate on a file, read-only → what each guard answered, by its name.

    An answer is that of great-expectations: `success`, `result` and `exception_info`. The file is closed when this
    returns. great-expectations is imported here: it takes seconds.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of great-expectations about pyspark and pandas
        import great_expectations as gx
        import great_expectations.expectations as gxe

        from expectations.gx_duckdb import functions_of_suites  # importing it registers the dialect

        root = folder / "gx"
        context = _context(gx, folder)
        source = context.data_sources.add_or_update_sql(
            "warehouse", connection_string=f"duckdb+gx:///{database}", create_temp_table=False
        )
        with functions_of_suites(database), _disposed(source):
            asset = source.add_table_asset(gate, table_name="document", schema_name="raw")
            suite = context.suites.add_or_update(
                gx.ExpectationSuite(
                    name=gate,
                    expectations=[
                        gxe.UnexpectedRowsExpectation(
                            unexpected_rows_query=_query(guard),
                            description=f"{guard.name}: {guard.reason} {guard.reason_zh}",
                            meta={"guard": guard.name},
                        )
                        for guard in guards
                    ],
                )
            )
            definition = context.validation_definitions.add_or_update(
                gx.ValidationDefinition(name=gate, data=asset.add_batch_definition_whole_table("all"), suite=suite)
            )
            checkpoint = context.checkpoints.add_or_update(
                gx.Checkpoint(
                    name=gate,
                    validation_definitions=[definition],
                    actions=[gx.checkpoint.UpdateDataDocsAction(name="pages")],
                    result_format={"result_format": "COMPLETE"},
                )
            )
            results = checkpoint.run().run_results.values()
    _keep_newest(root / "uncommitted" / "validations" / gate)
    _keep_newest(root / _SITE / "validations" / gate)
    _cut_off(root / _SITE)
    answers = [answer.to_json_dict() for result in results for answer in result.results]
    return {answer["expectation_config"]["meta"]["guard"]: answer for answer in answers}


@contextmanager
def _disposed(source: Any) -> Iterator[None]:
    """The file is closed at the end of the block."""
    try:
        yield
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().close()


def pages(folder: Path) -> Path:
    """The first page of Data Docs."""
    return folder / "gx" / _SITE / "index.html"


def _context(gx: Any, folder: Path) -> Any:
    """The project in `folder`; one that cannot be read (of another version, or half written) is begun anew."""
    try:
        context = gx.get_context(mode="file", project_root_dir=folder)
    except Exception:
        shutil.rmtree(folder / "gx", ignore_errors=True)
        context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def _query(guard: Guard) -> str:
    """The query as great-expectations wants it: it names the batch, and its braces are doubled."""
    return guard.query.replace("{", "{{").replace("}", "}}") + " /* {batch} */"


def _keep_newest(folder: Path) -> None:
    """Results are in folders named by moment, in one for each run name: the oldest go."""
    for name in folder.iterdir() if folder.is_dir() else ():
        for old in sorted(moment for moment in name.iterdir() if moment.is_dir())[:-_KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def _cut_off(site: Path) -> None:
    """Take out of the pages what a browser would fetch from elsewhere."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        cut = _OUTSIDE.sub("", text)
        if cut != text:
            page.write_text(cut, encoding="utf-8")
