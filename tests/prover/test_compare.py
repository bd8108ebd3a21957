"""Two versions of a policy: what is proved to be the same is the same of every customer; what is not is shown by one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from lifeseg.interpreter.evaluate import evaluate
from lifeseg.model.model import Flag, Model, Segment
from lifeseg.pipeline.stages import check
from lifeseg.prover.compare import equivalent
from lifeseg.prover.session import Limits
from tests.agreement.pairs import checked, pair

ROOT = Path(__file__).resolve().parents[2]
THRESHOLD = re.compile(r"(?<=>= )\d+|(?<=< )\d+|(?<=<= )\d+")


def orgcust(folder: Path, *changes: tuple[str, str]) -> Model:
    """The pack with some words changed."""
    text = (ROOT / "rules/orgcust/orgcust.seg").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "orgcust.seg").write_text(text, encoding="utf-8")
    return check(folder / "orgcust.seg").good()


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return orgcust(tmp_path_factory.mktemp("old"))


@pytest.mark.slow
def test_a_higher_threshold_moves_two_ways_and_no_other(old: Model, tmp_path: Path) -> None:
    new = orgcust(tmp_path, ('stable relationship" = 0.48', 'stable relationship" = 0.50'))
    found = equivalent(old, new, "customer", "contract_type")
    assert (found.verdict, found.all_found) == ("refuted", True)
    assert {(change.before, change.after) for change in found.changes} == {
        ("maintenance", "relationship_building"),
        ("business_promotion", "relationship_building"),
    }
    assert equivalent(old, new, "customer", "stage").verdict == "proved"
    assert equivalent(old, new, "customer", "intensity").verdict == "proved"


@pytest.mark.slow
def test_another_way_to_say_it_is_the_same(old: Model, tmp_path: Path) -> None:
    """Whoever is in conversion has a product, so `every … not` and `no` come to the same there."""
    new = orgcust(tmp_path, ("when no usage: at_risk", "when every usage: not at_risk"))
    assert equivalent(old, new, "customer", "conversion_type").verdict == "proved"


@pytest.mark.slow
def test_nobody_differs_where_versions_are_proved_to_agree() -> None:
    """One threshold of a generated policy is another one."""
    verdicts: Counter[str] = Counter()
    for number in range(0, 60, 2):
        found = pair(number)
        changed = None if found is None else other_threshold(found.text, Random(number))
        model = None if changed is None else checked(changed)[0]
        if found is None or model is None:
            continue
        before = evaluate(found.model, found.population, found.as_of)
        after = evaluate(model, found.population, found.as_of, baseline=before.baseline)
        assumed = not any(one.kind == "assume" for one in (*before.findings, *after.findings))
        for one in found.model.definitions:
            if isinstance(one, Segment | Flag) and not one.made:
                limits = Limits(1, 3)
                same = equivalent(found.model, model, one.entity, one.name, limits=limits, day=found.as_of)
                verdicts[same.verdict] += 1
                assert all(change.before != change.after for change in same.changes)
                if same.verdict == "proved" and assumed:
                    assert before.column(one.entity, one.name) == after.column(one.entity, one.name), one.name
    assert verdicts["proved"] > verdicts["refuted"] > 0, verdicts


def other_threshold(text: str, source: Random) -> str | None:
    places = list(THRESHOLD.finditer(text))
    if not places:
        return None
    place = source.choice(places)
    return text[: place.start()] + str(int(place[0]) + 1) + text[place.end() :]
