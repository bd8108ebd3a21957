"""A small catalogue of its own, so that the renderers' tests do not change when a message does."""

from collections.abc import Mapping

import pytest

from lifeseg.diagnostics import catalogue
from lifeseg.diagnostics.catalogue import Entry

ENTRIES: Mapping[str, Mapping[str, Entry]] = {
    "en": {
        "unknown-name": Entry(
            "error",
            "no index, score or fact is called `{name}`",
            "did you mean `{suggestion}` (a fact of customer, line {line})?",
            None,
        ),
        "missing-not-handled": Entry(
            "error",
            "`{name}` can be missing here, and nothing says what happens then",
            "optional since line {line}",
            "add a line `if missing 0.5` under it, or make the fact required",
            {"fact": "it is declared here, and may be missing", "unfilled": "{nothing} to say"},
        ),
        "weights-sum": Entry("warning", "the leaves of `{name}` sum to {sum}, not 1", None, None),
        "remark": Entry("note", "{text}", None, None),
        "parted": Entry("warning", "one part", None, None),
        "parted.other": Entry(None, "another part", None, None),
    },
    "zh": {
        "missing-not-handled": Entry(
            None,
            "`{name}` 在这里可能缺失，但没有说明缺失时怎么办",
            "第 {line} 行起为可选",
            "在它下面加一行 `if missing 0.5`，或把该字段改为必填",
        ),
    },
}


@pytest.fixture
def small_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "entries", lambda language: ENTRIES.get(language, {}))
