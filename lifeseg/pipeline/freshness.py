"""A model, the days on which its sources were last renewed and an as-of date come in; which flags are stale goes out.

A flag says with `source` what it rests on and with `refresh` how often that is renewed. It is stale once the as-of date
lies more than one such period after the day that `[sources]` of the workspace gives. Values are never changed by it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal

from lifeseg.diagnostics.diagnostic import Diagnostic, Several, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.functions.calendar import add_days, add_months
from lifeseg.model.model import Flag, Model
from lifeseg.workspace import place_of, shown_path

if TYPE_CHECKING:
    from lifeseg.interpreter.trace import RecordTrace, Trace
    from lifeseg.pipeline.setting import Setting
    from lifeseg.workspace import Workspace

Period = tuple[int, Literal["days", "months"]]

PERIODS: Mapping[Period, Collection[str]] = {
    (1, "days"): ("daily", "day", "hourly", "hour", "real time", "realtime", "日", "每日", "天", "每天", "实时"),
    (7, "days"): ("weekly", "week", "周", "每周"),
    (1, "months"): ("monthly", "month", "月", "每月"),
    (3, "months"): ("quarterly", "quarter", "季", "每季", "季度"),
    (12, "months"): ("yearly", "year", "annually", "年", "每年"),
}  # fmt: skip
SPOKEN: Mapping[str, Period] = {word: period for period, words in PERIODS.items() for word in words}
COUNTED = re.compile(r"(?:every )?(\d{1,4}) (day|week|month|quarter|year)s?")
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Stale:
    """Why a flag is stale: its source, when that was renewed, and the first day that was too late."""

    source: str
    refreshed: date
    since: date


Flags = Mapping[tuple[str, str], Stale]
"""Stale flags by entity and name."""


def period_of(refresh: str) -> Period | None:
    """How long a label stays fresh, of several periods the longest; None where the words name no time (`manual`)."""
    periods = [one_period(part) for part in re.split(r" or | and |/|、", refresh.strip().lower())]
    known = [period for period in periods if period is not None]
    return max(known, key=length) if len(known) == len(periods) else None


def one_period(text: str) -> Period | None:
    text = text.strip()
    if (counted := COUNTED.fullmatch(text)) is None:
        return SPOKEN.get(text)
    count, unit = SPOKEN[counted[2]]
    return count * int(counted[1]), unit


def length(period: Period) -> int:
    return period[0] * (31 if period[1] == "months" else 1)


def stale_since(refreshed: date, period: Period) -> date | None:
    """The first day on which the label should have been renewed and was not."""
    count, unit = period
    try:
        return add_days(add_days(refreshed, count) if unit == "days" else add_months(refreshed, count), 1)
    except ValueError:  # beyond the calendar: never
        return None


def named_sources(text: str, known: Mapping[str, date]) -> list[str]:
    """The sources of `[sources]` that a line `source` names: as a whole, or between commas and semicolons."""
    if text in known:
        return [text]
    return [part for part in map(str.strip, re.split(r"[,;，；、]", text)) if part in known]


def staleness(flag: Flag, sources: Mapping[str, date], day: date) -> Stale | None:
    """Why a flag is stale on a day, told by the source that was renewed longest ago; None where it is fresh, or where
    nobody has said enough to tell.
    """
    period = period_of(flag.information.get("refresh", ""))
    found = named_sources(flag.information.get("source", ""), sources)
    if period is None or not found:
        return None
    oldest = min(found, key=lambda source: sources[source])
    since = stale_since(sources[oldest], period)
    return Stale(oldest, sources[oldest], since) if since is not None and since <= day else None


def stale_flags(model: Model, setting: Setting) -> dict[tuple[str, str], Stale]:
    """The stale flags of a policy in its workspace. Of data from elsewhere the workspace knows no day."""
    sources = setting.workspace.sources if setting.workspace is not None and setting.data is None else {}
    if not sources or setting.as_of is None:
        return {}
    found = {
        (one.entity, one.name): staleness(one, sources, setting.as_of)
        for one in model.definitions
        if isinstance(one, Flag)
    }
    return {key: stale for key, stale in found.items() if stale is not None}


def documented(model: Model, setting: Setting) -> list[dict[str, str]]:
    """The stale flags as `run.json` lists them, in the order of the text."""
    return [
        {
            "entity": entity,
            "flag": name,
            "source": stale.source,
            "refreshed": stale.refreshed.isoformat(),
            "since": stale.since.isoformat(),
        }
        for (entity, name), stale in stale_flags(model, setting).items()
    ]


# ---- Findings ----------------------------------------------------------------------------------


def findings(
    model: Model, setting: Setting, only: Collection[str] | None = None
) -> tuple[tuple[Diagnostic, ...], dict[str, str]]:
    """A finding for each source that makes flags stale and each that nothing rests on; and the text they point into."""
    workspace = setting.workspace
    if workspace is None or not workspace.sources or setting.data is not None:
        return (), {}
    flags = stale_flags(model, setting)
    if only is not None:
        blocks = {one.name: one.block for one in model.definitions if isinstance(one, Flag)}
        flags = {key: stale for key, stale in flags.items() if key[1] in only or blocks[key[1]] in only}
    found = [*strangers(model, workspace), *(said(stale, workspace) for stale in by_source(flags))]
    return tuple(found), {shown_path(workspace.file): workspace.text}


def by_source(flags: Flags) -> Iterable[tuple[Stale, list[str]]]:
    sources: dict[str, tuple[Stale, list[str]]] = {}
    for (_, name), stale in flags.items():
        sources.setdefault(stale.source, (stale, []))[1].append(name)
    return sources.values()


def said(found: tuple[Stale, list[str]], workspace: Workspace) -> Diagnostic:
    stale, names = found
    flags = Several.first([f"`{name}`" for name in names], MOST_NAMES)
    return problem(
        "stale-flags", source_place(workspace, stale.source), source=stale.source,
        refreshed=stale.refreshed.isoformat(), count=len(names), flags=flags,
    )  # fmt: skip


def strangers(model: Model, workspace: Workspace) -> Iterable[Diagnostic]:
    """Sources that no flag names: a misspelt one would hide what is stale."""
    texts = {one.information.get("source", "") for one in model.definitions if isinstance(one, Flag)}
    named = {source for text in texts for source in named_sources(text, workspace.sources)}
    known = {part.strip() for text in texts for part in re.split(r"[,;，；、]", text)} | texts
    for source in workspace.sources:
        if source not in named:
            close = difflib.get_close_matches(source, sorted(known), 1)
            yield problem(
                "source-unused", source_place(workspace, source), source=source,
                suggestion=close[0] if close else None,
            )  # fmt: skip


def source_place(workspace: Workspace, source: str) -> Span:
    return place_of(("sources", source), workspace.text, shown_path(workspace.file))


# ---- Traces ------------------------------------------------------------------------------------


def marked(trace: Trace, flags: Flags) -> Trace:
    """The trace, now saying since when its flags are stale."""
    if flags:
        mark_record(trace.record, flags)
    return trace


def mark_record(record: RecordTrace, flags: Flags) -> None:
    for definition in record.definitions:
        stale = flags.get((record.entity, definition.name))
        if stale is not None and definition.kind == "flag":
            definition.stale_since = stale.since.isoformat()
    for child in record.children:
        mark_record(child, flags)
