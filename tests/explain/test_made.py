"""What the example never shows: doubt, defaults, clashes, nothing at all, and hostile text."""

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lifeseg.explain.catalogue import catalogue
from lifeseg.explain.explanation import Beside
from lifeseg.explain.from_trace import explain
from lifeseg.explain.prose import predicate
from lifeseg.explain.scope import scope_of
from lifeseg.explain.to_console import to_console
from lifeseg.explain.to_markdown import to_markdown
from lifeseg.interpreter.trace import CaseTrace, Clause, DefinitionTrace, RecordTrace, Threshold, Trace
from tests.explain import made


def shown(trace: Trace, **asked: object) -> str:
    """What stands between the heading and the commands, without the places at the margin."""
    text = to_console(explain(trace, **asked))
    return (
        re.sub(rf" +{re.escape(made.PLACE)}$", "", text, flags=re.MULTILINE)
        .split("\n\nMore:")[0]
        .partition("\n\n")[2]
    )


def test_no_case_applies() -> None:
    income = made.fact("income", "30", unit="CNY", kind="money")
    low = made.compare(made.field("income", value="30"), "<", "20", "no", "10", "CNY")
    high = made.compare(made.field("income", value="30"), ">=", "50", "no", "-20", "CNY")
    gap = made.segment("kind", {"poor": low, "rich": high}, None, "no-case")
    assert shown(made.trace(made.record((income,), (gap,)))) == (
        "No case of kind applies to K1, because its income is 30 CNY, 10 CNY above 20 CNY, "
        "and its income is\n30 CNY, 20 CNY below 50 CNY.\n"
        "\n"
        "kind    –                                 no case applies\n"
        "  poor  when income 30 CNY < 20 CNY   no  over by 10 CNY\n"
        "  rich  when income 30 CNY >= 50 CNY  no  short by 20 CNY"
    )


def test_several_cases_apply() -> None:
    old = made.compare(made.field("age", value="70"), ">", "60", "yes", "10", "year")
    big = made.compare(made.field("age", value="70"), ">", "65", "yes", "5", "year")
    clash = made.segment("kind", {"old": old, "older": big, "young": None}, None, "several-cases")
    assert shown(made.trace(made.record((made.fact("age", "70", unit="year"),), (clash,)))) == (
        "More than one case of kind applies to K1.\n"
        "\n"
        "kind     –                                  several cases apply\n"
        "  old    when age 70 years > 60 years  yes  10 years to spare\n"
        "  older  when age 70 years > 65 years  yes  5 years to spare"
    )


def test_a_missing_value_leaves_the_answer_open() -> None:
    income = made.compare(made.field("income"), ">", "50", "unknown", None, "CNY")
    doubt = made.segment("kind", {"rich": income, "poor": made.denied(income)}, "poor", "defaulted")
    assert shown(made.trace(made.record((made.fact("income", None, unit="CNY"),), (doubt,)))) == (
        "K1's kind is poor, because it is not known whether `not income > 50`.\n"
        "\n"
        "kind    poor                                   by default\n"
        "  poor  when not income > 50          unknown\n"
        "  rich  when income missing > 50 CNY  unknown"
    )


def test_a_policy_without_decisions() -> None:
    trace = made.trace(made.record((made.fact("city", "Rome"),), ()))
    assert shown(trace) == "The policy decides nothing about K1."


def test_who_has_no_children() -> None:
    none = made.over("every", "contract", "open", {})
    kind = made.segment("kind", {"safe": none, "other": None}, "other")
    trace = made.trace(made.record((), (kind,)), contract="Contract")
    assert shown(trace) == (
        "K1's kind is other, because there is no contract.\n"
        "\n"
        "kind     other\n"
        "  other  otherwise                  yes\n"
        "  safe   when every contract: open  no   0 of 0"
    )


def test_nothing_is_claimed_of_rows_that_are_not_known() -> None:
    rows = {
        "a": made.compare(made.field("amount"), ">", "5", "unknown", None, "CNY"),
        "b": made.compare(made.field("amount", value="3"), ">", "5", "no", "-2", "CNY"),
    }
    every = made.over("every", "bill", "amount > 5", rows)
    bills = tuple(RecordTrace("bill", key, (made.fact("amount", "3", unit="CNY"),), ()) for key in rows)
    kind = made.segment("kind", {"payer": every, "other": None}, "other")
    trace = made.trace(made.record((), (kind,), *bills), bill="Bill")
    assert shown(trace).startswith(
        "K1's kind is other, because not every bill has amount above 5 CNY (0 of 2)."
    )


def test_a_prose_condition_for_every_operation() -> None:
    """What is asked of a child, in words."""
    amount, due = made.field("amount", value="3"), made.field("due", value="2024-01-31")
    mark, kind = made.field("open", "yes"), made.field("kind", value="loan")
    unknown = Clause("power(amount, 2) > 4", "compare", made.PLACE, "yes")
    missing = Clause("due is missing", "is_missing", made.PLACE, "no", name="due", parts=(due,))
    asked = {
        "has “open”": mark,
        "does not have “open”": made.denied(mark),
        "has kind “loan”": made.chosen(kind, "is loan", "yes"),
        "does not have kind “loan or rent”": made.denied(made.chosen(kind, "is one of loan, rent", "yes")),
        "has amount below 5 CNY": made.compare(amount, "<", "5", "yes", "-2", "CNY"),
        "has amount of at least 5 CNY": made.denied(made.compare(amount, "<", "5", "yes", "-2", "CNY")),
        "has due no later than 2024-02-29": made.compare(due, "<=", "2024-02-29", "yes", "-29", "day"),
        "has no due": missing,
        "has a known due": made.denied(missing),
        "meets `power(amount, 2) > 4`": unknown,
        "has “open” and has kind “loan”": made.both(mark, made.chosen(kind, "is loan", "yes")),
    }
    facts = tuple(made.fact(name, "x") for name in ("amount", "due", "open", "kind"))
    scope = scope_of(made.trace(made.record(facts, ())))
    said = {predicate(clause, scope, catalogue("en")) for clause in asked.values()}
    assert said == set(asked)


def test_rows_that_were_left_out_do_not_count() -> None:
    rows = {
        "a": made.compare(made.field("amount", value="7"), ">", "5", "yes", "2", "CNY"),
        "b": None,
        "c": made.compare(made.field("amount", value="3"), ">", "5", "no", "-2", "CNY"),
    }
    some = made.over("some", "bill", "amount > 5", rows)
    bills = tuple(RecordTrace("bill", key, (made.fact("amount", "7", unit="CNY"),), ()) for key in rows)
    trace = made.trace(
        made.record((), (made.segment("kind", {"payer": some}, "payer"),), *bills), bill="Bill"
    )
    assert shown(trace) == (
        "K1's kind is payer, because at least one bill has amount above 5 CNY (1 of 2).\n"
        "\n"
        "kind     payer\n"
        "  payer  when some bill: amount > 5  yes  1 of 2\n"
        "    a    amount 7 CNY > 5 CNY        yes  2 CNY to spare\n"
        "    c    amount 3 CNY > 5 CNY        no   short by 2 CNY"
    )


def test_many_rows_show_those_that_decide() -> None:
    rows = {
        f"b{at}": made.compare(
            made.field("amount", value=str(at)), ">", "8", "yes" if at > 8 else "no", str(at - 8)
        )
        for at in range(1, 12)
    }
    bills = tuple(RecordTrace("bill", key, (), ()) for key in rows)
    some = made.over("some", "bill", "amount > 8", rows)
    trace = made.trace(
        made.record((), (made.segment("kind", {"payer": some}, "payer"),), *bills), bill="Bill"
    )
    text = shown(trace)
    assert [line.split()[0] for line in text.splitlines()[4:]] == ["b9", "b10", "b11", "b1", "b2", "…"]
    assert text.endswith("… 6 more: 0 yes, 6 no")
    assert len(shown(trace, detail=3).splitlines()) == 15


def test_a_decision_table_shows_the_row_that_was_taken() -> None:
    phone = made.field("phone", value="2G")
    cells = (Clause("phone: 2G, 3G", "one_of", made.PLACE, "yes", name="phone", parts=(phone,)),)
    old = Clause("age: >= 12", "compare", made.PLACE, "yes", None, "month", "age", ">=", "18", "12", "6", (
        made.field("age", value="18"), Clause("12", "constant", made.PLACE, value="12"),
    ))  # fmt: skip
    row = Clause("phone: 2G, 3G and age: >= 12", "and", made.PLACE, "yes", parts=(*cells, old))
    cases = (
        CaseTrace("swap", {"en": "New handset"}, "row", "yes", True, row, made.PLACE),
        CaseTrace(
            "nothing",
            {"en": "No offer"},
            "row",
            "yes",
            False,
            Clause("-", "and", made.PLACE, "yes"),
            made.PLACE,
        ),
    )
    offer = DefinitionTrace(
        "offer",
        "table",
        {"en": "Retention offer"},
        "swap",
        made.PLACE,
        case_titles={"en": "New handset"},
        cases=cases,
    )
    facts = (made.fact("phone", "2G"), made.fact("age", "18", unit="month", kind="months"))
    assert shown(made.trace(made.record(facts, (offer,)))) == (
        "K1's retention offer is new handset, because its phone is 2G, and its age is 18 months, 6 months\n"
        "above 12 months.\n"
        "\n"
        "offer   swap · New handset\n"
        "  swap  when phone is one of 2G, 3G     yes  is 2G\n"
        "        and age 18 months >= 12 months  yes  6 months to spare"
    )


def test_a_difference_is_never_rounded_away() -> None:
    risk = made.score("risk", "0.479996", {"high": ("0.48", "-0.000004"), "low": (None, None)}, "low")
    band = Clause("risk", "band", made.PLACE, value="low", name="risk")
    kind = made.segment(
        "kind",
        {"calm": made.chosen(band, "is low", "yes"), "wild": made.chosen(band, "is high", "no")},
        "calm",
    )
    text = shown(made.trace(made.record((), (risk, kind))))
    assert "0.479996" in text
    assert "0.000004 below 0.48" in text
    assert "0.4800" not in text


def test_the_best_class_shows_how_far_it_is_from_falling() -> None:
    steps = (
        Threshold("A", {"en": "Key"}, "0.5", "0.25", True),
        Threshold("B", {"en": "Rest"}, None, None, False),
    )
    worth = made.score("worth", "0.75", {}, None)
    level = DefinitionTrace(
        "level", "rank", {"en": "Level"}, "A", made.PLACE, by="worth", thresholds=steps, uses=("worth",)
    )
    assert shown(
        made.trace(made.record((), (worth, level))), beside=Beside(positions={"level": (3, 20_000)})
    ) == (
        "K1's level is A (key), because its worth is 0.7500, 0.2500 above 0.5000, where “key” begins.\n"
        "\n"
        "level    A · Key\n"
        "  worth  0.7500, 0.2500 above where A begins (0.5000)  rank 3 of 20,000"
    )


def test_children_have_decisions_of_their_own() -> None:
    kinds = []
    for value, verdict, use in (("150", "yes", "heavy"), ("20", "no", "light")):
        heavy = made.compare(made.field("minutes", value=value), ">", "100", verdict, "1")
        kinds.append(made.segment("use", {"heavy": heavy, "light": None}, use))
    lines = tuple(
        RecordTrace("line", key, (), (kind,)) for key, kind in zip(("one", "two"), kinds, strict=True)
    )
    trace = made.trace(made.record((), (made.segment("kind", {"all": None}, "all"),), *lines), line="Line")
    assert shown(trace).splitlines()[3:] == [
        "  all  otherwise     yes",
        "use",
        "  one  heavy",
        "  two  light",
    ]
    assert "minutes 150 > 100" in shown(trace, detail=3)


def test_many_flags_are_summed_up() -> None:
    age = made.field("age", value="3")
    flags = []
    for at in range(12):
        verdict = "yes" if at < 3 else "no"
        flags.append(made.flag(f"label_{at}", made.compare(age, ">", str(at), verdict, str(3 - at))))
    trace = made.trace(made.record((made.fact("age", "3"),), (*flags, made.block("labels", *flags))))
    text = shown(trace)
    assert text.startswith("K1's labels is label 0, label 1 and label 2.")
    assert text.endswith("… 6 more do not hold")
    assert "label_11" in shown(trace, detail=3)


def test_flags_that_others_build_on_are_no_decision() -> None:
    young = made.flag(
        "young", made.compare(made.field("age", value="3"), "<", "18", "yes", "-15"), uses=("age",)
    )
    kind = made.segment("kind", {"child": made.field("young", "yes")}, "child", uses=("young",))
    trace = made.trace(made.record((made.fact("age", "3"),), (young, made.block("marks", young), kind)))
    assert shown(trace) == (
        "K1's kind is child, because “young” holds.\n"
        "\n"
        "kind     child\n"
        "  child  when young    yes\n"
        "    age 3 < 18         yes  15 to spare"
    )


# ---- Hostile text ------------------------------------------------------------------------------

HOSTILE = "[red]x[/red] \x1b[31m`*_<b>|\u202e\n# \x00{who} 客户"


def hostile(text: str) -> Trace:
    facts = (made.fact("city", text, title=text),)
    asked = made.chosen(made.field("city", value=text), f'is "{text}"', "yes")
    kind = made.segment("kind", {"here": asked}, "here")
    kind.titles["en"] = text
    child = RecordTrace("contract", text, facts, ())
    some = made.over("some", "contract", "city is x", {text: asked})
    kinds = made.segment("other", {text or "x": some}, text or "x")
    return made.trace(made.record(facts, (kind, kinds), child, key=text), contract=text)


def test_nothing_steers_the_terminal_or_the_page() -> None:
    trace = hostile(HOSTILE)
    text = to_console(explain(trace, Beside(name=HOSTILE), detail=4), colour=False)
    assert not set(text) & {"\x1b", "\x00", "\u202e"}
    assert "[red]x[/red]" in text
    page = to_markdown(explain(trace, Beside(name=HOSTILE), detail=4))
    assert "<b>" not in page.replace("\\<b>", "")
    assert not set(page) & {"\x1b", "\x00", "\u202e"}
    assert [line for line in page.splitlines() if line.startswith("# ")] == [page.splitlines()[0]]


@given(text=st.text(max_size=60), width=st.integers(40, 120))
def test_any_text_fits_any_width(text: str, width: int) -> None:
    for detail in range(5):
        lines = to_console(explain(hostile(text), Beside(name=text), detail=detail), width=width).split("\n")
        assert [line for line in lines if cell_len(line) > width] == []
