"""A setting and a folder come in; what the result store knows of the policy goes out, as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lifeseg.model.model import Model
from lifeseg.model.titles import labelled_inside
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.history import asking
from lifeseg.pipeline.past import remembered_of
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import check
from lifeseg.records.generation.to_folder import made_whole
from lifeseg.workspace import reason, shown_path

MARK = "export.json"
"""By which a folder of ours is known again."""


def export(setting: Setting, out: Path, ending: str) -> list[Path]:
    """The files that were written, all or none; those of an earlier export are gone."""
    from lifeseg.tracking import export as files

    model = check(setting.policy, setting.policies).good()
    if (why := in_the_way(out)) is not None:
        raise refusal("cannot-write", path=shown_path(out), reason=why)
    try:
        with asking(setting, model) as store, made_whole(out) as folder:
            names = files.export(store, model.name, folder, ending)
            if names is None:
                raise refusal("history-nothing", policy=model.name)
            files.titles(list(titles_of(model)), folder / f"titles.{ending}")
            described = {"policy": model.name, "version": model.version, "store": str(store)}
            (folder / MARK).write_text(f"{json.dumps(described, ensure_ascii=False)}\n", encoding="utf-8")
    except OSError as error:
        raise refusal("cannot-write", path=shown_path(out), reason=reason(error)) from error
    return [out / f"{name}.{ending}" for name in (*names, "titles")]


def in_the_way(folder: Path) -> str | None:
    """Why a folder cannot be replaced."""
    if folder.exists() and not (folder / MARK).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        return "it holds what `lifeseg export` has not put there; name a new folder"
    if Path.cwd().is_relative_to(folder.absolute()):
        return "it is the current folder; name a new one"
    return None


def titles_of(model: Model) -> Iterator[tuple[str, str, str | None, str, str]]:
    """What definitions and their cases are called in each language."""
    for entity in model.entities:
        known = remembered_of(model, entity)
        for definition in model.of(entity):
            if definition.name not in known:
                continue
            for case, named in (
                (None, definition),
                *((one.name, one) for one in labelled_inside(definition)),
            ):
                for language, title in named.titles.items():
                    yield entity, definition.name, case, language, title
