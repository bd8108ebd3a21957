"""A setting comes in; the earlier days whose runs are missing, or shall be made again, go out, oldest first, each as soon as
its run is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lifeseg.diagnostics.diagnostic import Diagnostic, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import Lifecycle, Model
from lifeseg.pipeline.errors import LifesegError, refusal
from lifeseg.pipeline.running import Finished, run
from lifeseg.pipeline.schedule import due
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Progress, check, errors_among
from lifeseg.pipeline.store import shown, usable
from lifeseg.pipeline.wish import Wish
from lifeseg.tracking.place import Place


@dataclass(frozen=True, slots=True)
class Gap:
    """The days to be run before the day of the setting, and whether what is known of later days is told anew by them."""

    days: tuple[date, ...]
    anew: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A run of an earlier day: its number, and how many moved in each lifecycle."""

    day: date
    finished: Finished
    moves: dict[str, int]

    @property
    def errors(self) -> list[Diagnostic]:
        """What is to be said of it; the rest is said of the last day."""
        return errors_among(self.finished.findings)


def gap(setting: Setting, wish: Wish, again_from: date | None = None, every: str | None = None) -> Gap:
    """What is to be run before the day of the setting: from the first day that is missing on, or again from a day on."""
    workspace = setting.workspace
    first = workspace.since if workspace is not None else None
    every = every or (workspace.every if workspace is not None else None)
    if again_from is not None and (every is None or setting.store is None):
        raise refusal("bad-argument.again" if every is None else "no-store")
    first = first if first is not None else again_from
    partly = wish.only is not None or wish.of_changes
    if setting.store is None or first is None or every is None or partly:
        return Gap((), False)
    last = setting.day()
    known = days_known(setting.store, check(setting.policy, setting.policies).good())
    scheduled = [day for day in due(first, every, last) if day < last]
    if again_from is not None:
        if again_from > last:
            raise refusal("bad-argument.again-later", day=str(again_from), last=str(last))
        return Gap(tuple(day for day in scheduled if day >= again_from), True)
    if any(day > last for day in known):
        return Gap((), False)  # a look back changes nothing
    start = next((day for day in scheduled if day not in known), None)
    if start is None:
        return Gap((), False)
    return Gap(tuple(day for day in scheduled if day >= start), any(day > start for day in known))


def days_known(store: Place, model: Model) -> set[date]:
    """The days whose runs are believed today."""
    from lifeseg.tracking.store import runs_known

    with usable():
        return {one.as_of for one in runs_known(shown(store), model.name)}


def fill(setting: Setting, wish: Wish, found: Gap, progress: Progress | None = None) -> Iterator[Filled]:
    """Makes the runs of earlier days one after the other; those before one that fails stay recorded."""
    for day in found.days:
        own = Wish(on_bad_row=wish.on_bad_row, master=wish.master, anew=found.anew)
        try:
            finished = run(replace(setting, as_of=day), own, progress)
        except LifesegError as error:
            error.findings = (*error.findings, problem("fill-stopped", None, day=str(day)))
            raise
        assert setting.store is not None
        yield Filled(day, finished, moves_on(setting.store, finished.checked.good(), day))


def moves_on(store: Place, model: Model, day: date) -> dict[str, int]:
    """How many moved from a state to another on a day, by lifecycle."""
    from lifeseg.tracking.memberships import Span
    from lifeseg.tracking.store import moves

    found: dict[str, int] = {}
    for one in model.definitions:
        if isinstance(one, Lifecycle):
            span = Span(model.name, one.entity, one.name, day, day)
            counted = moves(shown(store), span) or []
            found[one.name] = sum(count for before, after, count in counted if before and after)
    return found
