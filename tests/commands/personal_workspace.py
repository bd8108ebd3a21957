"""A workspace whose personal facts are words and numbers that occur nowhere else: customers with contracts, three months of
runs, tasks with outcomes, something set by hand, and a policy under git that has changed.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from typer.testing import CliRunner

from lifeseg.cli.application import application

POLICY = """\
policy personal "Personal"
  version 1.0.0

params
  loyal_from "Loyal from" = 0.5

entity customer "Customer"
  customer_id "Number" text key personal
  name "Name" text personal
  phone "Phone" text personal optional
  income "Income" money CNY 0..1000000 personal
  born "Born" date personal
  faith "Faith" one of tulip, orchid, none personal
  satisfaction "Satisfaction" rating 1..5
    changes up cost 100 CNY

entity line "Line" of customer
  number "Line number" text key personal
  caller "Who calls" text personal
  bill "Bill" money CNY 0..1000000 personal
  minutes "Minutes" count 0..100

indexes levels of customer
  earnings "Earnings" = income
  contentment "Contentment" = satisfaction / 5

indexes line_levels of line
  billed "Billed" = bill

score loyalty "Loyalty" of customer
  1 contentment
  bands
    loyal "Loyal" from loyal_from
    loose "Loose" below

segment care "Care" of customer first match
  rich "Rich" when earnings > 900000 CNY
  believes "Believes" when faith is tulip and born < 1990-01-01
  call "Call" when loyalty is loose
  wait "Wait" otherwise

segment grown "Grown" of customer
  large "Large" when earnings >= 100000 CNY and born >= 1900-01-01
  small "Small" when income < 100000 CNY or born < 1900-01-01

segment busyness "Busyness" of customer
  busy "Busy" when some line: minutes > 50 and bill >= 10 CNY
  calm "Calm" when no line: minutes > 50 and bill >= 10 CNY

flags signs "Signs" of customer
  named "Has a phone" when phone is not missing
  content "Content" when satisfaction >= 4
    category "mood"
  old "Born before 1920" when born < 1920-01-01

rank wealth "Wealth" of customer by income
  first "First" top 50%
  others "Others" rest

lifecycle stage "Stage" of customer
  state prospect "Prospect"
  state client "Client"
  start client when satisfaction >= 3
  start prospect when satisfaction < 3
  move prospect to client when satisfaction >= 3 and income >= 0 CNY
  move client to prospect when satisfaction < 3 and income >= 0 CNY

table gift "Gift" of customer first match
  gives flowers "Flowers"
  gives nothing "Nothing"
  | income    | satisfaction || gift    |
  | >= 900000 | -            || flowers |
  | -         | -            || nothing |

offers next_offer "Next offers" of customer
  choose 2 by worth
  fibre "Fibre" when satisfaction < 5
    worth income / 100
  letter "Letter" always
    worth 1 CNY

tasks work "Work" of customer
  worth earnings
  ring "Ring" when satisfaction <= 4
    owner stage
    channel "phone"
    goal satisfaction >= 4
    judged after 1 month
    target response > 10%

kpis "Targets"
  happy "Happy" = share(all customer where content)
    target >= 90%
  each "Happy" by faith = share(all customer where content)

assume "Nobody is poor" of customer when income >= 800000 CNY

test "Somebody of the data, who is not as expected" of customer
  | customer_id || care | loyalty |
  | NAMED       || call | 0.9     |
"""
SETTINGS = """\
policy = "rules"
as_of = 2024-03-31
engine = "interpreter"
results = "lifeseg.duckdb"

[data]
customer = "data/{month}/customer.csv"
line = "data/{month}/line.csv"
"""
DAYS = ("2024-01-31", "2024-02-29", "2024-03-31")
ERROR = re.compile(r"^error\[(?!assume-broken)", re.MULTILINE)
HOW_MANY = 21
FIRST = "CUSTOMERKEY01"

KEYS = {"customer's key": r"CUSTOMERKEY", "line's key": r"LINEKEY"}
FACTS = {
    "name": r"Wanderley",
    "phone": r"PHONE555",
    "income": r"\b771[,.' ]?9\d\d|\b7,?719\.\d",
    "how far the income is from a limit": r"\b671[,.' ]?9\d\d|\b128[,.' ]?0\d\d",
    "born": r"\b1961-02|(?i:\bfeb\w* 1961)|\b1961\s?年",
    "caller": r"Telemann",
    "bill": r"\b883[,.' ]?1\d\d",
}


def made(folder: Path) -> None:
    """Fills a folder with the workspace; it is the current one."""
    for place, day in enumerate(DAYS):
        write(folder / f"data/{day[:7]}/customer.csv", customers(place))
        write(folder / f"data/{day[:7]}/line.csv", lines(place))
    rules = folder / "rules/personal.seg"
    write(rules, POLICY.replace("from = 0.5", "from = 0.3"))
    write(folder / "lifeseg.toml", SETTINGS)
    git("init", "--quiet")
    commit("The first policy\n\nApproved-by: somebody")
    for day in DAYS:
        call("run", "--as-of", day)
        call("tasks", "--as-of", day)
    write(folder / "outcomes.csv", "task,outcome,day\n1,responded,2024-02-10\n2,no_response,2024-02-11\n")
    call("outcomes", "outcomes.csv")
    call(
        "override",
        FIRST,
        "--to",
        "care.call",
        "--reason",
        "she asked",
        "--owner",
        "desk",
        "--until",
        "2024-12-31",
    )
    call("run")
    write(
        rules,
        rules.read_text(encoding="utf-8").replace("from = 0.3", "from = 0.5").replace("top 50%", "top 30%"),
    )
    call("run")
    call("table", "export", "--out", "book.xlsx")


def customers(month: int) -> str:
    """The facts of a month: everything changes from month to month."""
    rows = ["customer_id,name,phone,income,born,faith,satisfaction"]
    for number, key in enumerate(
        [*(f"CUSTOMERKEY{number:02}" for number in range(1, HOW_MANY + 1)), "NAMED"], 1
    ):
        name = f"Wanderley {'ABC'[month]}{number}"
        satisfaction = (number + month) % 5 + 1
        born = f"1961-02-{number % 12 + 10 + month:02}"
        faith = "orchid" if (number + month) % 3 else "tulip"
        rows.append(
            f"{key},{name},PHONE555{number}{month},{771900 + number * 2 + month},{born},{faith},{satisfaction}"
        )
    return "".join(f"{row}\n" for row in rows)


def lines(month: int) -> str:
    rows = ["customer_id,number,caller,bill,minutes"]
    for number in range(1, HOW_MANY + 1):
        key, minutes = f"LINEKEY{number}{month if number == 3 else 0}", (number * 17 + month * 31) % 100
        rows.append(f"CUSTOMERKEY{number:02},{key},Telemann {number},{883100 + number + month},{minutes}")
    return "".join(f"{row}\n" for row in rows)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def call(*words: str) -> None:
    done = CliRunner().invoke(application, list(words))
    assert not ERROR.search(done.output), done.output


def git(*words: str) -> None:
    who = {
        f"GIT_{role}_{what}": said
        for role in ("AUTHOR", "COMMITTER")
        for what, said in (("NAME", "A"), ("EMAIL", "a@b.c"))
    }
    subprocess.run(["git", *words], check=True, capture_output=True, env={**os.environ, **who})


def commit(message: str) -> None:
    git("add", "rules")
    git("commit", "--quiet", "--message", message)


def secrets(text: str, kinds: dict[str, str]) -> dict[str, str]:
    """What is personal in a text, by kind, with what stands around it."""
    found = {kind: re.search(rf".{{0,60}}(?:{pattern}).{{0,40}}", text) for kind, pattern in kinds.items()}
    return {kind: one.group() for kind, one in found.items() if one is not None}
