"""A history comes in; the rule behind each change goes out, and on demand what had changed of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic, Span, problem
from lifeseg.frozen import dataclass
from lifeseg.model.model import AnyDefinition, Case, Lifecycle, Move, Segment
from lifeseg.pipeline.errors import LifesegError
from lifeseg.pipeline.history import Change, History
from lifeseg.pipeline.lookup import Sought
from lifeseg.pipeline.opened import opened, record_with_key
from lifeseg.pipeline.replay import Then, replayed
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked

if TYPE_CHECKING:
    from lifeseg.explain.differences import Difference
    from lifeseg.interpreter.trace import Trace
    from lifeseg.tracking.store import Known


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record became something else: the rule in the policy's words, where it has one, and what had changed since the
    run before; None if that is not known.
    """

    rule: str | None
    since: date | None = None
    changed: tuple[Difference, ...] | None = None


@dataclass(slots=True)
class Runs:
    """The runs by which a history is told, made again as they are asked for."""

    setting: Setting
    checked: Checked
    known: Sequence[Known]
    made: dict[date, Then | None] = field(default_factory=dict)
    traces: dict[date, Trace | None] = field(default_factory=dict)
    remarks: list[Diagnostic] = field(default_factory=list)

    def then(self, day: date) -> Then | None:
        """The run of a day."""
        found = next((one for one in self.known if one.as_of == day), None)
        if day not in self.made and found is not None:
            self.made[day] = None
            try:
                self.made[day] = self.again(found)
            except LifesegError:  # what was is told all the same
                self.remarks.append(problem("history-text.untold", None, run=found.run, day=str(day)))
        return self.made.get(day)

    def again(self, found: Known) -> Then:
        known = [one for one in self.made.values() if one is not None]
        alike = (one for one in known if one.checked.good().content_hash == found.content_hash)
        same = next(alike, None)
        return replayed(self.setting, same.checked if same is not None else self.checked, found)

    def before(self, day: date) -> date | None:
        """The day of the run before."""
        return max((one.as_of for one in self.known if one.as_of < day), default=None)

    def trace(self, day: date, entity: str, key: str) -> Trace | None:
        """Why the record was what it was; None, with a remark, where the data of that day are not what they were."""
        if day not in self.traces:
            self.traces[day] = self.traced(day, entity, key)
        return self.traces[day]

    def traced(self, day: date, entity: str, key: str) -> Trace | None:
        from lifeseg.explain.masking import masked
        from lifeseg.interpreter.tracer import trace

        then = self.then(day)
        if then is None:
            return None
        try:
            found = opened(then.setting, None, Sought(key, entity, False), then.checked, then.run)
        except LifesegError:
            self.remarks.append(problem("history-data.gone", None, day=str(day), run=then.run))
            return None
        if found.run is None:
            self.remarks.append(problem("history-data.changed", None, day=str(day), run=then.run))
            return None
        place = record_with_key(found.results, key, entity)
        return masked(trace(found.results, *place)) if place is not None else None


def reasons(setting: Setting, history: History, *, why: bool) -> tuple[list[Reason], list[Diagnostic]]:
    """A reason for each change, with what had changed if that is asked; and what stood in the way."""
    runs = Runs(setting, history.checked, history.runs)
    return [reason(runs, history, change, why) for change in history.changes], runs.remarks


def reason(runs: Runs, history: History, change: Change, why: bool) -> Reason:
    then = runs.then(change.day)
    if then is None:
        return Reason(None)
    found = Reason(rule(then.checked, history.entity, change))
    if not why or (former := runs.before(change.day)) is None:
        return found
    now = runs.trace(change.day, history.entity, history.key)
    before = runs.trace(former, history.entity, history.key)
    if now is None or before is None:
        return found
    from lifeseg.explain.differences import differences

    return replace(
        found, since=former, changed=tuple(differences(now.record, before.record, change.definition))
    )


# ---- Rules ---------------------------------------------------------------------------------------


def rule(checked: Checked, entity: str, change: Change) -> str | None:
    """What the policy says of a change, as it is written there."""
    definition = next((one for one in checked.good().of(entity) if one.name == change.definition), None)
    return rule_of(definition, change.before, change.after, checked.sources)


def rule_of(
    definition: AnyDefinition | None, before: str | None, after: str | None, sources: Mapping[str, str]
) -> str | None:
    """By what a case takes the place of another, or of none."""
    if isinstance(definition, Lifecycle):
        ways: list[Case | Move] = [
            one for one in definition.moves if (one.source, one.target) == (before, after)
        ]
        ways += [one for one in definition.starts if before is None and one.name == after]
        return " or ".join(condition(one, sources) for one in ways) or None
    if isinstance(definition, Segment):
        cases = [one for one in definition.cases if one.name == after]
        return condition(cases[0], sources) if cases else None
    return None


def condition(one: Case | Move, sources: Mapping[str, str]) -> str:
    if one.condition is not None:
        return written(one.condition.span, sources)
    return "otherwise" if isinstance(one, Case) else "always"


def written(span: Span, sources: Mapping[str, str]) -> str:
    """The words of a policy at a place, in one line and without remarks."""
    lines = sources[span.file].splitlines()[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return " ".join(line.partition("  #")[0].strip() for line in lines)
