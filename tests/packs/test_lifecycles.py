"""The pack lifecycles: twelve lifecycles on the same customers, and the page that compares them."""

from collections.abc import Iterator
from functools import cache

import lifeseg
from tests.docs.recorded import ROOT

PACK = "lifecycles"
FOLDER = ROOT / "examples" / PACK
AS_OF = "2013-06-30"

STATES = {
    "six_stages": 6,
    "relationship": 4,
    "telecom": 5,
    "operator_stage": 4,
    "users": 5,
    "theory": 4,
    "template": 4,
    "processes": 5,
    "needs": 4,
    "curve": 4,
    "kinds": 4,
    "journey": 6,
}
PLANS = ("segmentation_plan", "product_plan", "channel_plan", "promotion_plan", "loyalty_plan")


@cache
def results() -> lifeseg.Results:
    return lifeseg.load(ROOT / "rules" / PACK).run({"customer": FOLDER / "customers.csv"}, as_of=AS_OF)


def compared() -> Iterator[tuple[str, str, str]]:
    """Customer, definition and state of each cell of the tables on the page."""
    heading: list[str] = []
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "customer_id":
            heading = cells
        elif line.startswith("| K"):
            for name, cell in zip(heading[1:], cells[1:], strict=True):
                yield cells[0], name, cell


def test_the_page_shows_where_each_customer_stands() -> None:
    cells = list(compared())
    assert len(cells) == 17 * 14
    for customer, name, state in cells:
        place = results().index("customer", customer)
        assert place is not None
        assert results().record("customer", place)[name] == state, (customer, name)


def test_every_state_of_every_lifecycle_is_shown_by_a_customer() -> None:
    assert {name: len(set(results().column("customer", name))) for name in STATES} == STATES


def test_five_elements_of_marketing_differ_in_each_of_the_five_stages() -> None:
    for plan in PLANS:
        pairs = set(
            zip(results().column("customer", "telecom"), results().column("customer", plan), strict=True)
        )
        assert len(pairs) == len({planned for _, planned in pairs}) == 5


def test_all_four_strategies_are_followed() -> None:
    assert set(results().column("customer", "strategy")) == {"attract", "keep", "win_back", "abandon"}


def test_nothing_is_found() -> None:
    assert results().findings == ()
