"""What the commands say on the example, recorded with LIFESEG_RECORD=1; times are masked, the other door
is marked `!`.
"""

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.commands.conftest import Lifeseg

EXPECTED = Path(__file__).parent / "expected"
RECORD = bool(os.environ.get("LIFESEG_RECORD"))

ON_THE_EXAMPLE = {
    "run": ["run", "run --only stage,value_level"],
    "list": [
        "list warning --sort customer_value",
        "list conversion_type.warning at_risk --columns product_stability",
        "list A --sort customer_value --columns name,customer_value --top 3",
        "list --near 0.01",
        "list B --top 1 --format json",
        "list B --top 2 --format csv --columns name,strategy",
        "list B --top 2 --format markdown --columns name,strategy",
        "list abandoned warning",
        "list usage warning --top 2",
    ],
    "explain": ["explain C19", "run", "explain C19 --detail 1"],
    "whatif": ["whatif C19 --set usage.data.satisfaction=3", "whatif C19 --set satisfaction=5 --format json"],
    "test": ["test"],
    "mistakes": [
        "list stable",
        "list warnin",
        "list --columns nam",
        "list --sort custmer_value",
        "list --near far",
        "explain C199",
        "explain C19 --entity custmer",
        "explain C19 --why-not stabilizatio",
        "explain C19 --as-of 2013-6-31",
        "run --engine postgres",
        "run --engine duckbd",
        "run --only stag",
        "run --data nowhere",
        "run nowhere",
        "run .",
        "whatif C19 --set satisfaction",
        "whatif C19 --set satisfcation=3",
        "whatif C19 --set satisfaction=9",
        "whatif C19 --set usage.dat.satisfaction=3",
        "whatif C19 --set uses.data.satisfaction=3",
        "help unknwn-name",
        "init .",
    ],
}
ON_THE_SHOP = {
    "shop": [
        "check",
        "run",
        "list",
        "list regular guest",
        "list large",
        "explain ann/1 --entity order",
        "whatif bob --set satisfaction=5 --set spent=900 --set order.1.amount=50",
        "test",
        "fmt --check",
    ],
}


def transcript(lifeseg: Lifeseg, commands: list[str]) -> str:
    said = []
    for command in commands:
        finished = lifeseg(*shlex.split(command))
        said.append(f"$ lifeseg {command}\n{finished.out}")
        said += [f"! {line}".rstrip() + "\n" for line in finished.err.splitlines()]
        said.append(f"[{finished.code}]\n\n" if finished.code else "\n")
    return re.sub(r"\d+\.\d\d s\b", "0.00 s", "".join(said))


def compare(name: str, text: str) -> None:
    path = EXPECTED / f"{name}.txt"
    if RECORD:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ON_THE_EXAMPLE)
def test_on_the_example(name: str, lifeseg: Lifeseg, orgcust: Path) -> None:
    compare(name, transcript(lifeseg, ON_THE_EXAMPLE[name]))


@pytest.mark.parametrize("name", ON_THE_SHOP)
def test_on_the_shop(name: str, lifeseg: Lifeseg, shop: Path) -> None:
    compare(name, transcript(lifeseg, ON_THE_SHOP[name]))


def test_nothing_recorded_is_forgotten() -> None:
    assert {path.stem for path in EXPECTED.glob("*.txt")} == {*ON_THE_EXAMPLE, *ON_THE_SHOP}
