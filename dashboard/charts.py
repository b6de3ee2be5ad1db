"""Charts of the pages and of the static report: a missing year or a break is drawn as such, never as a drop to zero.

Values are in the unit of account already. Colours are those of Okabe and Ito, told apart by colour-blind people; no
chart tells by colour alone: the same numbers stand in the table beside it and in the tips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C6D1F", "#999999"]
INK, GREY, GAP = "#1F2933", "#52606D", "#F1F3F5"
FONT = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"
SERIES_SHOWN = len(COLOURS) - 1


@dataclass(frozen=True)
class Bar:
    """One part of a bar: the year (or other group), the series, the value, and the value as text."""

    group: str
    series: str
    value: float
    text: str


@dataclass(frozen=True)
class Step:
    """One bar of a waterfall from `start` to `end`; `kind` is 'total', 'up', 'down' or 'unknown'."""

    label: str
    start: float
    end: float
    kind: str
    text: str


def stacked(
    bars: Sequence[Bar],
    groups: Sequence[str],
    gaps: Mapping[str, str],
    breaks: Mapping[str, str],
    unit: str,
    words: Mapping[str, str],
) -> alt.LayerChart:
    """Bars of parts, a bar a group. `gaps` and `breaks` say of a group why it is missing, or cannot be compared with
    the one before. `words` has 'gap', 'break', 'group' and 'series'."""
    return _bars(bars, groups, gaps, breaks, unit, words, side_by_side=False)


def grouped(
    bars: Sequence[Bar],
    groups: Sequence[str],
    gaps: Mapping[str, str],
    breaks: Mapping[str, str],
    unit: str,
    words: Mapping[str, str],
) -> alt.LayerChart:
    """Bars side by side, a bunch a group."""
    return _bars(bars, groups, gaps, breaks, unit, words, side_by_side=True)


def _bars(
    bars: Sequence[Bar],
    groups: Sequence[str],
    gaps: Mapping[str, str],
    breaks: Mapping[str, str],
    unit: str,
    words: Mapping[str, str],
    side_by_side: bool,
) -> alt.LayerChart:
    series = list(dict.fromkeys(bar.series for bar in bars))
    axis = alt.X("group:O", scale=alt.Scale(domain=list(groups), padding=0.25), title=words["group"]).axis(labelAngle=0)
    values = [
        {"group": bar.group, "series": bar.series, "value": bar.value, "text": bar.text, "no": series.index(bar.series)}
        for bar in bars
    ]
    encoding: dict[str, Any] = {
        "x": axis,
        "y": alt.Y("value:Q", title=unit, stack=None if side_by_side else "zero").axis(format=",~f", tickCount=5),
        "color": _colour(series),
        "order": alt.Order("no:Q"),
        "tooltip": _tips(("group", words["group"]), ("series", words["series"]), ("text", unit)),
    }
    if side_by_side:
        encoding["xOffset"] = alt.XOffset("series:N", scale=alt.Scale(domain=series))
    layers: list[alt.Chart] = [alt.Chart(_data(values)).mark_bar().encode(**encoding)]
    if gaps:
        missing = [{"group": group, "reason": reason, "label": words["gap"]} for group, reason in gaps.items()]
        tips = _tips(("group", words["group"]), ("reason", words["gap"]))
        base = alt.Chart(_data(missing)).encode(x=axis, tooltip=tips)
        layers.insert(0, base.mark_rect(fill=GAP, stroke=GREY, strokeDash=[4, 3]))
        layers.append(base.mark_text(fontSize=13, color=GREY, y=20).encode(text="label:N"))
    if breaks:
        cuts = [{"group": group, "reason": reason} for group, reason in breaks.items()]
        place = alt.X("group:O", bandPosition=0, scale=alt.Scale(domain=list(groups), padding=0.25))
        rule = alt.Chart(_data(cuts)).mark_rule(color="#D55E00", strokeDash=[6, 3], strokeWidth=2, xOffset=-4)
        layers.append(rule.encode(x=place, tooltip=_tips(("group", words["group"]), ("reason", words["break"]))))
        text = "；".join(f"{group} {words['break']}：{reason}" for group, reason in breaks.items())
        note = alt.Chart(_data([{"text": text}])).mark_text(align="left", fontSize=11, color="#A63F00", limit=420)
        layers.append(note.encode(text="text:N", x=alt.value(0), y=alt.value(-8)))
    return _finish(alt.layer(*layers), 300)


def waterfall(steps: Sequence[Step], unit: str, kinds: Mapping[str, str], cut: str) -> alt.LayerChart:
    """From the total of one year to that of the next; `kinds` names the colours.

    Changes are small beside the totals: where they would not be seen, the axis begins above 0, which `cut` says.
    """
    ends = [end for step in steps if step.kind != "total" for end in (step.start, step.end)]
    ends += [step.end for step in steps if step.kind == "total"]
    spread = max(ends) - min(ends)
    begin = max(0.0, min(ends) - spread / 2) if min(ends) > 2 * spread > 0 else min(0.0, *ends)
    room = max(ends) + (max(ends) - begin) * 0.35
    title = f"{unit}（{cut}）" if begin > 0 else unit
    values = [
        {
            "label": step.label,
            "start": max(step.start, begin),
            "end": step.end,
            "kind": kinds[step.kind],
            "text": step.text,
            "most": max(step.start, step.end),
        }
        for step in steps
    ]
    colours = {"total": "#52606D", "up": "#0072B2", "down": "#D55E00", "unknown": "#C7CDD4"}
    base = alt.Chart(_data(values)).encode(
        y=alt.Y("label:N", sort=[step.label for step in steps], title=None).axis(labelLimit=170, labelFontSize=12),
        tooltip=_tips(("label", " "), ("text", unit)),
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        x=alt.X("start:Q", title=title, scale=alt.Scale(domain=[begin, room], nice=False)).axis(
            format=",~f", tickCount=4
        ),
        x2="end:Q",
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=[kinds[kind] for kind in colours], range=list(colours.values())),
            legend=_legend(),
            title=None,
        ),
    )
    texts = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(x="most:Q", text="text:N")
    return _finish(alt.layer(bars, texts), max(200, 30 * len(steps)))


def beside(bars: Sequence[Bar], unit: str, series: Sequence[str]) -> alt.LayerChart:
    """Horizontal bars of two or more series on one scale, in the order given."""
    labels = list(dict.fromkeys(bar.group for bar in bars))
    values = [{"label": bar.group, "series": bar.series, "value": bar.value, "text": bar.text} for bar in bars]
    base = alt.Chart(_data(values)).encode(
        y=alt.Y("label:N", sort=labels, title=None).axis(labelLimit=170, labelFontSize=12),
        yOffset=alt.YOffset("series:N", scale=alt.Scale(domain=list(series))),
        x=alt.X("value:Q", title=unit).axis(format=",~f", tickCount=4),
        tooltip=_tips(("label", " "), ("series", "  "), ("text", unit)),
    )
    chart = base.mark_bar().encode(color=_colour(list(series)))
    height = max(120, (14 * len(series) + 8) * len(labels))
    return _finish(alt.layer(chart), height)


def plan(points: Sequence[Mapping[str, Any]], month: str, cumulative: str, year: str) -> alt.LayerChart:
    """Cumulative per cent by month, a line a year; a blank month breaks it. Points have year, month, pct, text."""
    years = sorted({str(point["year"]) for point in points})
    base = alt.Chart(_data(points)).encode(
        x=alt.X("month:Q", title=month, scale=alt.Scale(domain=[1, 12])).axis(tickMinStep=1, values=list(range(1, 13))),
        y=alt.Y("pct:Q", title=cumulative, scale=alt.Scale(domainMin=0)),
        color=_colour(years, "year"),
        tooltip=_tips(("year", year), ("month", month), ("text", cumulative)),
    )
    line = base.mark_line(invalid="break-paths-show-domains", strokeWidth=2)
    return _finish(alt.layer(line, base.mark_point(filled=True, size=70)), 260)


def bar_list(rows: Sequence[Mapping[str, Any]], unit: str) -> alt.LayerChart:
    """Horizontal bars with their texts; rows have label, value, text and is_own (drawn darker)."""
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("label:N", sort=[row["label"] for row in rows], title=None).axis(labelLimit=170, labelFontSize=12),
        x=alt.X("value:Q", title=unit).axis(format=",~f", tickCount=4),
        tooltip=_tips(("label", " "), ("text", unit)),
    )
    bars = base.mark_bar(height={"band": 0.7}).encode(
        color=alt.condition("datum.is_own", alt.value("#0072B2"), alt.value("#A9C9DF"))
    )
    texts = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(text="text:N")
    return _finish(alt.layer(bars, texts), max(90, 26 * len(rows) + 30))


def _data(values: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=[dict(value) for value in values])


def _tips(*fields: tuple[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in fields]


def _legend() -> alt.Legend:
    return alt.Legend(orient="bottom", columns=2, labelLimit=150, labelFontSize=12, symbolType="square", title=None)


def _colour(series: Sequence[str], field: str = "series") -> alt.Color:
    shown = [COLOURS[index % len(COLOURS)] for index in range(len(series))]
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(series), range=shown), legend=_legend(), title=None)


def _finish(chart: Any, height: int) -> alt.LayerChart:
    finished: alt.LayerChart = (
        chart.properties(height=height, width="container", background="white")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(labelColor=INK, titleColor=INK, gridColor="#E4E7EB", labelFontSize=12, titleFontSize=12)
        .configure_legend(labelColor=INK)
    )
    return finished
