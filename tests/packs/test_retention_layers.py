"""The pack retention_layers: the published combination, the exclusions, and grids without a gap."""

from collections import Counter
from functools import cache
from itertools import product

import lifeseg
from tests.docs.recorded import ROOT

PACK = "retention_layers"
FOLDER = ROOT / "examples" / PACK
AS_OF = "2013-06-30"

LATER = {
    "high": "0",
    "medium": "100",
    "low": "100",
}  # the revenue of May that makes the tendency, after 100 a month


@cache
def policy() -> lifeseg.Policy:
    return lifeseg.load(ROOT / "rules" / PACK)


@cache
def results() -> lifeseg.Results:
    return policy().run({"customer": FOLDER / "customers.csv", "bill": FOLDER / "bills.csv"}, as_of=AS_OF)


def user(**facts: object) -> dict[str, object]:
    """A mobile user who takes part, is not tied, and pays 100 CNY a month."""
    plain: dict[str, object] = {
        "customer_id": "X",
        "service": "mobile",
        "account": "paying",
        "leased": False,
        "state": "normal",
        "joined": "2011-01-01",
        "listed": "none",
        "silent": False,
        "corporate": False,
        "convergence": "none",
        "bundle_end": None,
        "snapshot": False,
        "terminal": "2G",
        "terminal_age": 14,
        "traffic": 500,
        "phone_added": None,
        "speed": None,
        "itv": None,
        "bill": bills("100", "100"),
    }
    return plain | facts


def evaluated(facts: dict[str, object]) -> dict[str, object]:
    """What one user comes to beside those of the example, who share the campaign's budget."""
    return dict(policy().evaluate(facts, AS_OF, baseline=results().baseline))


def bills(before: str, last: str) -> list[dict[str, object]]:
    months = {"2013-02-28": before, "2013-03-31": before, "2013-04-30": before, "2013-05-31": last}
    return [{"billed_on": day, "revenue": revenue, "minutes": 60} for day, revenue in months.items()]


def test_the_published_combination_is_offered_deposit_and_gift_at_every_tendency() -> None:
    for tendency, traffic in product(LATER, (100, 500)):
        facts = user(
            bundle_end="2013-08-01",
            snapshot=True,
            traffic=traffic,
            corporate=tendency == "low",
            bill=bills("100", LATER[tendency]),
        )
        found = evaluated(facts)
        assert (found["tendency"], found["mobile_offer"]) == (tendency, "deposit_and_gift")


def test_each_of_the_36_combinations_has_a_layer() -> None:
    ends = {"unbundled": None, "expiring": "2013-08-01", "bundled": "2015-01-01"}
    before = {"snapshot_user": "100", "high_user": "100", "medium_user": "50", "low_user": "10"}
    layers = {}
    for bundling, value, tendency in product(ends, before, LATER):
        last = "0" if tendency == "high" else before[value]
        facts = user(
            bundle_end=ends[bundling],
            snapshot=value == "snapshot_user",
            corporate=tendency == "low",
            bill=bills(before[value], last),
        )
        found = evaluated(facts)
        assert (found["bundling"], found["value"], found["tendency"]) == (bundling, value, tendency)
        layers[bundling, value, tendency] = found["stability"]
    assert Counter(layers.values()) == {"act_now": 8, "prepare": 15, "care": 13}


def test_each_of_the_27_and_12_combinations_has_a_need() -> None:
    mobile = [
        evaluated(user(terminal=terminal, terminal_age=age, traffic=traffic))["mobile_need"]
        for terminal, age, traffic in product(("2G", "3G", "smartphone"), (11, 12, 18), (99, 100, 500))
    ]
    assert len(mobile) == 27
    assert {"ask", None}.isdisjoint(mobile)
    broadband = [
        evaluated(user(service="broadband", phone_added=phone, speed=speed, itv=itv))
        for phone, speed, itv in product((True, False), (1, 2, 4), (True, False))
    ]
    needs = [found["broadband_need"] for found in broadband]
    assert len(needs) == 12
    assert {"ask", None}.isdisjoint(needs)


def test_whoever_is_left_out_gets_no_layer_and_no_offer() -> None:
    records = [results().record("customer", index) for index in range(35)]
    left_out = [record for record in records if not record["scope"]]
    assert len(left_out) == 8
    for name in ("stability", "mobile_need", "broadband_need", "mobile_offer", "broadband_offer"):
        assert {record[name] for record in left_out} == {None}
    assert all((r["mobile_offer"] is None) != (r["broadband_offer"] is None) for r in records if r["scope"])


COSTS = {"gift": 60, "terminal_deal": 150, "renewal": 40, "line_deal": 80, "to_try": 15, "call": 0}


def test_the_campaign_keeps_within_its_limits_and_leaves_alone_whom_it_must() -> None:
    records = [results().record("customer", index) for index in range(35)]
    made = Counter(offer for record in records for offer in record["retention"])
    assert sum(COSTS[offer] * count for offer, count in made.items()) == 585
    assert made["terminal_deal"] == 1  # all that are in stock
    assert made["call"] == 6  # of 7: three are tied for the last one
    assert max(len(record["retention"]) for record in records) == 2
    assert [record["retention"] for record in records if not record["scope"]] == [[]] * 8


def test_nothing_is_found() -> None:
    assert results().findings == ()
