"""A setting comes in; what the policy hands out on the day goes out, also into files; new tasks are entered into a store."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.functions.calendar import add_days, add_months
from lifeseg.model.model import Model
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import check
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from lifeseg.model.tasks import Length, Said
    from lifeseg.model.tasks import Task as Written
    from lifeseg.tracking.tasks import Arm, HandedOut, HandOut, Rule, Split, Told


@dataclass(frozen=True, slots=True)
class Given:
    """All tasks of a day, with the policy that says what they are."""

    model: Model
    day: date
    handed: HandedOut


def tasks(setting: Setting, *, record: bool = True) -> Given:
    """What is handed out on the day of the setting; without `record` it is only shown."""
    from lifeseg.tracking.tasks import NoRunError, hand_out

    model = with_tasks(setting)
    day = setting.day()
    with asking(setting, model) as store:
        try:
            return Given(model, day, hand_out(store, wanted(model, day, setting), record=record))
        except NoRunError as error:
            raise refusal("tasks-no-run", policy=error.policy, day=str(day)) from error


def with_tasks(setting: Setting) -> Model:
    """The policy, which must have tasks."""
    model = check(setting.policy, setting.policies).good()
    if not model.tasks:
        raise refusal("tasks-none", policy=model.name)
    return model


# ---- What a policy says --------------------------------------------------------------------------


def wanted(model: Model, day: date, setting: Setting) -> HandOut:
    """The tasks of the policy, and beside them those of a challenger, where the workspace has one."""
    from lifeseg.tracking.tasks import HandOut

    policies, split = trial(model, setting)
    return HandOut(day, tuple(arm(policy, name, day) for name, policy in policies), split)


def trial(model: Model, setting: Setting) -> tuple[list[tuple[str, Model]], Split | None]:
    """The arms and their policies, and how records are split between them and those who are held out, if they are."""
    from lifeseg.tracking.tasks import Split

    policies = [("champion", model)]
    challenger = setting.workspace.challenger if setting.workspace is not None else None
    if challenger is None:
        return policies, None
    if challenger.policy is not None:
        other = check(challenger.policy, setting.policies).good()
        if other.name == model.name:
            raise refusal("challenger-same", policy=model.name)
        policies.append(("challenger", other))
    return policies, Split(challenger.salt, *challenger.ends)


def arm(model: Model, name: str, day: date) -> Arm:
    from lifeseg.tracking.tasks import Arm

    rules = tuple(rule(block.entity, task, day) for block in model.tasks for task in block.tasks)
    return Arm(name, model.name, model.content_hash, rules)


def rule(entity: str, task: Written, day: date) -> Rule:
    from lifeseg.tracking.tasks import Rule

    due = later(day, task.due)
    judged = later(day, task.judged) or due or day
    again = (task.again.count, task.again.unit) if task.again is not None else None
    return Rule(task.name, entity, told(task.owner), told(task.channel), told(task.about), due, judged, again)


def later(day: date, length: Length | None) -> date | None:
    """A day so much later, the last that there is where there is none."""
    if length is None:
        return None
    try:
        return (add_months if length.unit == "month" else add_days)(day, length.count)
    except ValueError:
        return date.max


def told(said: Said | None) -> Told:
    from lifeseg.tracking.tasks import Told

    if said is None:
        return Told()
    return Told(definition=said.text) if said.by_case else Told(said.text)


# ---- Files ---------------------------------------------------------------------------------------


def write(path: Path, text: str) -> None:
    """A file, whole or not at all."""
    refusing_to_write(path, [(path, text)])


def drop(folder: Path, documents: Iterable[tuple[str, str]]) -> None:
    """A file for each task in a folder, each whole or not at all."""
    refusing_to_write(folder, [(folder / name, text) for name, text in documents])


def refusing_to_write(place: Path, files: list[tuple[Path, str]]) -> None:
    try:
        for path, text in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}.{os.getpid()}")
            try:
                unfinished.write_text(text, encoding="utf-8")
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
        if not files:
            place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal("cannot-write", path=shown_path(place), reason=reason(error)) from error
