"""Strategies for syntax trees as the parser might make them; no name is a word of the language anywhere."""

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.syntax import definitions as d
from lifeseg.syntax import tree as t

NOWHERE = Span("", 0, 0, 0, 0)

WORDS = (
    "arrears",
    "income",
    "loyalty",
    "stable",
    "b1",
    "x_y",
    "Größe",
    "收入",
    "नाम".removesuffix("म"),
    "_z",
)
names = st.sampled_from(WORDS)
titles = st.none() | st.text(
    st.characters(exclude_characters='"\n\r', exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), max_size=8
)
some_titles = titles.map(lambda title: title or "")
digits = st.integers(0, 10**6).map(str) | st.decimals(0, 1000, places=3).map(str) | st.just("007.10")
units = st.none() | st.sampled_from(["%", "CNY", "months", "元"])


def made(kind: type, *parts: Any, **named: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, st.just(NOWHERE), *parts, **named)


def several(items: st.SearchStrategy[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def worth(text: str, unit: str | None) -> t.Number:
    value = Decimal(text)
    return t.Number(NOWHERE, value.scaleb(-2) if unit == "%" else value, unit, text)


def a_name(most: int = 2) -> st.SearchStrategy[t.Name]:
    return made(t.Name, several(names, 1, most))


numbers = st.builds(worth, digits, units)
plain_numbers = st.builds(worth, digits, st.none())
signed = numbers | made(t.Negate, numbers)
texts = made(t.Text, some_titles)
days = made(t.Day, st.dates(date(1000, 1, 1), date(9999, 12, 31)))
truths = made(t.Truth, st.booleans())
values = a_name() | texts
versions = st.tuples(*[st.integers(0, 30)] * 3).map(lambda parts: ".".join(map(str, parts)))
periods = st.tuples(st.sampled_from(["month", "months", "days"]), st.integers(0, 9), st.integers(0, 9)).map(
    lambda parts: t.Period(NOWHERE, *parts)
)

manners = made(t.Manner, st.sampled_from(["ties", "interpolation"]), a_name())


def larger(inner: st.SearchStrategy[t.Expression]) -> st.SearchStrategy[t.Expression]:
    """Expressions that contain others, anywhere."""
    everyone = made(t.Everyone, a_name())
    return st.one_of(
        made(t.Negate, inner),
        made(t.Arithmetic, st.sampled_from("+-*/"), inner, inner),
        made(t.Compare, st.sampled_from(["=", "<", "<=", ">", ">="]), inner, inner),
        made(t.IsMissing, inner, st.booleans()),
        made(t.Not, inner),
        made(t.And, several(inner, 2), st.just(False)),
        made(t.Or, several(inner, 2), st.just(False)),
        st.builds(is_value, inner, st.booleans(), several(values, 1), st.booleans(), st.booleans()),
        made(t.Quantified, st.sampled_from(["some", "every", "no"]), a_name(), st.none() | inner, inner),
        made(
            t.Call, names, several(inner | made(t.Known, inner) | everyone, 1),
            st.none() | a_name() | everyone, st.none() | periods, st.none() | inner, st.none() | manners,
        ),
    )  # fmt: skip


def is_value(subject: t.Expression, negated: bool, found: tuple[Any, ...], listed: bool, was: bool) -> t.Is:
    return t.Is(NOWHERE, subject, negated, found if listed else found[:1], listed, was)


expressions: st.SearchStrategy[t.Expression] = st.recursive(
    a_name() | numbers | texts | days | truths, larger, max_leaves=12
)
conditions = expressions | st.one_of(
    *(made(kind, several(expressions, 2), st.just(True)) for kind in (t.And, t.Or))
)
limits = signed | days
ranges = made(t.Range, limits, limits)


# ---- Information --------------------------------------------------------------------------------


def information(word: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[t.Information]:
    return made(t.Information, st.just(word), value)


PLAIN = (
    *(information(word, texts) for word in ("source", "owner", "note", "use_for")),
    information("refresh", values), information("decimals", numbers), information("unit", values),
    information("range", ranges), information("if missing", expressions),
    information("if missing reweight", st.none()),
)  # fmt: skip
FORMER = information("formerly", made(t.Names, several(a_name(), 1)))
LABEL = (*PLAIN, information("category", values))
HEADER = (
    *(information(word, texts) for word in ("source", "owner", "note")),
    information("version", versions.map(lambda text: t.Text(NOWHERE, text))),
    information("language", numbers), information("population", numbers),
)  # fmt: skip
PANEL = (
    *(information(word, a_name()) for word in ("method", "average", "random_index")),
    information("consistency", numbers), information("screen below", numbers), information("source", texts),
)  # fmt: skip


def informed(lines: tuple[st.SearchStrategy[t.Information], ...] = PLAIN) -> st.SearchStrategy[Any]:
    return several(st.one_of(*lines)).map(
        lambda found: tuple(sorted(found, key=lambda line: t.INFORMATION.index(line.word)))
    )


# ---- Definitions --------------------------------------------------------------------------------


def named(kind: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        kind, span=st.just(NOWHERE), name=names, name_span=st.just(NOWHERE), title=titles, **fields
    )


def cells() -> st.SearchStrategy[d.Cell]:
    bounds = signed | days | a_name()
    items = st.one_of(
        signed, texts, days, a_name(), made(t.Range, bounds, bounds, st.booleans()),
        made(d.CellLimit, st.sampled_from(["<", "<=", ">", ">=", "="]), bounds), made(d.CellMissing),
        made(d.CellWas, a_name()), made(d.Fraction, plain_numbers, plain_numbers), made(d.Pair, a_name(), a_name()),
    )  # fmt: skip
    return made(d.Cell, several(items))


def rows(least: int = 1) -> st.SearchStrategy[Any]:
    return several(made(d.Row, several(cells(), 1), several(cells())), least)


def a_case() -> st.SearchStrategy[d.Case]:
    return st.one_of(
        named(d.Case, how=st.just("when"), condition=conditions, information=informed((*LABEL, FORMER))),
        named(
            d.Case,
            how=st.sampled_from(["otherwise", "always"]),
            condition=st.none(),
            information=informed((*LABEL, FORMER)),
        ),
    )


def fact_types() -> st.SearchStrategy[d.FactType]:
    nothing, bounds = st.none(), st.none() | ranges
    ranged = ["count", "share", "date", "days", "months", "years"]
    units = st.none() | st.sampled_from(["Mbps", "km / h", "key", "source", "元"])
    plain = [
        (["text", "yes/no"], nothing, nothing),
        (ranged, nothing, bounds),
        (["rating"], nothing, ranges),
        (["money"], names, bounds),
        (["number"], units, bounds),
    ]
    kinds = [made(d.FactType, st.sampled_from(words), *parts, st.just(())) for words, *parts in plain]
    return st.one_of(*kinds, made(d.FactType, st.just("one of"), nothing, nothing, several(values, 1)))


def entities() -> st.SearchStrategy[d.Entity]:
    attributes = st.sets(st.sampled_from(d.ATTRIBUTES)).map(
        lambda found: tuple(word for word in d.ATTRIBUTES if word in found)
    )
    amounts = st.none() | numbers
    changes = st.one_of(
        made(d.Changes, st.just("never"), st.just(()), st.none(), st.none()),
        made(d.Changes, st.sampled_from(["", "up", "down"]), st.just(()), amounts, amounts),
        made(d.Changes, st.just(""), several(values, 1), amounts, amounts),
    )
    facts = named(
        d.Fact, type=fact_types(), step=amounts, attributes=attributes, changes=st.none() | changes,
        information=informed(),
    )  # fmt: skip
    return named(
        d.Entity, parent=st.none() | a_name(), dated=st.none() | a_name(), information=informed(),
        facts=several(facts, 1),
    )  # fmt: skip


def blocks() -> st.SearchStrategy[d.Block]:
    since = made(d.Since, days, expressions)
    parameter = named(d.Parameter, value=expressions, since=several(since), information=informed())
    step = made(d.Step, expressions, st.none() | conditions)
    index = st.one_of(
        named(d.Index, value=expressions, steps=st.just(()), information=informed()),
        named(d.Index, value=st.none(), steps=several(step, 1), information=informed()),
    )
    optional_name = st.none() | names
    return st.one_of(
        made(d.Block, st.just("params"), st.none(), titles, st.none(), st.just(()), several(parameter, 1)),
        made(d.Block, st.just("indexes"), optional_name, titles, a_name(), informed(), several(index, 1)),
        made(
            d.Block, st.just("flags"), optional_name, titles, a_name(), informed(LABEL), several(a_case(), 1)
        ),
    )


def scores() -> st.SearchStrategy[d.Score]:
    weight = st.none() | st.builds(worth, digits, st.none() | st.just("%"))
    term = named(d.Term, weight=weight, terms=st.just(()))
    terms = several(term | named(d.Term, weight=weight, terms=several(term)), 1)
    leaving = made(d.Leaving, a_name(), expressions)
    band = named(
        d.Band,
        threshold=st.none() | expressions,
        leaving=st.none() | leaving,
        information=informed((*PLAIN, FORMER)),
    )
    bands = several(band)
    return named(
        d.Score, entity=a_name(), information=informed(), panel=st.none() | a_name(), terms=terms, bands=bands
    )


def lifecycles() -> st.SearchStrategy[d.Lifecycle]:
    return named(
        d.Lifecycle, entity=a_name(), information=informed(),
        states=several(named(d.State, terminal=st.booleans(), information=informed((*PLAIN, FORMER))), 1),
        starts=several(made(d.Start, a_name(), st.none() | conditions)),
        moves=several(made(d.Move, a_name(), a_name(), st.none() | conditions)),
        stays=several(made(d.Stay, a_name(), numbers)), until_settled=st.booleans(),
    )  # fmt: skip


def tests() -> st.SearchStrategy[d.Test]:
    value = signed | texts | days | a_name() | truths | made(d.CellMissing)
    plain = made(t.Name, names.map(lambda name: (name,)))
    subject = made(
        d.Subject, a_name(), st.none() | a_name() | texts | numbers,
        several(made(d.Assignment, a_name(), value)),
        several(made(d.Past, plain, a_name() | texts | made(d.CellMissing), st.none() | days)),
        several(made(d.Children, a_name(), rows(0))),
    )  # fmt: skip
    full = made(
        d.Test, some_titles, st.none() | days, st.none() | a_name(), st.none() | subject,
        several(conditions), rows(0),
    )  # fmt: skip
    return full.filter(lambda test: test.today or test.given or test.expected or test.rows)


def decisions() -> st.SearchStrategy[Any]:
    heading: dict[str, Any] = {
        "entity": a_name(),
        "where": st.none() | expressions,
        "information": informed(),
    }
    rank_class = st.one_of(
        named(
            d.RankClass,
            how=st.sampled_from(["top", "next"]),
            share=numbers,
            of=st.none() | a_name(),
            information=informed(),
        ),
        named(d.RankClass, how=st.just("rest"), share=st.none(), of=st.none(), information=informed()),
    )
    an_offer = named(
        d.Offer, condition=st.none() | conditions, worth=st.none() | expressions, cost=st.none() | expressions,
        apart=several(a_name()), most=st.none() | expressions, excluded=several(a_name()), information=informed(),
    )  # fmt: skip
    offers = named(
        d.Offers, entity=a_name(), most=st.none() | numbers, budget=st.none() | expressions,
        excluded=several(a_name()), information=informed(), offers=several(an_offer, 1),
    )  # fmt: skip
    return st.one_of(
        offers,
        tasks(),
        named(d.Segment, first_match=st.booleans(), cases=several(a_case(), 1), **heading),
        named(
            d.Table,
            first_match=st.booleans(),
            gives=several(named(d.Given, information=informed())),
            rows=rows(),
            **heading,
        ),
        named(d.Rank, by=a_name(), classes=several(rank_class, 1), **heading),
    )


def tasks() -> st.SearchStrategy[d.Tasks]:
    target = made(d.TaskTarget, names, st.sampled_from(["=", "<", "<=", ">", ">="]), signed)
    a_task = named(
        d.Task, condition=st.none() | conditions, excluded=several(a_name()), each=st.none() | a_name(),
        owner=st.none() | a_name(),
        channel=st.none() | a_name() | texts, about=st.none() | a_name(), due=st.none() | numbers,
        again=st.none() | numbers, goal=st.none() | conditions, expected=st.none() | conditions,
        judged=st.none() | numbers, targets=several(target), information=informed(),
    )  # fmt: skip
    return named(
        d.Tasks, entity=a_name(), excluded=several(a_name()), lost=st.none() | conditions, worth=st.none() | a_name(),
        information=informed(), tasks=several(a_task, 1),
    )  # fmt: skip


def definitions() -> st.SearchStrategy[d.Definition]:
    return st.one_of(
        named(d.Header, uses=several(made(d.Use, names, versions)), information=informed(HEADER)),
        blocks(), entities(), scores(), panels(), decisions(),
        lifecycles(), tests(),
        made(d.Claim, st.sampled_from(["never", "assume"]), some_titles, a_name(), conditions),
        made(d.Titles, names, several(st.tuples(a_name(), texts), 1)),
    )  # fmt: skip


def panels() -> st.SearchStrategy[d.Panel]:
    """With rows of its own, or from another panel and then with a line that differs."""
    return named(d.Panel, judges=st.none(), information=informed(PANEL), rows=rows()) | named(
        d.Panel, judges=a_name(), information=informed(PANEL).filter(bool), rows=st.just(())
    )


def files() -> st.SearchStrategy[d.File]:
    changed = definitions() | made(d.Change, definitions())
    return several(changed, 0, 4).map(lambda found: d.File("policy.seg", "", found, ()))


def nodes_in(node: Any) -> int:
    """How many nodes a tree has."""
    if isinstance(node, tuple):
        return sum(map(nodes_in, node))
    if not dataclasses.is_dataclass(node):
        return 0
    return 1 + sum(nodes_in(getattr(node, field.name)) for field in dataclasses.fields(node))
