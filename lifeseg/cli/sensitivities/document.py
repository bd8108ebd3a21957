"""The JSON documents of how much a policy depends on its numbers, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lifeseg.cli.document import Part


class About(Part):
    """The policy, and whom it was evaluated on."""

    name: str
    version: str
    as_of: str
    entity: str
    count: int
    amount: str | None = Field(description="with --value: of everybody")


class Counted(Part):
    count: int
    amount: str | None = Field(description="with --value: of those counted")


class NearThreshold(Part):
    """Who is within a reach of a threshold."""

    entity: str
    decision: str
    case: str | None
    flag: str | None
    of: str = Field(description="the score or index that is compared")
    at: str
    within: str
    near: Counted


class TurnedWeight(Part):
    """Who is decided about otherwise with a smaller, and with a larger weight."""

    name: str
    weight: str
    less: Counted
    more: Counted


class KeptCase(Part):
    """How many are in a case, and how many of them whichever weight is changed; case null: a column of flags as a whole."""

    entity: str
    decision: str
    case: str | None
    count: int
    kept: int


class CaseSize(Part):
    entity: str
    decision: str
    case: str
    size: Counted


class SweepPoint(Part):
    value: str
    moved: Counted = Field(description="decided about otherwise than today")
    sizes: list[CaseSize]


class NumberSwept(Part):
    name: str
    kind: Literal["parameter", "threshold", "weight"]
    now: str
    unit: str | None
    points: list[SweepPoint]


class SensitivityDocument(Part):
    """What `lifeseg sensitivity --format json` writes: of one number its sweep, otherwise the rest."""

    version: Literal[1] = 1
    policy: About
    value: str | None
    by: str | None = None
    thresholds: list[NearThreshold] | None = None
    weights: list[TurnedWeight] | None = None
    cases: list[KeptCase] | None = None
    number: NumberSwept | None = None
