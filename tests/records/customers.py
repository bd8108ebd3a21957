"""Customers, their products and the calls about them, declared by hand, and short ways to load them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lifeseg.diagnostics.catalogue import words
from lifeseg.diagnostics.diagnostic import Diagnostic, Span
from lifeseg.model.expression import Value
from lifeseg.model.model import Entity, Fact
from lifeseg.model.types import DATE, MONTH, TEXT, TRUTH, Type, number
from lifeseg.records.from_files import Loaded, Source, load

PLACE = Span("policy.seg", 1, 1, 1, 2)


def fact(name: str, kind: str, type_: Type, *, step: int = 1, key: bool = False, **more: bool) -> Fact:
    bounded = more.get("bounded", type_.kind == "number")
    type_ = type_.maybe(more.get("optional", False))
    return Fact(name, {}, PLACE, {}, kind, type_, step, key, more.get("personal", False), bounded)


def entity(name: str, parent: str | None, *facts: Fact) -> Entity:
    return Entity(name, {}, PLACE, {}, parent, None, facts)


CUSTOMER = entity(
    "customer",
    None,
    fact("customer_id", "text", TEXT, key=True),
    fact("satisfaction", "rating", number(0, 1, 5)),
    fact("income", "money", number(2, 0, 10**6, (("CNY", 1),)), optional=True),
    fact("wallet_share", "share", number(6, 0, 1), optional=True),
    fact("hours", "number", number(2, -24, 24), step=25, optional=True),
    fact("partnership", "yes/no", TRUTH, optional=True),
    fact("since", "date", DATE, optional=True),
    fact("arrears", "months", number(0, 0, 12, MONTH), optional=True),
    fact("programme", "one of", Type("choice", options=("none", "running", "2G")), optional=True),
    fact("phone", "text", TEXT, optional=True, personal=True),
)
USAGE = entity(
    "usage",
    "customer",
    fact("product", "one of", Type("choice", options=("data", "voice", "ict")), key=True),
    fact("level", "rating", number(0, 1, 5)),
)
CALL = entity("call", "usage", fact("minutes", "count", number(0, 0, 10**9), bounded=False))

ENTITIES = {"customer": CUSTOMER, "usage": USAGE, "call": CALL}


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load_texts(folder: Path, /, on_bad_row: Any = "fail", **texts: str | bytes) -> Loaded:
    """Load entities from CSV files of these texts."""
    sources = {name: Source(write(folder / f"{name}.csv", text)) for name, text in texts.items()}
    return load({name: ENTITIES[name] for name in texts}, sources, on_bad_row)


def customers(folder: Path, text: str | bytes, **more: Any) -> Loaded:
    """Load only customers, from a CSV file of this text."""
    path = write(folder / "customer.csv", text)
    return load({"customer": CUSTOMER}, {"customer": Source(path, **more)})


def one(folder: Path, **cells: str) -> Loaded:
    """Load one customer with these cells."""
    cells = {"customer_id": "C1", "satisfaction": "4"} | cells
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells.values()]
    return customers(folder, ",".join(cells) + "\n" + ",".join(quoted) + "\n")


def values(loaded: Loaded, name: str = "customer") -> list[tuple[Value, ...]]:
    assert loaded.population is not None, said(loaded)
    return loaded.population.rows[name].values


def first(loaded: Loaded) -> Mapping[str, Value]:
    """The values of the first customer by name."""
    return dict(zip((known.name for known in CUSTOMER.facts), values(loaded)[0], strict=True))


def keys(loaded: Loaded) -> list[str]:
    return [found.key for found in loaded.diagnostics]


def errors(loaded: Loaded) -> list[Diagnostic]:
    """The findings without notes on columns that are absent."""
    return [found for found in loaded.diagnostics if found.key != "data-missing-column.optional"]


def only(loaded: Loaded) -> Diagnostic:
    """The one finding there is beside such notes."""
    found = errors(loaded)
    assert len(found) == 1, said(loaded)
    return found[0]


def where(found: Diagnostic) -> tuple[str, int]:
    assert found.span is not None
    return Path(found.span.file).name, found.span.line


def said(loaded: Loaded) -> str:
    """The findings in words, one a line."""
    return "\n".join(in_words(found) for found in loaded.diagnostics)


def in_words(found: Diagnostic) -> str:
    worded = words(found)
    place = f"{Path(found.span.file).name}:{found.span.line}: " if found.span else ""
    return place + worded.message + (f" ({worded.help})" if worded.help else "")
