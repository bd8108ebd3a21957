"""A setting and a wish come in; synthetic records of every entity go out as files, with a description of
them.

The files and `generated.json` depend on the policy, the day, the seed, the number and the format alone: the
same again gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lifeseg.frozen import dataclass
from lifeseg.pipeline.calibrating import RARE, Calibrated, calibrated, can_be, cases_of, place_of
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, Progress, check
from lifeseg.records.generation.to_files import to_files
from lifeseg.records.generation.to_folder import DESCRIPTION, is_ours, made_whole
from lifeseg.workspace import reason, shown_path

if TYPE_CHECKING:
    from lifeseg.model.model import Model
    from lifeseg.records.generation.design import Design

VERSION = 1
"""Of the description; and of the values: it rises when the same seed gives others."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to generate: how many records of each entity without a parent, and where and how to write them."""

    customers: int
    seed: int
    out: Path
    file_format: Literal["parquet", "csv"] = "parquet"
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """What was generated; `description` is what `generated.json` says."""

    checked: Checked
    model: Model
    counts: Mapping[str, int]
    description: Mapping[str, Any]


def generate(setting: Setting, wish: Wish, progress: Progress | None = None) -> Generated:
    """The whole folder, or nothing at all."""
    checked = check(setting.policy, setting.policies)
    model, day = checked.good(), setting.day()
    check_wish(model, wish)
    steps = 0

    def report(_: str) -> None:
        nonlocal steps
        steps += 1
        if progress:
            progress("samples", steps, 0)

    found = calibrated(model, day, wish.seed, report)
    check_keys(found.design, wish)
    try:
        with made_whole(wish.out) as folder:
            counts = written(found.design, wish, folder, progress)
            described = description(model, found, wish, counts)
            text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
            (folder / DESCRIPTION).write_text(text, encoding="utf-8")
    except OSError as error:
        raise refusal("cannot-write", path=shown_path(wish.out), reason=reason(error)) from error
    return Generated(checked, model, counts, described)


def written(design: Design, wish: Wish, folder: Path, progress: Progress | None) -> dict[str, int]:
    files = 0

    def done(entity: str, rows: int) -> None:
        nonlocal files
        files += 1
        if progress:
            progress("files", files, len(design.entities))

    if progress:
        progress("files", 0, len(design.entities))
    return to_files(design, wish.customers, folder, wish.file_format, wish.threads, done)


# ---- What cannot be generated --------------------------------------------------------------------


def check_wish(model: Model, wish: Wish) -> None:
    if not 1 <= wish.customers <= model.most_records:
        wanted = f"a number from 1 to {model.most_records:,}, as many as the policy allows for"
        raise refusal("bad-argument.value", name="--customers", value=str(wish.customers), wanted=wanted)
    if (why := in_the_way(wish.out)) is not None:
        raise refusal("cannot-write", path=shown_path(wish.out), reason=why)


def in_the_way(folder: Path) -> str | None:
    """Why a folder cannot be replaced."""
    if folder.exists() and not is_ours(folder):
        return "it holds what `lifeseg generate` has not put there; name a new folder"
    if Path.cwd().is_relative_to(folder.absolute()):
        return "it is the current folder; name a new one"
    return None


def check_keys(design: Design, wish: Wish) -> None:
    """A key that is a number tells only so many records apart; of a choice all values are taken."""
    for one in design.entities:
        if one.brood is None and not one.places.listed and 1 < one.places.capacity < wish.customers:
            wanted = f"at most {one.places.capacity:,}: the key of {one.entity.name} has no more values"
            raise refusal("bad-argument.value", name="--customers", value=str(wish.customers), wanted=wanted)


# ---- The description -----------------------------------------------------------------------------


def description(model: Model, found: Calibrated, wish: Wish, counts: Mapping[str, int]) -> dict[str, Any]:
    """What `generated.json` says; shares are those of the sample, which is how the records begin."""
    spread: dict[str, dict[str, dict[str, float]]] = {}
    for definition, case in cases_of(model):
        share = found.shares[place_of(definition, case)]
        spread.setdefault(definition.entity, {}).setdefault(definition.name, {})[case] = round(share, 4)
    return {
        "version": VERSION,
        "policy": {"name": model.name, "version": model.version, "content_hash": model.content_hash},
        "as_of": found.design.constants.as_of.isoformat(),
        "seed": wish.seed,
        "customers": wish.customers,
        "rows": dict(counts),
        "files": [f"{entity}.{wish.file_format}" for entity in counts],
        "sample": found.sample,
        "spread": spread,
        "rare": [
            {"entity": definition.entity, "definition": definition.name, "case": case, "why": why}
            for definition, case in cases_of(model)
            if found.shares[place_of(definition, case)] < RARE
            and (why := "seldom" if can_be(definition, case) else "needs history")
        ],
        "profiles": [
            {"definition": one.definition, "case": one.case, "share": round(one.weight / 1_000_000, 6)}
            for one in found.design.profiles
        ],
        "findings": findings(found),
    }


def findings(found: Calibrated) -> list[dict[str, Any]]:
    """How many records of the sample break a claim of the policy, or have no case or several."""
    counted: dict[tuple[str, str, str], int] = {}
    for one in found.results.findings:
        place = (one.kind, one.entity, one.definition)
        counted[place] = counted.get(place, 0) + 1
    return [
        {"kind": kind, "entity": entity, "name": name, "records": records}
        for (kind, entity, name), records in counted.items()
    ]
