"""Any text ends in findings, or in a policy that runs: never in a traceback, never in a hang.

The packs and the examples of the manual are changed a little and much. LIFESEG_EXAMPLES says how many texts are tried.
"""

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifeseg.model.from_trees import from_trees
from lifeseg.syntax.from_text import from_text
from tests.language.page import examples
from tests.language.run import written
from tests.model.checking import CUSTOMER
from tests.model.mutations import mutated
from tests.model.survival import survive
from tests.model.test_uses import BASE

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = int(os.environ.get("LIFESEG_EXAMPLES", "250"))
LONGEST = 20_000
LONGEST_CHECK = 15  # seconds; it takes two on a slow machine
HEADER = ("header.seg", "policy page\n  version 1.0.0\n")
PRELUDE = [
    (path.name, path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests" / "language" / "prelude").glob("*.seg"))
    if path.stem in ("customer", "usage", "payment", "levels", "loyalty")
]


def pages() -> list[str]:
    """The policies of all examples in the manual and the pages of findings."""
    files = [page for folder in ("docs", "tests/language") for page in sorted((ROOT / folder).rglob("*.md"))]
    shown = [example for page in files for example in examples(page.read_text(encoding="utf-8"))]
    texts = ["\n".join(written(block) for block in example.of("seg")) for example in shown]
    return [text for text in texts if len(text) < LONGEST]


PAGES = pages()
PACKS = [
    [(path.name, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.seg"))]
    for folder in sorted((ROOT / "rules").iterdir())
    if folder.is_dir()
]


def with_header(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    headed = any(line.startswith("policy ") for _, text in texts for line in text.split("\n"))
    return texts if headed else [HEADER, *texts]


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(st.integers(0, 2**40))
def test_examples_of_the_manual(seed: int) -> None:
    source = random.Random(seed)
    text = mutated("\n".join(source.sample(PAGES, source.choice((1, 1, 2)))), source)
    texts = [("page.seg", text)]
    if "entity customer" not in text and source.random() < 0.8:
        texts = [*PRELUDE, *texts]
    survive(with_header(texts), seed, {"national": BASE.replace("policy base", "policy national")})


@pytest.mark.slow
@settings(max_examples=max(1, EXAMPLES // 8))
@given(st.integers(0, 2**40))
def test_packs(seed: int) -> None:
    source = random.Random(seed)
    texts = [
        (name, mutated(text, source) if source.random() < 0.6 else text)
        for name, text in source.choice(PACKS)
    ]
    survive(texts, seed)


@settings(max_examples=max(1, EXAMPLES // 5))
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_anything(text: str) -> None:
    survive([("any.seg", text), ("page.seg", text + CUSTOMER)], 0)


def lines(line: str, count: int) -> str:
    """A line so many times, each with its number."""
    return "".join(line.format(n=n, next=n + 1, small=n % 100) + "\n" for n in range(count))


FLAGS = "flags f of customer\n  a when {} > 1\n"
QUESTIONS = " and ".join(f"f_{n}" for n in range(12))
LARGE = {
    "nesting": FLAGS.format("absolute(" * 50 + "age" + ")" * 50),
    "population": FLAGS.format("min_max(" * 9 + "age" + " over all customer)" * 9),
    "cases": "segment s of customer\n" + lines("  c_{n} when age > {small}", 5_000),
    "unknown names": "flags f of customer\n" + lines("  f_{n} when agee_{n} > 1", 5_000),
    "blocks": lines("flags b_{n} of customer\n  f_{n} when age > 1", 2_000),
    "rows": "table t of customer\n  | age || t |\n" + lines("  | {n} || c_{small} |", 5_000),
    "parents": lines("entity e_{next} of e_{n}\n  x count", 2_000),
    "states": "lifecycle l of customer\n"
    + lines("  state s_{n}", 2_000)
    + "  start s_0 otherwise\n"
    + "\n".join(reversed(lines("  move s_{n} to s_{next} always", 1_999).split("\n")))
    + "\n",
    "chain": "indexes i of customer\n  x_0 = age\n" + lines("  x_{next} = x_{n} / 2", 2_000),
    "questions": "entity x\n  k text key\n"
    + lines("  f_{n} yes/no", 12)
    + lines(f"segment s_{{n}} of x\n  a when {QUESTIONS}\n  b when {QUESTIONS}", 300),
}


@pytest.mark.parametrize("name", LARGE)
def test_nothing_takes_long(name: str) -> None:
    file, _ = from_text(CUSTOMER + LARGE[name], f"{name}.seg")
    started = time.process_time()
    from_trees([file])
    assert time.process_time() - started < LONGEST_CHECK
