"""The JSON document that `lifeseg nearest` writes, as models."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from lifeseg.cli.document import Part

Status = Literal["found", "there", "impossible", "undecided"]


class NearestChange(Part):
    """A fact that becomes another value."""

    entity: str
    key: str = Field(description="of the record whose fact it is")
    fact: str
    before: str
    after: str
    steps: int
    cost: str


class NearestWay(Part):
    """Changes that lead there together."""

    cost: str
    proved: bool = Field(
        description="that nothing cheaper leads there, without all changes of a way before it"
    )
    changes: list[NearestChange]


class NearestRecord(Part):
    """A record, and the cheapest changes that bring it there."""

    entity: str
    key: str
    name: str | None
    status: Status
    at_least: str | None = Field(description="nothing that costs less leads there; null: it is there")
    value: str | None = Field(description="what is at stake, in a work list")
    ways: list[NearestWay]


class NearestPolicy(Part):
    name: str
    version: str


class NearestDocument(Part):
    """What `lifeseg nearest --format json` writes."""

    version: Literal[1] = 1
    policy: NearestPolicy
    as_of: date
    to: str = Field(description="the case, or `not` and the case")
    among: list[str] = Field(description="the cases whose records are asked about; none: one record")
    total: int = Field(description="how many records are asked about, shown or not")
    unit: str | None = Field(
        description="of the costs; null: assumed, in hundredths of a range or of the value there is"
    )
    valued_by: str | None
    records: list[NearestRecord]
