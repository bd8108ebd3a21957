"""The JSON document of a change between two versions of a policy, as models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from lifeseg.cli.document import Part


class ChangedLine(Part):
    """A line as it was and as it is; null where it was added or taken away."""

    line: int = Field(description="its number in the new file, or that of the line above which it stood")
    before: str | None
    after: str | None


class ChangedRule(Part):
    """A part of the policy that is not what it was."""

    how: Literal["added", "removed", "changed"]
    kind: str
    name: str
    of: str | None = Field(description="its entity, or the block or entity that it stands in")
    owner: str | None
    file: str
    line: int = Field(description="the first line that differs; of a removed part, where it was")
    meaning: bool = Field(description="results may depend on it")
    reordered: bool = Field(description="the same lines in another order")
    lines: list[ChangedLine]


class Way(Part):
    """So many records went from a case to another; of a flags block one flag, from `yes` to `no` or from `no` to `yes`."""

    definition: str
    flag: str | None = None
    before: str | None = Field(alias="from")
    after: str | None = Field(alias="to")
    count: int
    value: str | None = Field(description="with --value: of those who go this way")
    examples: list[str]


class BeforeAfter(Part):
    before: str | None
    after: str | None


class MovedRecord(Part):
    """A record that moves, by definition, and the changes that alone do it."""

    key: list[str]
    cases: dict[str, BeforeAfter]
    causes: list[str] | None = Field(description="null: not looked for")
    together: bool = Field(description="no change does it alone")


class NearRecord(Part):
    key: list[str]
    amount: str = Field(description="under the new version")
    distance: str = Field(description="from the threshold, never negative")


class NearestRecords(Part):
    """A threshold that decides otherwise than before, and who did not move but comes nearest to it, the nearest first."""

    decision: str = Field(description="the column in which they did not move")
    case: str | None = Field(description="the band or class that starts there")
    flag: str | None
    column: str = Field(description="the score or index whose amount is compared")
    before: str | None = Field(description="where the threshold was; null: there was none")
    after: str
    short: list[NearRecord] = Field(description="who falls short of it")
    reached: list[NearRecord] = Field(description="who reaches it")


class Moves(Part):
    """What becomes of the records of an entity."""

    entity: str
    records: int
    new: int
    gone: int
    moved: int = Field(description="records of both versions with another case in any decision")
    value: str | None
    went: list[Way]
    sizes: dict[str, dict[str, list[int]]] = Field(
        description="by definition and case or flag: how many had it, and have it"
    )
    amounts: dict[str, int] = Field(description="by score or index: of how many records it is another amount")
    movers: list[MovedRecord] = Field(description="the first thousand")
    nearest: list[NearestRecords]


class PossibleChange(Part):
    before: str | None = Field(alias="from")
    after: str | None = Field(alias="to")


class Possible(Part):
    """With --prove: what can become of a decision for anybody there could be."""

    entity: str
    name: str
    verdict: Literal["proved", "proved up to", "refuted", "not decided"]
    complete: bool = Field(description="no other changes can happen")
    changes: list[PossibleChange]


class CutChange(Part):
    rank: str
    case: str
    before: str | None
    after: str | None


class KpiChange(Part):
    """A KPI that comes to something else, as `run.json` tells it."""

    name: str
    before: dict[str, Any]
    after: dict[str, Any]


class GateFound(Part):
    text: str
    found: str
    fails: bool


class ChangeDocument(Part):
    """What `lifeseg diff --format json` writes."""

    version: Literal[1] = 1
    old: str
    new: str
    equivalent: bool
    rules: list[ChangedRule]
    moves: list[Moves]
    can_happen: list[Possible]
    cuts: list[CutChange]
    kpis: list[KpiChange]
    gates: list[GateFound]
    population: bool = Field(description="records were evaluated under both versions")
