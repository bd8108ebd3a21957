"""A policy and its setting come in; what its flags say of themselves goes out, searched and narrowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

from lifeseg.frozen import dataclass
from lifeseg.model.model import Flag, Model
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.freshness import Stale, stale_flags
from lifeseg.pipeline.opened import closest
from lifeseg.pipeline.setting import Setting

POLICY_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flags: all that hold every word of `search`, and are of the category, source and owner named."""

    search: str | None = None
    category: str | None = None
    source: str | None = None
    owner: str | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A flag with its information lines; what is not said is None. `titles` by language, `en` the policy's own."""

    name: str
    titles: dict[str, str]
    entity: str
    block: str | None
    category: str | None
    source: str | None
    refresh: str | None
    owner: str | None
    use: str | None
    note: str | None
    place: str
    stale: Stale | None

    @property
    def title(self) -> str:
        return self.titles.get(POLICY_LANGUAGE, "")


@dataclass(frozen=True, slots=True)
class Labels:
    """The flags found, in the order of the text, and how many there are."""

    policy: str
    version: str
    as_of: date | None
    labels: tuple[Label, ...]
    among: int


def labels(model: Model, setting: Setting, wanted: Wanted) -> Labels:
    """The flags asked for; a category, source or owner that none has is refused, with the nearest there is."""
    stale = stale_flags(model, setting)
    known = [
        label_of(one, stale.get((one.entity, one.name)))
        for one in sorted(
            (one for one in model.definitions if isinstance(one, Flag)), key=lambda one: one.span[:3]
        )
    ]
    found = known
    for what in ("category", "source", "owner"):
        if (asked := getattr(wanted, what)) is not None:
            found = narrowed(found, known, what, asked)
    words = (wanted.search or "").casefold().split()
    found = [one for one in found if all(word in text for text in [searched(one)] for word in words)]
    if wanted.stale:
        found = [one for one in found if one.stale is not None]
    return Labels(model.name, model.version, setting.as_of, tuple(found), len(known))


def label_of(flag: Flag, stale: Stale | None) -> Label:
    said = flag.information.get
    return Label(
        flag.name, dict(flag.titles), flag.entity, flag.block, said("category"), said("source"), said("refresh"),
        said("owner"), said("use_for"), said("note"), f"{PurePath(flag.span.file).as_posix()}:{flag.span.line}", stale,
    )  # fmt: skip


def narrowed(found: Sequence[Label], known: Sequence[Label], what: str, asked: str) -> list[Label]:
    """Those whose category, source or owner holds the text asked for, capitals or not."""
    if not any(holds(one, what, asked) for one in known):
        names = sorted({value for one in known if (value := getattr(one, what)) is not None})
        raise refusal("no-such-name.information", what=what, name=asked, suggestion=closest(asked, names))
    return [one for one in found if holds(one, what, asked)]


def holds(label: Label, what: str, asked: str) -> bool:
    return asked.casefold() in (getattr(label, what) or "").casefold()


def searched(label: Label) -> str:
    """Everything a search looks at: names, titles of all languages, and what the information lines say."""
    texts = [label.name, label.name.replace("_", " "), *label.titles.values(), label.block, label.category]
    texts += [label.source, label.refresh, label.owner, label.use, label.note]
    return "\n".join(text for text in texts if text).casefold()
