"""A checked model and an entity come in; a pydantic model of the entity's records goes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from lifeseg.model.model import Fact, Model

SETTINGS = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


def record_model(model: Model, entity: str) -> type[BaseModel]:
    """A field for each fact, and a list of models for each child entity."""
    found = model.entities[entity]
    fields: dict[str, Any] = {fact.name: field_of(fact) for fact in found.facts}
    for child in model.entities.values():
        if child.parent == entity:
            fields[child.name] = (list[record_model(model, child.name)], Field(default_factory=list))  # type: ignore[misc]
    made = create_model(entity, __config__=SETTINGS, **fields)
    made.__doc__ = found.titles.get("en") or entity
    return made


def field_of(fact: Fact) -> tuple[Any, Any]:
    """Type and default of a field; an optional fact may be left out."""
    kind = type_of(fact)
    about = Field(description=fact.titles.get("en") or fact.name)
    if not fact.type.optional:
        return Annotated[kind, about], ...
    return Annotated[kind | None, about], None


def type_of(fact: Fact) -> Any:
    match fact.type.kind:
        case "number":
            return number_type(fact)
        case "choice":
            return Literal[fact.type.options]
        case "truth":
            return bool
        case "date":
            return date
        case _:
            return str


def number_type(fact: Fact) -> Any:
    """A number within its range and on its step, in the unit of the declaration (years are written in
    years).
    """
    years = 12 if fact.kind == "years" else 1
    unit = Decimal(10) ** fact.type.scale
    step = Decimal(fact.step) / unit / years
    low, high = (Decimal(b.numerator) / b.denominator / years for b in (fact.type.low, fact.type.high))
    of_step: dict[str, Any] = {"multiple_of": step}
    if fact.type.scale == 0 and step == 1:
        return Annotated[int, Field(ge=int(low), le=int(high))]
    return Annotated[Decimal, Field(ge=low, le=high, **of_step)]
