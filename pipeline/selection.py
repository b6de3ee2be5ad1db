"""Which nodes of dbt a build that adds documents must run: those whose sources have rows of the new documents.

Lists (seeds) and views (staging) do not depend on documents. A table of single documents takes its rows from the
relations that `new_rows()` wraps in its SQL; where none of them has rows of a new document, it gains none. Any other
table is rebuilt if anything it reads has news. A data test runs if the table that it is attached to does; a test that
stands by itself, if any table that it reads does. A full build runs every node.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_WRAPPED = re.compile(r"""new_rows\(\s*ref\(\s*['"](\w+)['"]""")


def nodes_with_news(manifest: Any, has_new_rows: Callable[[str, str], bool]) -> list[str]:
    """Names of the models and data tests to run, sorted.

    `has_new_rows(schema, table)` tells whether a source has rows of the new documents.
    """
    news: dict[str, bool] = {
        unique_id: has_new_rows(source.schema, source.identifier) for unique_id, source in manifest.sources.items()
    }
    models = {unique_id: node for unique_id, node in manifest.nodes.items() if node.resource_type == "model"}

    def has_news(unique_id: str) -> bool:
        if unique_id not in news:
            node = models.get(unique_id)
            news[unique_id] = node is not None and any(has_news(parent) for parent in _rows_from(node, manifest))
        return news[unique_id]

    chosen = [node.name for node in models.values() if not _is_view(node) and has_news(node.unique_id)]
    tests = (node for node in manifest.nodes.values() if node.resource_type == "test")
    chosen += [test.name for test in tests if any(has_news(subject) for subject in _subjects(test))]
    return sorted(chosen)


def _rows_from(node: Any, manifest: Any) -> list[str]:
    """Ids of the nodes of which new rows give this one new rows."""
    parents = list(node.depends_on.nodes)
    macros = [manifest.macros[macro] for macro in node.depends_on.macros if macro in manifest.macros]
    own = [macro.macro_sql for macro in macros if macro.package_name == node.package_name]
    wrapped = {name for sql in (node.raw_code, *own) for name in _WRAPPED.findall(sql)}
    return [parent for parent in parents if parent.split(".")[-1] in wrapped] if wrapped else parents


def _is_view(node: Any) -> bool:
    return bool(node.config.materialized == "view")


def _subjects(test: Any) -> list[str]:
    """Ids of the tables that a data test is about."""
    attached = getattr(test, "attached_node", None)
    return [attached] if attached else list(test.depends_on.nodes)
