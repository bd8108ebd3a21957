"""`lifeseg generate`: what it says, writes and refuses; what it leaves when it fails; that `lifeseg run` takes it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lifeseg.cli.application import application
from lifeseg.pipeline import generating
from lifeseg.records.generation.to_folder import MAKING, made_whole
from tests.language.page import examples, pages
from tests.language.run import as_of, check_example
from tests.records.test_generate import ROOT, evaluated, from_model, hashes, to_files

SHOP = """\
policy shop "Shop"
  version 1.2.0

entity customer "Customer"
  customer_id text key
  satisfaction "Satisfaction" rating 1..5
  spent "Spent" money CNY 0..1000

entity order "Order" of customer
  amount "Amount" money CNY 0..1000

segment class "Class" of customer
  happy "Happy" when satisfaction >= 4
  other "Other" when satisfaction < 4

lifecycle stage "Stage" of customer
  state new "New"
  state gone "Gone"
  start new otherwise
  move new to gone when spent < 10 CNY

flags size of order
  large "Large" when amount >= 100 CNY

assume "Bought little" of customer when sum_of_orders <= 2000

indexes sums of customer
  sum_of_orders = sum(amount over order) / 1 CNY
    if missing 0
"""
DAY = ("--as-of", "2024-01-31")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.seg").write_text(SHOP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def lifeseg(*words: str) -> tuple[int, str, str]:
    finished = CliRunner().invoke(application, [*words], prog_name="lifeseg")
    return finished.exit_code, finished.stdout, finished.stderr


def generate(*words: str) -> tuple[int, str, str]:
    return lifeseg("generate", "shop.seg", *DAY, *words)


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if MAKING in path.name]


# ---- What it does ---------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_run_takes_what_was_generated(shop: Path, file_format: str) -> None:
    code, out, err = generate("--customers", "300", "--out", "data", "--format", file_format)
    assert code == 0, err
    first, *_, last = out.splitlines()
    assert first.startswith("shop 1.2.0 · as of 2024-01-31 · seed 1 · 300 customers, ")
    assert "class   happy " in out
    assert last == "shares of the first 2,000 · records in data"
    assert err.splitlines()[0] == "remark: stage gone is found only with history"
    assert {path.name for path in (shop / "data").iterdir()} == {
        f"customer.{file_format}", f"order.{file_format}", "generated.json",
    }  # fmt: skip
    code, out, err = lifeseg("run", "shop.seg", *DAY, "--data", "data", "--engine", "interpreter")
    assert "300 customers" in out
    assert "error[data" not in err


def test_the_description_says_what_was_made(shop: Path) -> None:
    generate("--customers", "50", "--seed", "9", "--out", "data")
    told = json.loads((shop / "data/generated.json").read_text(encoding="utf-8"))
    assert told["policy"]["name"] == "shop"
    assert len(told["policy"]["content_hash"]) == 64
    assert (told["as_of"], told["seed"], told["customers"], told["sample"]) == ("2024-01-31", 9, 50, 2000)
    assert told["rows"]["customer"] == 50
    assert told["files"] == ["customer.parquet", "order.parquet"]
    assert sum(told["spread"]["customer"]["class"].values()) == pytest.approx(1)
    assert told["rare"] == [
        {"entity": "customer", "definition": "stage", "case": "gone", "why": "needs history"}
    ]
    (finding,) = told["findings"]
    assert (finding["kind"], finding["entity"], finding["name"]) == ("assume", "customer", "Bought little")
    assert 0 < finding["records"] < 2000


def test_the_same_again_gives_the_same_bytes(shop: Path) -> None:
    found = []
    for out in ("one", "two"):
        assert generate("--customers", "400", "--seed", "3", "--out", out)[0] == 0
        found.append(hashes(shop / out))
    assert found[0] == found[1]


def test_the_workspace_says_policy_and_day(shop: Path) -> None:
    (shop / "lifeseg.toml").write_text('policy = "shop.seg"\nas_of = 2024-01-31\n', encoding="utf-8")
    assert lifeseg("generate", "--customers", "5", "--out", "data")[0] == 0


def test_what_was_generated_before_is_replaced(shop: Path) -> None:
    generate("--customers", "5", "--out", "data", "--format", "csv")
    assert generate("--customers", "7", "--out", "data")[0] == 0
    assert set(hashes(shop / "data")) == {"customer.parquet", "order.parquet", "generated.json"}
    (shop / "empty").mkdir()
    assert generate("--customers", "5", "--out", "empty")[0] == 0
    assert generate("--customers", "5", "--out", "new/deep/er")[0] == 0


# ---- What it refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--customers", "0"), "`0` is no value of `--customers`"),
        (("--customers", "-5"), "`-5` is no value of `--customers`"),
        (("--customers", "100000001"), "a number from 1 to 100,000,000"),
        (("--customers", "5", "--as-of", "someday"), "is not a day"),
    ],
)
def test_arguments_that_make_no_sense(shop: Path, words: tuple[str, ...], said: str) -> None:
    code, out, err = generate(*words, "--out", "data")
    assert (code, out) == (2, "")
    assert said in err.replace("\n ", "")
    assert not (shop / "data").exists()


def test_a_day_is_needed(shop: Path) -> None:
    code, _, err = lifeseg("generate", "shop.seg", "--customers", "5", "--out", "data")
    assert code == 2
    assert "as-of-missing" in err or "as_of" in err or "--as-of" in err


def test_a_key_may_tell_too_few_records_apart(shop: Path) -> None:
    (shop / "shop.seg").write_text(SHOP.replace("customer_id text key", "customer_id count 1..40 key"))
    code, _, err = generate("--customers", "41", "--out", "data")
    assert code == 2
    assert "at most 40" in err
    assert generate("--customers", "40", "--out", "data")[0] == 0


def test_a_key_that_is_a_choice_has_all_its_values(shop: Path) -> None:
    """Beside as many customers as are asked for."""
    regions = '\nentity region "Region"\n  name one of north, south, east key\n  open yes/no\n'
    (shop / "shop.seg").write_text(SHOP + regions)
    assert generate("--customers", "50", "--out", "data", "--format", "csv")[0] == 0
    rows = (shop / "data/region.csv").read_text().split()[1:]
    assert sorted(row.partition(",")[0] for row in rows) == ["east", "north", "south"]
    assert len((shop / "data/customer.csv").read_text().split("\n")) == 52


def test_folders_of_others_stay(shop: Path) -> None:
    generate("--customers", "5", "--out", "data")
    (shop / "data/mine.txt").write_text("mine")
    (shop / "others").mkdir()
    (shop / "others/customer.parquet").write_text("theirs")
    (shop / "file").write_text("a file")
    for out in ("data", "others", "file", "file/below", "."):
        before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
        code, said, err = generate("--customers", "6", "--out", out)
        assert (code, said) == (2, ""), out
        assert "error[cannot-write]" in err
        assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before
    assert left_over(shop) == []


def test_a_policy_with_errors_is_refused(shop: Path) -> None:
    (shop / "shop.seg").write_text(SHOP.replace("satisfaction >= 4", "satisfacton >= 4"))
    code, _, err = generate("--customers", "5", "--out", "data")
    assert code == 1
    assert "satisfacton" in err


# ---- Whole or not at all --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("bug")]
)
def test_a_failure_leaves_everything_as_it_was(
    shop: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    generate("--customers", "5", "--out", "data")
    before = hashes(shop / "data")
    real: Callable[..., Any] = to_files

    def failing(*arguments: Any, **named: Any) -> None:
        real(*arguments, **named)
        raise error

    monkeypatch.setattr(generating, "to_files", failing)
    for out in ("data", "new/deeper"):
        code, _, _ = generate("--customers", "9", "--out", out)
        assert code == {OSError: 2, KeyboardInterrupt: 130, ValueError: 3}[type(error)]
    assert hashes(shop / "data") == before
    assert not (shop / "new").exists()
    assert left_over(shop) == []


def test_what_a_killed_run_has_left_is_cleared_up(tmp_path: Path) -> None:
    gone = 2**22 + 1  # no process has this number
    half = tmp_path / f".data{MAKING}{gone}"
    half.mkdir()
    old = tmp_path / f".data{MAKING}{gone}.old"
    old.mkdir()
    (old / "kept").write_text("moved out of the way, and not yet replaced")
    alive = tmp_path / f".data{MAKING}{os.getppid()}"
    alive.mkdir()
    with pytest.raises(OSError, match="full"), made_whole(tmp_path / "data"):
        raise OSError("full")
    assert (tmp_path / "data/kept").exists()
    assert left_over(tmp_path) == [alive.name]


# ---- Any policy -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("page", pages(ROOT / "tests/language/good"), ids=lambda page: page.stem)
def test_every_policy_of_the_language_tests_has_valid_records(page: Path, tmp_path: Path) -> None:
    for number, example in enumerate(examples(page.read_text(encoding="utf-8"))):
        model = check_example(example).model
        if model is None:
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        to_files(from_model(model, as_of(example), 1), 30, folder, "parquet")
        evaluated(model, folder, day=as_of(example))
