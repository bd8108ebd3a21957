"""What lint asks of the packs: little, and each question is a sensible one. The rest of them are clean."""

import json
from pathlib import Path

import pytest

from tests.packs.example import session_of
from tests.packs.test_every_pack import PACKS

ASKED = {
    # All that make a customer a special one stand in one condition, as the source has them in one sentence.
    "big_customer": [("guard-long", "special")],
    # Labels and segments ask for the same ages and the same number of complaints, and nobody has named them.
    "clm": [("number-repeated", "2"), ("number-repeated", "30"), ("number-repeated", "60")],
    # Eight kinds of customers are left out of the layers, in one list.
    "retention_layers": [("guard-long", "layered")],
}


@pytest.mark.parametrize("pack", PACKS)
def test_what_is_asked(pack: str, tmp_path: Path) -> None:
    session = session_of(pack, tmp_path)
    found = json.loads(session.run("lifeseg lint --format json 2>/dev/null"))["findings"]
    subjects = [(one["code"], one["message"].split("`")[1]) for one in found]
    assert subjects == ASKED.get(pack, [])
    assert session.status == (1 if found else 0)


@pytest.mark.parametrize("pack", ["orgcust", "mobile_value"])
def test_both_engines_ask_the_same(pack: str, tmp_path: Path) -> None:
    """With limits so strict that there is much to ask."""
    session = session_of(pack, tmp_path)
    assert session.place is not None
    settings = session.place / "lifeseg.toml"
    strict = """
[lint.threshold-crowded]
within = 0.2
share = 0.01

[lint.indexes-correlated]
correlation = 0.1

[lint.case-small]
share = 0.5
"""
    settings.write_text(settings.read_text(encoding="utf-8") + strict, encoding="utf-8")
    one, other = (session.run(f"lifeseg lint --engine {engine}") for engine in ("interpreter", "duckdb"))
    assert one == other
    assert all(f"[{code}]" in one for code in ("threshold-crowded", "indexes-correlated", "case-small"))
