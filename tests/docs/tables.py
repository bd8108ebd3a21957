"""Nothing comes in; the tables of the manual that follow from the code go out: functions, words, codes."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from lifeseg.diagnostics.catalogue import all_codes, entry_tables, help_page
from lifeseg.functions.library import AGGREGATES, POPULATION, RANKING, SCALAR, Function
from lifeseg.model.arithmetic import MOST_INTERMEDIATE
from lifeseg.model.build import MOST_DECIMALS, MOST_RESULT
from lifeseg.model.from_trees import MOST_RECORDS
from lifeseg.model.population import MOST_GROUPS
from lifeseg.syntax.from_parse import MOST_DIGITS, MOST_NAME
from lifeseg.syntax.from_text import MOST_CHARACTERS, MOST_DEPTH, MOST_LINE, from_text
from tests.docs.recorded import ROOT

CATALOGUE = ROOT / "lifeseg" / "diagnostics" / "catalogue"
GRAMMAR = ROOT / "grammar" / "lifeseg.lark"
TRIALS = (
    "entity customer\n  customer_id text key\n  {} count\n",
    "flags shown of customer\n  {} when vip\n",
    "flags shown of customer\n  shown when {} > 1\n",
    "segment class of customer\n  one_case when channel is {}\n",
)


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


# ---- Functions ---------------------------------------------------------------------------------


def functions_of_one_record() -> str:
    return table(
        ("function", "gives", "written in the language", "examples"),
        (
            (
                f"`{shape(function)}`",
                function.summary,
                f"`{function.body}`" if function.body else "",
                "; ".join(f"`{call}` = {value}" for call, value in function.examples),
            )
            for function in SCALAR
        ),
    )


def functions_of_the_population() -> str:
    return table(
        ("function", "gives", "written in the language"),
        ((f"`{shape(function)}`", function.summary, f"`{function.body}`") for function in POPULATION),
    )


def shape(function: Function) -> str:
    parameters = ", ".join(function.parameters)
    return f"{function.name}({parameters}{' over all …' if function.population else ''})"


def aggregates() -> str:
    rows = [(name, where(name), text) for name, text in AGGREGATES.items()]
    rows += [(name, "population", text) for name, text in RANKING.items()]
    return table(("function", "over", "gives"), ((f"`{name}`", over, text) for name, over, text in rows))


def where(name: str) -> str:
    return "children" if name == "latest" else "children, population"


# ---- Words and limits --------------------------------------------------------------------------


def reserved_words() -> str:
    words = sorted(set(re.findall(r'"([a-z_]+)"', GRAMMAR.read_text(encoding="utf-8"))) | {"today"})
    taken = [word for word in words if word in ("no", "today", "yes") or not fits(word)]
    return ", ".join(f"`{word}`" for word in taken) + "\n"


def fits(word: str) -> bool:
    return not any(from_text(trial.format(word), "trial.seg")[1] for trial in TRIALS)


def limits() -> str:
    whole = int(Fraction(MOST_INTERMEDIATE))
    return table(
        ("what", "at most"),
        (
            ("a file", f"{MOST_CHARACTERS:,} characters"),
            ("a line", f"{MOST_LINE:,} characters"),
            ("a name", f"{MOST_NAME} characters"),
            ("a number in the text", f"{MOST_DIGITS} digits"),
            ("brackets and operators within each other", f"{MOST_DEPTH} deep"),
            ("decimals of an index", f"{MOST_DECIMALS}"),
            ("groups of a quantile group", f"{MOST_GROUPS:,}"),
            ("records of an entity", f"{MOST_RECORDS:,}, or what `population at most` says"),
            ("a result, in units of its last decimal", f"{MOST_RESULT:,} (64 bits)"),
            ("what is worked out on the way", f"{len(str(whole)) - 1} digits (128 bits)"),
        ),
    )


# ---- Diagnostics -------------------------------------------------------------------------------


def codes_of(name: str) -> Callable[[], str]:
    """The codes of a catalogue file with what they mean."""

    def produce() -> str:
        entries = tomllib.loads((CATALOGUE / f"{name}.en.toml").read_text(encoding="utf-8"))
        codes = sorted({key.partition(".")[0] for key, _ in entry_tables(entries)})
        return table(("code", "means"), ((f"`{code}`", meaning(code)) for code in codes))

    return produce


def meaning(code: str) -> str:
    """The first sentence of the code's help page."""
    page = help_page(code)
    assert page is not None, code
    paragraph = page.split("\n\n")[1].replace("\n", " ")
    sentence = re.split(r"(?<=[.])\s", paragraph, maxsplit=1)[0].removesuffix(".")
    return re.sub(r"`([^`]*\|[^`]*)`", in_html, sentence)


def in_html(code: re.Match[str]) -> str:
    """Code with bars, which would divide the row, as all readers of Markdown understand it."""
    return f"<code>{code[1].replace('|', '&#124;')}</code>"


def catalogue_names() -> list[str]:
    return sorted(path.name.removesuffix(".en.toml") for path in CATALOGUE.glob("*.en.toml"))


PRODUCERS: Mapping[str, Callable[[], str]] = {
    "functions of one record": functions_of_one_record,
    "functions of the population": functions_of_the_population,
    "aggregates": aggregates,
    "reserved words": reserved_words,
    "limits": limits,
    **{f"codes of {name}": codes_of(name) for name in catalogue_names()},
}

CODES = all_codes()
