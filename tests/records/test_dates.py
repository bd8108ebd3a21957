"""A date fact with a range holds its days to it, both ends included."""

from datetime import date
from pathlib import Path

import pytest

from lifeseg.model.from_trees import from_trees
from lifeseg.records.from_files import load
from lifeseg.records.source import Source
from lifeseg.syntax.from_text import from_text

POLICY = """policy page
  version 1.0.0

entity customer
  customer_id text key
  joined date 2010-01-01..2012-12-31

flags age of customer
  early when joined < 2011-01-01
"""


@pytest.mark.parametrize(
    ("day", "good"),
    [("2010-01-01", True), ("2012-12-31", True), ("2009-12-31", False), ("2013-01-01", False)],
)
def test_the_range_of_a_date(tmp_path: Path, day: str, good: bool) -> None:
    model, found = from_trees([from_text(POLICY, "page.seg")[0]])
    assert model is not None
    assert found == ()
    path = tmp_path / "customer.csv"
    path.write_text(f"customer_id,joined\nC1,{day}\n", encoding="utf-8")
    loaded = load(model.entities, {"customer": Source(path)})
    if good:
        assert loaded.population is not None
        assert loaded.population.rows["customer"].values == [("C1", date.fromisoformat(day))]
    else:
        assert [finding.key for finding in loaded.diagnostics] == ["data-range"]
        assert loaded.diagnostics[0].arguments["high"] == "2012-12-31"
