"""The line of a case says whether the case holds, whatever its first condition comes to."""

from __future__ import annotations

import pytest

from tests.explain.conftest import Example

DECISIONS = ("stage", "contract_type", "conversion_type", "intensity", "strategy")


@pytest.mark.parametrize("detail", [2, 3])
def test_a_case_says_what_became_of_it(example: Example, detail: int) -> None:
    compared = 0
    for key in example.keys:
        known = {one.name: one for one in example.trace(key).record.definitions}
        for line in example.explain(key, detail=detail).lines:
            if line.label not in DECISIONS:
                continue
            own = known[line.label]
            cases = {case.name: case.verdict for case in own.cases}
            cases |= (
                {flag: known[flag].value for flag in own.uses if flag in known} if own.kind == "flags" else {}
            )
            for shown in line.lines:
                name = shown.label.removeprefix("start ")
                if shown.role == "case" and name in cases:
                    assert shown.verdict == cases[name], (key, line.label, name)
                    compared += 1
    assert compared > 400
