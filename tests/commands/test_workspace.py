"""Which policy, data, day and store a command means: workspaces, arguments, and what may be wrong with
either.
"""

from pathlib import Path

import pytest

from lifeseg.diagnostics.catalogue import words
from lifeseg.workspace import read_workspace, workspace_file
from tests.commands.conftest import POLICY, Lifeseg

BAD = {
    'policy = "a\n': "config-syntax 1:12",
    "as_of = = 1\n": "config-syntax 1:9",
    'polcy = "rules"\n': "config-unknown-setting 1:1",
    "as_of = 2013-06-30T00:00:00\n": "config-value 1:1",
    'as_of = "2013-06-30"\n': "config-value 1:1",
    'engine = "sparc"\n': "unknown-engine 1:1",
    "data = 3\n": "config-value 1:1",
    "[data]\ncustomer = 3\n": "config-value 2:1",
    '[data]\ncustomer = { path = "a", encodng = "gbk" }\n': "config-unknown-setting 2:26",
    '[data.customer]\nencoding = "gbk"\n': "config-value 1:2",
    '[policies]\npaths = "a"\n': "config-value 2:1",
    '[policies]\npaths = ["a", 1]\n': "config-value 2:1",
    '\n[policies]\npath = ["a"]\n': "config-unknown-setting 3:1",
    "[postgres]\nurl = 3\n": "config-value 2:1",
    '[postgres]\nhost = "db"\n': "config-unknown-setting 2:1",
    '[spark]\nmastr = "local"\n': "config-unknown-setting 2:1",
    '[spark]\n[spark.options]\n"spark.x" = ["a"]\n': "config-value 3:2",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_settings_are_found_at_their_place(text: str, tmp_path: Path) -> None:
    file = tmp_path / "lifeseg.toml"
    file.write_text(text)
    _, [finding] = read_workspace(file)
    assert finding.span is not None
    assert f"{finding.code} {finding.span.line}:{finding.span.column}" == BAD[text]
    assert not words(finding).message.startswith(finding.code), "the catalogue has no words for it"


def test_misspelt_setting_is_shown_with_its_line(lifeseg: Lifeseg, shop: Path) -> None:
    settings = shop / "lifeseg.toml"
    settings.write_text(settings.read_text().replace("as_of", "asof"))
    finished = lifeseg("run")
    assert finished.code == 2
    assert "lifeseg.toml:2:1" in finished.err
    assert "did you mean `as_of`?" in finished.err


def test_settings_that_are_not_utf_8(lifeseg: Lifeseg, shop: Path) -> None:
    (shop / "lifeseg.toml").write_bytes('policy = "规则"\n'.encode("gbk"))
    finished = lifeseg("run")
    assert finished.code == 2
    assert "error[not-utf-8]" in finished.err


def test_policy_that_is_not_utf_8(lifeseg: Lifeseg, shop: Path) -> None:
    (shop / "rules/shop/more.seg").write_bytes("# 规则\n".encode("gbk"))
    finished = lifeseg("check")
    assert finished.code == 1
    assert "more.seg:1:3" in finished.out


def test_workspace_is_found_from_below(lifeseg: Lifeseg, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop / "rules/shop")
    assert workspace_file(Path.cwd()) == shop / "lifeseg.toml"
    assert lifeseg("run").code == 0
    assert (shop / "store.duckdb").exists()


def test_as_of_is_never_the_clock(lifeseg: Lifeseg, shop: Path) -> None:
    settings = shop / "lifeseg.toml"
    settings.write_text(settings.read_text().replace("as_of = 2024-01-31\n", ""))
    finished = lifeseg("run")
    assert finished.code == 2
    assert "--as-of" in finished.err
    assert lifeseg("run", "--as-of", "2024-02-29").code == 0
    assert lifeseg("run", "--as-of", "2023-02-29").code == 2


def test_policy_argument_of_the_workspace_keeps_its_settings(lifeseg: Lifeseg, shop: Path) -> None:
    assert lifeseg("run", "rules/shop").code == 0
    assert not (shop / "store.duckdb").exists(), "a run with an explicit policy records nothing"
    assert "run 1 in store.duckdb" in lifeseg("run", "rules/shop", "--store").out


def test_other_policy_ignores_the_workspace(lifeseg: Lifeseg, shop: Path) -> None:
    other = shop / "other.seg"
    other.write_text(POLICY.replace("policy shop", "policy other"))
    finished = lifeseg("run", other)
    assert finished.code == 2
    assert "as-of-missing" in finished.err
    assert "no-data" in lifeseg("run", other, "--as-of", "2024-01-31").err
    finished = lifeseg("run", other, "--as-of", "2024-01-31", "--data", "data")
    assert finished.code == 0
    assert finished.out.startswith("other 1.2.0 ")
    assert not (shop / "store.duckdb").exists()


def test_policy_elsewhere_uses_its_own_workspace(
    lifeseg: Lifeseg, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finished = lifeseg("run", "shop/rules/shop")
    assert finished.code == 0, finished.err
    assert "as of 2024-01-31" in finished.out
    assert not (shop / "store.duckdb").exists()


def test_data_argument_records_nothing_unless_told(lifeseg: Lifeseg, shop: Path) -> None:
    assert lifeseg("run", "--data", "data").code == 0
    assert not (shop / "store.duckdb").exists()
    assert lifeseg("run", "--data", "data", "--store").code == 0
    assert (shop / "store.duckdb").exists()


def test_store_without_a_workspace(
    lifeseg: Lifeseg, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finished = lifeseg("run", "shop/rules/shop", "--store")
    assert finished.code == 2
    assert "no-store" in finished.err


def test_data_folder_lacks_a_file(lifeseg: Lifeseg, shop: Path) -> None:
    (shop / "data/order.csv").unlink()
    finished = lifeseg("run", "--data", "data")
    assert finished.code == 2
    assert "no file for `order`" in finished.err


def test_a_folder_without_policy_text(lifeseg: Lifeseg, shop: Path) -> None:
    for path, said in (
        ("data", "holds no policy"),
        (".", "is a workspace"),
        ("ruls", "did you mean `rules`?"),
    ):
        finished = lifeseg("check", path)
        assert (finished.code, finished.out) == (2, "")
        assert said in finished.err


def test_used_policies_are_looked_for_beside_then_in_paths_then_bundled(lifeseg: Lifeseg, shop: Path) -> None:
    used = shop / "rules/measures"
    used.mkdir()
    (used / "measures.seg").write_text("policy measures\n  version 2.0.0\n\nparams\n  loyal_from = 0.60\n")
    policy = shop / "rules/shop/shop.seg"
    text = policy.read_text().replace("  version 1.2.0\n", "  version 1.2.0\n  use measures 2.0.0\n")
    policy.write_text(text.replace('params\n  loyal_from "Loyal from" = 0.60\n', ""))
    assert lifeseg("check").code == 0, lifeseg("check").out

    used.rename(shop / "elsewhere")
    assert "policy-not-found" in lifeseg("check").out
    (shop / "shared").mkdir()
    (shop / "elsewhere").rename(shop / "shared/measures")
    settings = shop / "lifeseg.toml"
    settings.write_text(settings.read_text() + '\n[policies]\npaths = ["shared"]\n')
    assert lifeseg("check").code == 0
    assert lifeseg("run").code == 0

    policy.write_text(policy.read_text().replace("use measures 2.0.0", "use measures 3.0.0"))
    assert "version-mismatch" in lifeseg("check").out

    broken = shop / "shared/measures/measures.seg"
    broken.write_text(broken.read_text().replace("=", ":"))
    assert "measures/measures.seg:5" in lifeseg("check").out


def test_findings_of_used_policies_name_real_paths_for_machines(lifeseg: Lifeseg, shop: Path) -> None:
    policy = shop / "rules/shop/shop.seg"
    policy.write_text(policy.read_text().replace("/ 5", "/ five"))
    assert "  shop.seg:16:" in lifeseg("check").out
    assert "::error file=rules/shop/shop.seg,line=16," in lifeseg("check", "--format", "github").out


def test_customers_of_tests_come_from_cases_without_a_workspace(
    lifeseg: Lifeseg, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "pack"
    (shop / "rules/shop").rename(pack)
    monkeypatch.chdir(tmp_path)
    finished = lifeseg("test", "pack")
    assert finished.code == 1
    assert "no such record" in finished.out
    assert "warning[tests-without-data]" in finished.err
    (shop / "data").rename(pack / "cases")
    finished = lifeseg("test", "pack")
    assert finished.code == 0, finished.out + finished.err
    assert not finished.err
