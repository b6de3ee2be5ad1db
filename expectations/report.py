"""The page of a gate: one HTML file that opens offline, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

_STYLE = """
body { margin: 2em auto; max-width: 75em; padding: 0 1em; }
body { font-family: 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif; }
table { border-collapse: collapse; margin: .5em 0; }
td, th { border: 1px solid #bbb; padding: .25em .6em; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.passed { color: #0a6b2d; } .failed { color: #a40000; } h2 { border-bottom: 1px solid #bbb; }
code { font-size: .9em; }
"""


def write_report(result: Mapping[str, Any], path: Path) -> None:
    """Write the result of a gate (the fields of GateResult) as one self-contained page; every text is escaped."""
    outcomes: Sequence[Mapping[str, Any]] = result["outcomes"]
    failed = [outcome for outcome in outcomes if not outcome["success"]]
    parts = [
        "<!doctype html>",
        '<html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{_text(result['gate'])}: {_verdict(result['success'])}</title>",
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>质量关口 / Gate: {_text(result['gate'])} — {_verdict_html(result['success'])}</h1>",
        f"<p>检查时间 / Checked at {_text(result['checked_at'])} · 运行编号 / Run {_text(result['run_id']) or '—'}"
        f" · {_text(result['evaluated'])} 项检查 / checks · {_text(result['seconds'])} s</p>",
    ]
    if result["error"]:
        parts.append(f'<p class="failed">{_text(result["error"])}</p>')
    if failed:
        parts.append("<h2>未通过 / Failed</h2>")
        parts += [_failure(outcome) for outcome in failed]
    parts += ["<h2>全部检查 / All checks</h2>", _all_checks(outcomes)]
    parts.append("<p>文档内容从不更改；更正装载器或模型后重新运行。 / Documents are never changed: mend the loader or ")
    parts.append("the model and run again.</p></body></html>")
    path.write_text("\n".join(parts), encoding="utf-8")


def _failure(outcome: Mapping[str, Any]) -> str:
    head = (
        f"<h3>{_text(outcome['name'])} · <code>{_text(outcome['table'])}</code></h3>"
        f"<p>{_text(outcome['reason_zh'])}<br>{_text(outcome['reason'])}</p>"
    )
    if outcome["error"]:
        return head + f'<p class="failed">无法检查 / Could not be asked: {_text(outcome["error"])}</p>'
    rows: Sequence[Mapping[str, Any]] = outcome["rows"]
    count = "?" if outcome["failing_count"] is None else outcome["failing_count"]
    shown = f"<p>不合格行 / Failing rows: {_text(count)}；显示 / shown: {len(rows)}</p>"
    return head + shown + _rows(rows)


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [[row.get(name) for name in names] for row in rows]
    return _table(names, [[_text(value) for value in values] for values in body])


def _all_checks(outcomes: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            _verdict_html(outcome["success"]),
            f"<code>{_text(outcome['table'])}</code>",
            _text(outcome["name"]),
            f"{_text(outcome['reason_zh'])}<br>{_text(outcome['reason'])}",
        ]
        for outcome in outcomes
    ]
    return _table(["结果 / Result", "表 / Table", "检查 / Check", "理由 / Reason"], rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the names are escaped here, the cells are HTML already."""
    head = "".join(f"<th>{_text(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><tr>{head}</tr>\n{body}</table>"


def _verdict(success: bool) -> str:
    return "通过 passed" if success else "未通过 failed"


def _verdict_html(success: bool) -> str:
    return f'<span class="{"passed" if success else "failed"}">{_verdict(success)}</span>'


def _text(value: Any) -> str:
    return "" if value is None else escape(str(value))
