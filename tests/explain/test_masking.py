"""Personal facts are seen by nobody who did not ask for them, in whatever form."""

import re

from lifeseg.explain.comparison import compare
from lifeseg.explain.explanation import Beside, Explanation
from lifeseg.explain.from_trace import explain
from lifeseg.explain.masking import MASK, masked
from lifeseg.explain.to_console import to_console
from lifeseg.explain.to_json import to_json
from lifeseg.explain.to_markdown import to_markdown
from lifeseg.interpreter.trace import Child, Clause, DefinitionTrace, RecordTrace, Trace
from tests.explain import made

SECRETS = ("13912345678", "71234", "21234", "Li Ming", "1961-05-17", "88871", "77701", "66601")


def secretive(phone: str = "13912345678", income: str = "71234") -> Trace:
    """Somebody whose key, name, income and birthday are personal, as are the keys of the contracts."""
    earns = made.field("income", value=income)
    rich = made.compare(earns, ">", "50000", "yes", str(int(income) - 50000), "CNY")
    born = made.compare(made.field("born", value="1961-05-17"), "<", "1970-01-01", "yes", "-3151", "day")
    contracts = tuple(contract(number, at) for at, number in enumerate(("77701", "66601")))
    paid = made.field("paid", value="88871")
    rows = tuple(Child("contract", found.key, True, paid) for found in contracts)
    text = "max(paid over contract)"
    most = Clause(text, "aggregate", made.PLACE, value="88871", name="max", children=rows)
    pays = made.compare(most, ">", "10", "yes", "88861")
    much = made.compare(paid, ">", "10", "yes", "88861")
    some = made.over("some", "contract", "paid > 10", {found.key: much for found in contracts})
    copied = DefinitionTrace(
        "same", "index", {}, income, made.PLACE, formula=earns, uses=("income",), remarks=("personal",)
    )
    definitions = (
        copied,
        made.score(
            "worth", "0.5000", {"good": ("0.4", "0.1"), "bad": (None, None)}, "good",
            made.term("income", "0.5", income, "35617", "21234"),
        ),
        made.segment("kind", {"rich": made.both(rich, born, pays, some), "other": None}, "rich"),
    )  # fmt: skip
    facts = (
        made.fact("phone", phone, personal=True, key=True),
        made.fact("called", "Li Ming", personal=True),
        made.fact("income", income, personal=True, unit="CNY", kind="money"),
        made.fact("born", "1961-05-17", personal=True, kind="date"),
        made.fact("city", "Guangzhou"),
    )
    return made.trace(made.record(facts, definitions, *contracts, key=phone), contract="Contract")


def contract(number: str, at: int) -> RecordTrace:
    facts = (
        made.fact("number", number, personal=True, key=True),
        made.fact("paid", "88871", personal=True),
        made.fact("city", f"town {at}"),
    )
    return RecordTrace("contract", number, facts, ())


def renderings(explanation: Explanation, trace: Trace) -> str:
    return to_console(explanation) + to_markdown(explanation) + to_json(explanation, trace)


def test_nothing_personal_is_shown_at_any_level() -> None:
    trace = secretive()
    for detail in range(5):
        for language in ("en", "zh"):
            asked = explain(trace, Beside(name="Li Ming"), detail=detail, language=language)
            shown = renderings(asked, trace)
            assert [secret for secret in SECRETS if secret in shown] == []
    assert MASK in shown
    assert "Guangzhou" in shown
    assert "town 1" in shown


def test_why_not_shows_nothing_personal() -> None:
    trace = secretive()
    shown = renderings(explain(trace, Beside(name="Li Ming"), why_not="rich"), trace)
    assert [secret for secret in SECRETS if secret in shown] == []


def test_personal_facts_are_shown_on_demand() -> None:
    trace = secretive()
    explanation = explain(trace, Beside(name="Li Ming"), detail=4, show_personal=True)
    for shown in (to_console(explanation), to_markdown(explanation), to_json(explanation, trace)):
        plain = re.sub(r"\\", "", shown).replace(",", "")
        assert [secret for secret in SECRETS if secret not in plain] == []


def test_records_with_personal_keys_stay_apart() -> None:
    found = masked(secretive()).record
    assert found.key == MASK
    assert [child.key for child in found.children] == [f"{MASK}1", f"{MASK}2"]


def test_a_parents_personal_fact_is_masked_where_a_child_asks_for_it() -> None:
    asked = Clause("customer.income", "field", made.PLACE, value="71234", name="income")
    condition = made.compare(asked, ">", "50000", "yes", "21234")
    child = RecordTrace("contract", "a", (made.fact("income", "5"),), (made.flag("dear", condition),))
    facts = (made.fact("income", "71234", personal=True), made.fact("id", "K1", key=True))
    trace = made.trace(made.record(facts, (made.segment("kind", {"other": None}, "other"),), child))
    shown = str(masked(trace))
    assert "71234" not in shown
    assert "21234" not in shown
    assert "value='5'" in shown


def test_without_personal_facts_nothing_is_copied() -> None:
    trace = made.trace(made.record((made.fact("city", "Guangzhou"),), ()))
    assert masked(trace) is trace


def test_a_comparison_tells_that_a_personal_fact_changed_but_not_how() -> None:
    before, after = secretive(), secretive(income="61234")
    explanation = compare(before, after, name="Li Ming")
    shown = to_console(explanation) + to_markdown(explanation)
    assert "income" in shown
    assert [secret for secret in (*SECRETS, "61234") if secret in shown] == []
