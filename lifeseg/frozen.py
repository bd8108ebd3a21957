"""Classes of annotated fields come in; the same as frozen dataclasses go out, made without generated text.

`dataclasses` writes the source of six functions for each class and compiles it whenever Python starts: for some hundreds
of classes that is a fifth of a second, more than reading and checking a policy takes. Here all classes share the
functions; only where many objects of a class are made is one written. To `fields`, `replace`, `match` and type checkers
they are what dataclasses are. Knows nothing of lifeseg.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

__all__ = ("dataclass",)

MANY = 1000
"""Of so many objects of a class it pays to have their making written out."""

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, slots: bool = True, eq: bool = True) -> Callable[[type], type]:
        """Like that of `dataclasses`; what is not frozen is left to it."""
        if not (frozen and slots and eq):
            return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq)
        return shaped


def shaped(cls: type) -> type:
    """The class with slots and the functions of a frozen dataclass, but those that it has itself."""
    own = set(vars(cls))
    cls.__doc__ = cls.__doc__ or cls.__name__  # or else its signature would be looked for
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    every: tuple[Field[Any], ...] = dataclasses.fields(made)
    compared = values_of([field.name for field in every if field.compare])
    functions: dict[str, Callable[..., Any]] = {
        "__init__": initial(made, every),
        "__repr__": representation([field.name for field in every if field.repr]),
        "__eq__": equality(compared),
        "__hash__": lambda self: hash(compared(self)),
        "__setattr__": refuse_to_set,
        "__delattr__": refuse_to_delete,
        "__getstate__": lambda self: [getattr(self, field.name) for field in every],
        "__setstate__": restore([field.name for field in every]),
    }
    for name, function in functions.items():
        if name not in own:
            setattr(made, name, function)
    return made


class Given(NamedTuple):
    """A field that is given when an object is made."""

    name: str
    default: Callable[[], Any] | None
    by_name: bool


def initial(cls: type, every: tuple[Field[Any], ...]) -> Callable[..., None]:
    """Sets the fields, in their order or by name, and those with a default of which nothing is said."""
    given = [Given(field.name, default_of(field), bool(field.kw_only)) for field in every if field.init]
    given.sort(key=lambda field: field.by_name)
    puts = [getattr(cls, field.name).__set__ for field in given]
    count = len(given) if not any(field.by_name for field in given) else -1
    unsaid = {field.name: default_of(field) for field in every if not field.init}
    others = [(name, default) for name, default in unsaid.items() if default is not None]
    later = getattr(cls, "__post_init__", None)
    made = itertools.count(1)

    def initialise(self: Any, /, *values: Any, **named: Any) -> None:
        if next(made) == MANY:
            setattr(cls, "__init__", written(cls))  # noqa: B010
        if named or len(values) != count:
            values = bound(cls, given, values, named)
        for put, value in zip(puts, values, strict=True):
            put(self, value)
        for name, default in others:
            object.__setattr__(self, name, default())
        if later is not None:
            later(self)

    return initialise


def bound(
    cls: type, given: Sequence[Given], values: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """A value for each field: what stands in its place, is given by its name, or is its default."""
    rest = given[len(values) :]
    found = [*values]
    for name, default, _ in rest:
        if name in named:
            found.append(named.pop(name))
        elif default is not None:
            found.append(default())
        else:
            raise TypeError(f"{cls.__qualname__} lacks a value for {name}")
    if named or len(values) > len(given) or (values and given[len(values) - 1].by_name):
        raise TypeError(f"{cls.__qualname__} has no place for {len(values)} values and {', '.join(named)}")
    return tuple(found)


def written(cls: type) -> Any:
    """The same as `dataclasses` writes it, which is worth its time where many are made."""
    parts = [(field.name, Any, copy(field)) for field in dataclasses.fields(cls)]
    own = {"__post_init__": cls.__post_init__} if hasattr(cls, "__post_init__") else {}
    twin = dataclasses.make_dataclass(cls.__name__, parts, namespace=own, repr=False, eq=False, frozen=True)
    return vars(twin)["__init__"]


def default_of(field: Field[Any]) -> Callable[[], Any] | None:
    """What gives the field's default."""
    if field.default is not MISSING:
        return lambda: field.default
    return field.default_factory if field.default_factory is not MISSING else None


def values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of fields."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def equality(compared: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, object], Any]:
    def equal(self: Any, other: object) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return compared(self) == compared(other)

    return equal


def representation(names: list[str]) -> Callable[[Any], str]:
    def represent(self: Any) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({shown})"

    return represent


def restore(names: list[str]) -> Callable[[Any, list[Any]], None]:
    def put_back(self: Any, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return put_back


def refuse_to_set(_: object, name: str, __: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def refuse_to_delete(_: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
