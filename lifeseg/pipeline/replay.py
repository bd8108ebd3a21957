"""A setting and a day come in; the recorded run that tells of that day goes out, with the setting and the policy it had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.diagnostics.diagnostic import Diagnostic
from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.lookup import Sought
from lifeseg.pipeline.opened import Opened, opened, store_of
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, Progress, check
from lifeseg.pipeline.stages import checked as checked_text
from lifeseg.pipeline.store import shown, usable
from lifeseg.workspace import parsed

if TYPE_CHECKING:
    from lifeseg.syntax.definitions import File
    from lifeseg.tracking.store import Known, Text


@dataclass(frozen=True, slots=True)
class Then:
    """A run as it was made: its number, the setting with its day, the policy by its own text."""

    run: int
    setting: Setting
    checked: Checked


def runs(setting: Setting, policy: str) -> list[Known]:
    """The runs that are believed today, one for each day, oldest first."""
    from lifeseg.tracking.store import runs_known

    store = store_of(setting)
    with usable():
        known = runs_known(shown(store), policy) if store is not None else []
    if not known:
        raise refusal("history-nothing", policy=policy)
    return known


def then(setting: Setting, day: date) -> Then:
    """The last run up to a day."""
    checked = check(setting.policy, setting.policies)
    known = runs(setting, checked.good().name)
    found = [one for one in known if one.as_of <= day]
    if not found:
        raise refusal("history-before", day=str(day), first=str(known[0].as_of))
    return replayed(setting, checked, found[-1])


def opened_at(setting: Setting, day: date, progress: Progress | None, sought: Sought) -> Opened:
    """What a run found, evaluated again; refused where its data are not what they were."""
    made = then(setting, day)
    found = opened(made.setting, progress, sought, made.checked, made.run)
    if found.run is None:
        raise refusal("history-data", day=str(made.setting.day()), run=made.run)
    return found


def replayed(setting: Setting, checked: Checked, known: Known) -> Then:
    """A run as it was made; the policy of today is taken where it is the same."""
    own = replace(setting, as_of=known.as_of)
    if checked.good().content_hash == known.content_hash:
        return Then(known.run, own, checked)
    return Then(known.run, own, policy_of(setting, known))


def policy_of(setting: Setting, known: Known) -> Checked:
    """The policy of a run, by the texts the store has kept."""
    from lifeseg.tracking.store import texts_kept

    store = store_of(setting)
    assert store is not None
    with usable():
        texts = texts_kept(shown(store), known.content_hash)
    if not texts:
        raise refusal("history-text", run=known.run, day=str(known.as_of), version=known.policy_version)
    own = {one.file: one.text for one in texts if one.own}
    return checked_text(parsed(setting.policy, own, {}, ()), Kept(setting.policy, texts))


@dataclass(slots=True)
class Kept:
    """The texts of the policies that one used; their files bear the policy's name: `orgcust/orgcust.seg`."""

    path: Path
    texts: Sequence[Text]
    places: dict[str, Path] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    def find(self, name: str, version: str) -> Sequence[File] | None:
        return self.read(f"{name}/") or None

    def files(self) -> Sequence[File]:
        return self.read("")

    def read(self, prefix: str) -> Sequence[File]:
        chosen = {one.file: one.text for one in self.texts if not one.own and one.file.startswith(prefix)}
        return parsed(self.path, chosen, {}, ()).files
