"""A plan's steps and children whose keys are in doubt come in; the steps go out with one that shows on its way whether the
keys are right. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lifeseg.frozen import dataclass
from lifeseg.plan import tree as p


@dataclass(frozen=True, slots=True)
class Children:
    """Records of an entity: the key columns of their parent, and their own, which is one of a few texts."""

    entity: str
    parent: str
    above: tuple[str, ...]
    own: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A saved column that adds up to the count of the children if each has a parent and no key comes twice, and to less
    otherwise.
    """

    saved: str
    column: str
    rows: int


def proving(
    steps: Sequence[p.Step], children: Children, column: str
) -> tuple[tuple[p.Step, ...], str] | None:
    """The steps, and what the one has saved that now has the column; None if no step goes over the children in groups.

    Of each parent the column counts the children, and is null where two have the same key.
    """
    entities: dict[str, str | None] = {}
    for place, step in enumerate(steps):
        if not isinstance(step, p.Save):
            continue
        entities[step.name] = entity_of(step.relation, entities)
        if entities[step.name] != children.parent:
            continue
        relation = counted(step.relation, children, column, entities)
        if relation is not None:
            more = replace(step, relation=relation, columns=(*step.columns, column))
            return (*steps[:place], more, *steps[place + 1 :]), step.name
    return None


def entity_of(relation: p.Relation, saved: Mapping[str, str | None]) -> str | None:
    """The entity whose records are the rows of the relation, each once."""
    while isinstance(relation, p.Extend | p.Attach):
        relation = relation.source
    match relation:
        case p.Scan():
            return relation.entity
        case p.Saved():
            return saved.get(relation.name)
        case _:
            return None


def counted(
    relation: p.Relation, children: Children, column: str, saved: Mapping[str, str | None]
) -> p.Relation | None:
    """The relation with the column, if the children's groups are attached to it anyway."""
    if isinstance(relation, p.Attach) and groups(relation, children, saved):
        assert isinstance(relation.other, p.Summarise)
        own = p.Column("text", 0, 0, False, children.own)
        summary = p.Summary(column, "singles", own, options=children.options)
        other = replace(relation.other, summaries=(*relation.other.summaries, summary))
        return replace(relation, other=other, columns=(*relation.columns, (column, column)))
    if isinstance(relation, p.Attach | p.Extend):
        source = counted(relation.source, children, column, saved)
        return replace(relation, source=source) if source is not None else None
    return None


def groups(relation: p.Attach, children: Children, saved: Mapping[str, str | None]) -> bool:
    """Whether what is attached is one row for each parent, made of all its children."""
    other = relation.other
    if not isinstance(other, p.Summarise) or other.keys != children.above or relation.keys != children.above:
        return False
    return entity_of(other.source, saved) == children.entity
