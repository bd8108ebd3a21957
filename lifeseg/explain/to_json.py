"""An explanation and its trace come in, versioned JSON goes out, its schema from the same dataclasses."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from lifeseg.explain.explanation import Explanation
from lifeseg.explain.masking import masked
from lifeseg.frozen import dataclass
from lifeseg.interpreter.trace import Trace

DOCUMENT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Position:
    """The record's place in a rank, 1 being the highest value, and how many records have one."""

    rank: str
    position: int
    population: int


@dataclass(frozen=True, slots=True)
class Document:
    """What `explain --format json` writes: the sentence for people, the trace for programs."""

    version: int
    key: str
    name: str | None
    run: str | None
    language: str
    sentence: str
    positions: tuple[Position, ...]
    trace: Trace


def document(explanation: Explanation, trace: Trace) -> Document:
    """What is written of an explanation; personal facts are masked unless it shows them."""
    return Document(
        version=DOCUMENT_VERSION,
        key=explanation.key,
        name=explanation.name,
        run=explanation.run,
        language=explanation.language,
        sentence=explanation.sentence,
        positions=tuple(Position(*place) for place in explanation.positions),
        trace=trace if explanation.shows_personal else masked(trace),
    )


def to_json(explanation: Explanation, trace: Trace) -> str:
    """The document as indented JSON text, ending with a line break."""
    content = asdict(document(explanation, trace))
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def trace_schema() -> dict[str, Any]:
    """The JSON Schema of what `to_json` writes."""
    from pydantic import TypeAdapter

    schema = TypeAdapter(Document).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
