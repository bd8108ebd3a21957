"""What a customer was at the run before, and what has changed since a day; the months are those of test_filling."""

import json
from pathlib import Path

from tests.commands.conftest import Lifeseg
from tests.commands.test_filling import life, told, write

__all__ = ["life"]


def since_line(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("since"))


def test_the_run_before_is_told_of(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    assert since_line(told(lifeseg, "explain C3 --detail 1")).split(maxsplit=2)[1:] == [
        "2013-04-30", "stage contract → conversion",
    ]  # fmt: skip
    unchanged = since_line(told(lifeseg, "explain C1 --detail 1"))
    assert unchanged.split(maxsplit=2)[2] == "no decision has changed, the last on 2013-03-31"


def test_of_the_first_run_nothing_was_before(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    assert "since" not in told(lifeseg, "explain C3 --detail 1 --at 2013-01-31")


def test_a_later_run_is_asked_again_of_what_was(life: Path, lifeseg: Lifeseg) -> None:
    """What the store once said is not believed when its file has changed."""
    told(lifeseg, "run --as-of 2013-04-30")
    assert "2013-03-31" in since_line(told(lifeseg, "explain C1 --detail 1 --as-of 2013-04-30"))
    told(lifeseg, "run --as-of 2013-05-31")
    assert "2013-04-30" in since_line(told(lifeseg, "explain C1 --detail 1"))


def test_since_a_day(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    text = told(lifeseg, "explain C1 --since 2013-02-28")
    sentence = "Since 2013-02-28 C1's stage has changed from development to contract; 2 facts differ."
    assert sentence in text.replace("\n", " ")
    assert "programme" in text
    assert "before  " not in text.replace(
        "stage before is", ""
    )  # what was known of the run before is no fact


def test_since_the_run_that_told_of_that_day(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    assert told(lifeseg, "explain C1 --since 2013-03-15").startswith(
        told(lifeseg, "explain C1 --since 2013-02-28")
    )


def test_the_document_lists_what_differs(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    since = json.loads(told(lifeseg, "explain C1 --since 2013-02-28 --format json"))["since"]
    found = {one["name"]: (one["before"], one["after"]) for one in since["differences"]}
    assert since["day"] == "2013-02-28"
    assert found["programme"] == ("running", "none")
    assert found["stage"] == ("development", "contract")


def test_two_earlier_days(life: Path, lifeseg: Lifeseg) -> None:
    told(lifeseg, "run")
    text = told(lifeseg, "explain C1 --at 2013-03-31 --since 2013-01-31").replace("\n", " ")
    assert "Since 2013-01-31 C1's stage has changed from prospect to contract" in text


def test_who_was_not_there_is_not_compared(life: Path, lifeseg: Lifeseg) -> None:
    write(life, "2013-01", "C1,,none", "C2,,none")
    told(lifeseg, "run")
    refused = lifeseg("explain", "C3", "--since", "2013-01-31")
    assert refused.code == 2
    assert "error[history-before]: no customer `C3` was in the data of the run of 2013-01-31" in refused.err
