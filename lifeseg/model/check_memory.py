"""A checked policy comes in; findings about definitions that ask what was of records that nobody knows again go out."""

from __future__ import annotations

from lifeseg.model.context import Context
from lifeseg.model.model import Lifecycle, Score
from lifeseg.model.with_past import holds_on, passing_key


def check_memory(context: Context) -> None:
    """A lifecycle that moves and a band that is left later are told by what the record was in the run before."""
    for one in context.definitions.values():
        asks = bool(one.moves) if isinstance(one, Lifecycle) else isinstance(one, Score) and holds_on(one)
        passing = passing_key(context.entities, one.entity) if asks else None
        if passing is not None:
            entity, fact = passing
            if fact is None:
                context.report("passing-key", one.span, name=one.name, entity=entity)
            else:
                context.report("passing-key.kind", one.span, name=one.name, entity=entity, key=fact.name)
