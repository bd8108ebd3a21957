"""What a run in somebody else's database or cluster has, whichever it is: records that lie there, and a wish."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import DataError, refusal
from lifeseg.pipeline.past import Past
from lifeseg.pipeline.wish import Wish
from lifeseg.records.files import files_of, fingerprint
from lifeseg.records.loaded import Loaded
from lifeseg.records.source import Source, TableName

if TYPE_CHECKING:
    from lifeseg.plan import tree as p
    from lifeseg.plan.proving import Proof
    from lifeseg.records.table_views import Records

Sources = Mapping[str, Source | TableName]


@dataclass(frozen=True, slots=True)
class OnServer(ABC):
    """Views of the records, which have all been looked at; `tables` names the tables results go into."""

    records: Mapping[str, str]
    loaded: Loaded
    sources: Sources
    wish: Wish
    tables: str | None
    past: Past | None

    @property
    def folder(self) -> Path | None:
        """Where files of results go: where they are wanted, or where only the store looks for them."""
        if self.wish.out is not None or self.past is None or not self.past.keeps:
            return self.wish.out
        return self.past.folder

    def proving(self, plan: p.Plan) -> tuple[p.Plan, tuple[Proof, ...]]:
        return plan, ()

    def fingerprint(self) -> str:
        """Of the files, where all records come from files of this machine; otherwise of what the views hold."""
        files = files_among(self.sources)
        if len(files) == len(self.sources) and all(map(files_of, files.values())):
            return fingerprint(files[name] for name in self.records)
        return self.contents()

    @abstractmethod
    def contents(self) -> str:
        """A fingerprint of what the views hold, in any order."""


def files_among(sources: Sources) -> dict[str, Source]:
    return {name: source for name, source in sources.items() if isinstance(source, Source)}


def refuse_setting_aside(sources: Sources, wish: Wish) -> None:
    """Bad rows of a table stay where they are: nobody can put them into a file of their own."""
    if wish.on_bad_row == "set-aside":
        raise refusal(
            "no-data.aside", entity=next(name for name in sources if name not in files_among(sources))
        )


def in_views(found: Records) -> tuple[Mapping[str, str], Loaded]:
    """The views that were made, or what is wrong with the data."""
    if not found.views:
        raise DataError(found.findings)
    return found.views, Loaded(None, found.findings)
