"""Policy text comes in; its model and the keys of what was found go out, for tests that need no more."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from lifeseg.diagnostics.catalogue import severity
from lifeseg.interpreter.evaluate import evaluate
from lifeseg.interpreter.results import Results
from lifeseg.model.from_trees import from_trees
from lifeseg.model.model import Model
from lifeseg.records.population import Population, Rows
from lifeseg.syntax.definitions import File
from lifeseg.syntax.from_text import from_text

TODAY = date(2013, 6, 30)

CUSTOMER = """
policy example
  version 1.0.0

entity customer
  customer_id text key
  age count 0..120
  bonus money CNY 0..1000000 optional
  part share
  joined date optional
  vip yes/no optional
  region one of north, south optional

entity usage of customer dated used_on
  product one of voice, data, mobile key
  used_on date
  level rating 1..5
  extra count 0..10 optional

entity call of usage
  minutes count 0..100

"""


def found(
    text: str, packs: Mapping[str, str] | None = None, head: str = CUSTOMER
) -> tuple[Model | None, list[str]]:
    """The model and the keys of all findings but those about what nothing uses, in the order of the text."""
    file, problems = from_text(head + text, "example.seg")
    assert not problems, problems
    model, findings = from_trees([file], looked_up(packs or {}))
    return model, [one.key for one in findings if one.code not in ("unused-fact", "unused-definition")]


def looked_up(packs: Mapping[str, str]) -> Callable[[str, str], Sequence[File] | None]:
    files = {name: [from_text(text, f"{name}/{name}.seg")[0]] for name, text in packs.items()}
    return lambda name, version: files.get(name)


def keys(text: str, packs: Mapping[str, str] | None = None, head: str = CUSTOMER) -> list[str]:
    return found(text, packs, head)[1]


def model_of(text: str, head: str = CUSTOMER) -> Model:
    """A model without errors; warnings may be."""
    file, problems = from_text(head + text, "example.seg")
    assert not problems, problems
    model, findings = from_trees([file])
    assert model is not None, [one for one in findings if severity(one) == "error"]
    return model


def population(model: Model, **records: Sequence[Mapping[str, Any]]) -> Population:
    """Records by entity as facts by name; a child says under `of` to which record of its parent it belongs."""
    rows = {}
    for name, entity in model.entities.items():
        rows[name] = Rows(name)
        for place, record in enumerate(records.get(name, ())):
            rows[name].values.append(tuple(record.get(fact.name) for fact in entity.facts))
            rows[name].parents += [record.get("of", 0)] if entity.parent else []
            rows[name].lines.append(place + 2)
    return Population(rows, "")


def results(
    text: str, day: date = TODAY, head: str = CUSTOMER, **records: Sequence[Mapping[str, Any]]
) -> Results:
    model = model_of(text, head)
    return evaluate(model, population(model, **records), day)
