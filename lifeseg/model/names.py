"""A name and where it stands come in; the fact, definition or parameter it means goes out, or a finding."""

from __future__ import annotations

from lifeseg.diagnostics.diagnostic import Label, Span
from lifeseg.model import expression as e
from lifeseg.model.context import Context, Scope, Unresolved
from lifeseg.model.model import Entity
from lifeseg.model.symbols import closest
from lifeseg.model.types import DATE
from lifeseg.syntax import tree as t


def resolve_name(context: Context, scope: Scope, tree: t.Name) -> e.Expression:
    """A bare name is the entity's own, a parameter, or `today`; `customer.satisfaction` is the parent's."""
    if len(tree.parts) == 1:
        return own_name(context, scope, tree, tree.parts[0])
    entity, up = scope.entity, 0
    while entity and entity != tree.parts[0]:
        entity, up = parent_of(context, entity), up + 1
    if not entity:
        foreign_entity(context, scope, tree)
        raise Unresolved
    found = field_of(context, entity, ".".join(tree.parts[1:]), up, tree.span)
    if found is None:
        unknown_name(context, entity, ".".join(tree.parts[1:]), tree.span)
        raise Unresolved
    return found


def own_name(context: Context, scope: Scope, tree: t.Name, name: str) -> e.Expression:
    if name == "today":
        return e.Today(tree.span, DATE)
    found = field_of(context, scope.entity, name, 0, tree.span)
    if found is not None:
        return found
    parameter = context.parameters.get(name)
    if parameter is not None:
        context.used.add(("", name))
        return e.Parameter(tree.span, parameter.type, name)
    if name in context.symbols.parameters:
        raise Unresolved  # reported where it is declared
    if name in context.entities:
        context.report("wrong-kind.entity", tree.span, name=name)
        raise Unresolved
    unknown_name(context, scope.entity, name, tree.span)
    raise Unresolved


def parent_of(context: Context, entity: str) -> str:
    found = context.entities.get(entity)
    return (found.parent or "") if found else ""


def field_of(context: Context, entity: str, name: str, up: int, span: Span) -> e.Expression | None:
    """The record's fact or definition; raises where the definition itself is broken."""
    key = (entity, name)
    if key in context.symbols.definitions:
        context.used.add(key)
        definition = context.definitions.get(key)
        if definition is None:
            raise Unresolved
        return e.Field(span, definition.type, entity, name, up)
    fact = context.facts.get(key)
    if fact is None:
        return None
    context.used.add(key)
    return e.Field(span, fact.type, entity, name, up)


def unknown_name(context: Context, entity: str, name: str, span: Span) -> None:
    """Names the nearest name of the entity, or where the name is known: at a parent, a child, as a case."""
    symbols = context.symbols
    names = [*symbols.names_of(entity), *symbols.parameters]
    suggestion = closest(name, names)
    if suggestion:
        line = place_of(context, entity, suggestion)
        label = (Label(line, "meant"),) if line else ()
        context.report("unknown-name", span, *label, name=name, suggestion=suggestion, entity=entity)
        return
    for other in relatives(context, entity):
        if name in symbols.names_of(other):
            key = "unknown-name.parent" if other in ancestors(context, entity) else "unknown-name.child"
            context.report(key, span, name=name, entity=entity, other=other)
            return
    context.report("unknown-name", span, name=name, entity=entity)


def place_of(context: Context, entity: str, name: str) -> Span | None:
    symbol = context.symbols.definitions.get((entity, name))
    if symbol:
        return symbol.name_span
    fact = context.facts.get((entity, name))
    return fact.span if fact else None


def ancestors(context: Context, entity: str) -> list[str]:
    found: list[str] = []
    while entity := parent_of(context, entity):
        found.append(entity)
    return found


def relatives(context: Context, entity: str) -> list[str]:
    children = [name for name, other in context.entities.items() if other.parent == entity]
    return [*ancestors(context, entity), *children]


def foreign_entity(context: Context, scope: Scope, tree: t.Name) -> None:
    head = tree.parts[0]
    known = {scope.entity, *ancestors(context, scope.entity)}
    if head in context.entities:
        context.report(
            "unknown-name.child", tree.span, name=".".join(tree.parts), entity=scope.entity, other=head
        )
    else:
        context.report("unknown-name.entity", tree.span, name=head, suggestion=closest(head, known))


def unknown_case(context: Context, subject: e.Expression, span: Span, word: str) -> None:
    options = subject.type.options
    named = (
        subject.name
        if isinstance(subject, e.Field)
        else subject.score
        if isinstance(subject, e.Band)
        else "it"
    )
    suggestion = closest(word, options)
    context.report(
        "unknown-case", span, name=word, owner=named, options=", ".join(options), suggestion=suggestion
    )


def entity_named(context: Context, tree: t.Name) -> Entity:
    """The entity of that name, or a finding."""
    name = ".".join(tree.parts)
    found = context.entities.get(name)
    if found is None:
        context.report(
            "unknown-name.entity", tree.span, name=name, suggestion=closest(name, context.entities)
        )
        raise Unresolved
    return found


def child_named(context: Context, scope: Scope, tree: t.Name) -> Entity:
    """A child entity of the record at hand."""
    entity = entity_named(context, tree)
    if entity.parent != scope.entity:
        children = [name for name, other in context.entities.items() if other.parent == scope.entity]
        context.report(
            "wrong-parent",
            tree.span,
            name=entity.name,
            entity=scope.entity,
            children=", ".join(children) or None,
        )
        raise Unresolved
    return entity
