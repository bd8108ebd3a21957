"""What moved and the changes of a policy come in; for each mover the changes that move it go out.

Each change is made alone to the old version, which is then evaluated: whoever moves as in the whole is moved by that change.
Whoever no change moves alone is moved by several together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.model.from_trees import from_trees
from lifeseg.pipeline.errors import ConfigurationError, DataError
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Progress, errors_among
from lifeseg.review.alone import with_change
from lifeseg.review.rules import RuleChange, Version
from lifeseg.workspace import Library

if TYPE_CHECKING:
    from lifeseg.model.model import Model
    from lifeseg.pipeline.diffing import EntityMoves, Mover

Cases = Mapping[str, tuple[str | None, str | None]]


def with_causes(
    setting: Setting,
    moves: EntityMoves,
    changes: Sequence[RuleChange],
    versions: tuple[Version, Version],
    folder: Path,
    progress: Progress | None,
) -> EntityMoves:
    """The movers with what moves them, if there are few enough changes to try each."""
    from lifeseg.pipeline.diffing import MOST_ALONE

    meant = [change for change in changes if change.means]
    if len(meant) == 1:
        name = told(meant[0])
        return replace(moves, movers=tuple(replace(one, causes=(name,)) for one in moves.movers))
    if not meant or len(meant) > MOST_ALONE:
        return moves
    alone: dict[str, dict[tuple[str, ...], Cases]] = {}
    for number, change in enumerate(meant):
        if progress is not None:
            progress("trying changes alone", number, len(meant))
        model = model_of(setting, versions, change)
        if model is not None:
            alone[told(change)] = moved_by(setting, moves, versions[0].model, model, folder, number)
    return replace(moves, movers=tuple(caused(one, alone) for one in moves.movers))


def told(change: RuleChange) -> str:
    return f"{change.unit.kind} {change.unit.name}".rstrip()


def model_of(setting: Setting, versions: tuple[Version, Version], change: RuleChange) -> Model | None:
    """The old version with one change, if that is a policy."""
    files = with_change(*versions, change)
    model, findings = from_trees(files, Library(setting.policy, setting.policies).find)
    return None if errors_among(findings) else model


def moved_by(
    setting: Setting, moves: EntityMoves, old: Model | None, model: Model, folder: Path, number: int
) -> dict[tuple[str, ...], Cases]:
    """Where everybody goes who moves by one change alone."""
    from lifeseg.pipeline.diffing import MOST_LISTED, evaluated, moved

    assert old is not None
    out = folder / f"alone{number}"
    try:
        out.mkdir()
        (out / "before").symlink_to(folder / "before")
        evaluated(setting, model, out / "after", None)
    except (ConfigurationError, DataError):
        return {}
    found = moved(old, model, moves.entity, out, None, MOST_LISTED * 10)
    return {one.key: one.cases for one in found.movers}


def caused(mover: Mover, alone: Mapping[str, Mapping[tuple[str, ...], Cases]]) -> Mover:
    """The changes that alone move a record in a way it moves; if there are none, all that are needed together."""
    causes = tuple(
        name for name, movers in alone.items()
        if any(mover.cases.get(column) == cases for column, cases in movers.get(mover.key, {}).items())
    )  # fmt: skip
    return replace(mover, causes=causes, together=not causes)
