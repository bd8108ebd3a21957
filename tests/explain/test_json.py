"""The JSON is what its schema says, versioned, and reads back as the trace it was made from."""

import json

from pydantic import TypeAdapter

from lifeseg.explain.to_json import DOCUMENT_VERSION, Document, to_json, trace_schema
from lifeseg.interpreter.trace import TRACE_VERSION
from tests.explain.conftest import Example


def test_reads_back(example: Example) -> None:
    trace = example.trace("C19")
    explanation = example.explain("C19", run="14")
    found = TypeAdapter(Document).validate_json(to_json(explanation, trace))
    assert found.trace == trace
    assert found.sentence == explanation.sentence
    assert (found.version, found.trace.version) == (DOCUMENT_VERSION, TRACE_VERSION)
    assert (found.key, found.name, found.run) == ("C19", "Huatai Logistics", "14")
    assert [(place.rank, place.population) for place in found.positions] == [("value_level", 150)]


def test_is_text_a_person_can_read(example: Example) -> None:
    text = to_json(example.explain("C19", language="zh"), example.trace("C19"))
    assert "预警型" in text
    assert text.endswith("}\n")


def test_schema_describes_every_part() -> None:
    schema = trace_schema()
    json.dumps(schema)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert set(schema["required"]) == {
        "version", "key", "name", "run", "book", "language", "sentence", "positions", "standings", "changes",
            "earlier", "since", "trace",
    }  # fmt: skip
    assert {"Trace", "RecordTrace", "DefinitionTrace", "CaseTrace", "Clause", "Child"} <= set(schema["$defs"])
