"""Flags say where they come from and how often they are renewed: they are listed, searched, and told when stale."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from lifeseg.cli.documents import Flags, Run
from lifeseg.pipeline.freshness import period_of, stale_since
from tests.commands.conftest import Lifeseg

SIGNS = """\
flags signs "Signs" of customer
  category "service interaction"
  source "complaints desk"
  refresh daily
  buys "Buys" when count(order) > 0
    category consumption
    source "billing; tills"
    refresh "daily or weekly"
    owner "Marketing"
    use_for "value"
  happy "Happy" when satisfaction >= 4
  kept "Kept by hand" when spent > 500 CNY
    refresh manual

segment care "Care" of customer
  thank "Thank" when happy
  ask "Ask" when not happy

titles zh
  buys "有购买"
"""


@pytest.fixture
def labelled(shop: Path) -> Path:
    """The shop, whose signs say all about themselves; data of 31 January, the tills are eleven days behind."""
    policy = shop / "rules/shop/shop.seg"
    before, _, after = policy.read_text().partition('flags signs "Signs" of customer')
    _, _, after = after.partition("satisfaction >= 4\n\n")
    policy.write_text(before + SIGNS + "\n" + after)
    renewed(shop, '"billing" = 2024-01-31\n"tills" = 2024-01-20\n"complaints desk" = 2024-01-30\n')
    return shop


def renewed(shop: Path, lines: str) -> None:
    settings = shop / "lifeseg.toml"
    before = settings.read_text().partition("[sources]")[0]
    settings.write_text(f"{before}[sources]\n{lines}")


def names(lifeseg: Lifeseg, *asked: str) -> list[str]:
    rows = csv.DictReader(io.StringIO(lifeseg("flags", *asked, "--format", "csv").out))
    return [row["name"] for row in rows]


def test_listed(lifeseg: Lifeseg, labelled: Path) -> None:
    found = lifeseg("flags", "--category", "consumption")
    assert found.code == 0
    heading, buys, closing = found.out.splitlines()
    assert "owner" not in heading.split()
    assert "--format csv for entity, owner" in closing
    assert buys.split()[:3] == ["buys", "Buys", "consumption"]
    assert "since 2024-01-28" in buys
    assert "shop.seg:36" in buys
    assert closing.startswith("1 of 4 flags · shop 1.2.0 · as of 2024-01-31 · 1 stale")


def test_searched(lifeseg: Lifeseg, labelled: Path) -> None:
    assert names(lifeseg) == ["buys", "happy", "kept", "large"]
    assert names(lifeseg, "--search", "购买") == ["buys"]
    assert names(lifeseg, "--search", "by HAND complaints") == ["kept"]
    assert names(lifeseg, "--search", "nothing of the kind") == []
    assert names(lifeseg, "--source", "tills") == names(lifeseg, "--owner", "market") == ["buys"]
    assert names(lifeseg, "--category", "service") == ["happy", "kept"]
    refused = lifeseg("flags", "--category", "consumtion")
    assert (refused.code, refused.out) == (2, "")
    assert "did you mean `consumption`?" in refused.err


def test_json_is_what_its_schema_says(lifeseg: Lifeseg, labelled: Path) -> None:
    document = Flags.model_validate_json(lifeseg("flags", "--format", "json").out)
    buys, happy, *_ = document.flags
    assert (buys.category, buys.source, buys.use) == ("consumption", "billing; tills", "value")
    assert (happy.category, happy.refresh, happy.titles) == ("service interaction", "daily", {"en": "Happy"})
    assert buys.stale is not None
    assert (buys.stale.source, buys.stale.since) == ("tills", date(2024, 1, 28))
    assert happy.stale is None


@pytest.mark.parametrize(
    ("refresh", "renewed", "since"),
    [
        ("daily", "2024-01-30", "2024-02-01"),
        ("real time", "2024-01-30", "2024-02-01"),
        ("weekly", "2024-01-30", "2024-02-07"),
        ("monthly", "2024-01-31", "2024-03-01"),
        ("every 2 months", "2024-01-15", "2024-03-16"),
        ("30 days", "2024-01-01", "2024-02-01"),
        ("daily or monthly", "2024-01-15", "2024-02-16"),
        ("日/月", "2024-01-15", "2024-02-16"),
        ("yearly", "2024-02-29", "2025-03-01"),
        ("yearly", "9999-02-28", None),
    ],
)
def test_a_label_is_stale_from_the_day_after_its_period(
    refresh: str, renewed: str, since: str | None
) -> None:
    period = period_of(refresh)
    assert period is not None
    found = stale_since(date.fromisoformat(renewed), period)
    assert (found.isoformat() if found else None) == since


@pytest.mark.parametrize("refresh", ["manual", "after each survey", "daily or by hand", "低频/手动更新", ""])
def test_words_that_name_no_time_are_never_stale(refresh: str) -> None:
    assert period_of(refresh) is None


def test_a_run_warns_and_keeps_the_values(lifeseg: Lifeseg, labelled: Path) -> None:
    stale = lifeseg("run", "--out", "stale")
    assert "warning[stale-flags]: `tills` was last renewed on 2024-01-20" in stale.err
    assert "for 1 of the" in stale.err
    assert "`buys`" in stale.err
    assert "happy" not in stale.err
    assert "kept" not in stale.err
    renewed(labelled, '"tills" = 2024-01-31\n')
    fresh = lifeseg("run", "--out", "fresh")
    assert "stale" not in fresh.err
    hashes = [json.loads(Path(run, "run.json").read_text())["result_hash"] for run in ("stale", "fresh")]
    assert hashes[0] == hashes[1]
    assert lifeseg("run", "--only", "happy").err == ""


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_the_results_say_which_flags_are_stale(lifeseg: Lifeseg, labelled: Path, engine: str) -> None:
    """Whoever reads the files later sees no warning of the run."""
    lifeseg("run", "--out", "stale", "--engine", engine)
    described = Run.model_validate_json(Path("stale/run.json").read_text(encoding="utf-8"))
    [found] = described.stale
    assert (found.entity, found.flag, found.source) == ("customer", "buys", "tills")
    assert (found.refreshed, found.since) == (date(2024, 1, 20), date(2024, 1, 28))
    renewed(labelled, '"tills" = 2024-01-31\n')
    lifeseg("run", "--out", "fresh", "--engine", engine)
    assert json.loads(Path("fresh/run.json").read_text(encoding="utf-8"))["stale"] == []


def test_a_list_of_a_stale_flag_warns(lifeseg: Lifeseg, labelled: Path) -> None:
    assert "stale-flags" in lifeseg("list", "buys").err
    assert lifeseg("list", "happy").err == ""


def test_an_explanation_marks_stale_flags(lifeseg: Lifeseg, labelled: Path) -> None:
    def lines(word: str, *more: str) -> list[str]:
        return [line for line in lifeseg("explain", "ann", *more).out.splitlines() if word in line]

    assert any("stale since 2024-01-28" in line for line in lines("buys"))
    assert not any("stale" in line for line in lines("happy"))
    renewed(labelled, '"complaints desk" = 2024-01-01\n')
    assert any("stale since 2024-01-03" in line for line in lines("when happy"))
    assert any("自 2024-01-03 起已过期" in line for line in lines("过期", "--lang", "zh"))
    trace = json.loads(lifeseg("explain", "ann", "--format", "json").out)["trace"]["record"]
    since = {found["name"]: found["stale_since"] for found in trace["definitions"]}
    assert (since["happy"], since["buys"], since["kept"]) == ("2024-01-03", None, None)


def test_data_from_elsewhere_has_no_day(lifeseg: Lifeseg, labelled: Path) -> None:
    assert "stale" not in lifeseg("run", "--data", "data").err


def test_sources_are_checked(lifeseg: Lifeseg, labelled: Path) -> None:
    renewed(labelled, '"bilings" = 2024-01-31\n')
    said = lifeseg("flags").err
    assert "no flag says that its source is `bilings`" in said
    assert "did you mean `billing`?" in said
    renewed(labelled, '"tills" = "yesterday"\n')
    refused = lifeseg("flags")
    assert refused.code == 2
    assert "`tills` wants a date without quotes" in refused.err
