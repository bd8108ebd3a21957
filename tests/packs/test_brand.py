"""The pack brand: published means and shares of brands, and rules induced from the classes, byte for byte."""

from pathlib import Path

import pytest

from tests.docs.recorded import ROOT
from tests.packs.example import kpis, session_of

MEANS = {
    "travellers": ("127.9", "40.7", "29.4", "39.1"),
    "frequent_travellers": ("169", "49.9", "32.4", "45"),
    "home_callers": ("92.7", "69.3", "15.8", "0.9"),
}
# Users by brand whose shares are those of table 2; of the third class the published shares leave a rest of 0.20%.
USERS = {
    "travellers": (104, 415, 157),
    "frequent_travellers": (176, 530, 137),
    "home_callers": (59, 351, 101),
}
SHARES = {
    ("gotone_share", "travellers"): "0.1538",
    ("gotone_share", "frequent_travellers"): "0.2088",
    ("gotone_share", "home_callers"): "0.1155",
    ("easyown_share", "travellers"): "0.6139",
    ("easyown_share", "frequent_travellers"): "0.6287",
    ("easyown_share", "home_callers"): "0.6869",
    ("m_zone_share", "travellers"): "0.2322",
    ("m_zone_share", "frequent_travellers"): "0.1625",
    ("m_zone_share", "home_callers"): "0.1977",
}


@pytest.mark.parametrize("engine", ["interpreter", "duckdb"])
def test_the_published_tables(engine: str, tmp_path: Path) -> None:
    """Users who pay the mean of their class, their brands in the published numbers."""
    session = session_of("brand", tmp_path)
    assert session.place is not None
    lines = ["user_id,bill,local,long_distance,roaming,brand"]
    for name, counts in USERS.items():
        for brand, count in zip(("gotone", "easyown", "m_zone"), counts, strict=True):
            lines += [f"{name}_{brand}_{n},{','.join(MEANS[name])},{brand}" for n in range(count)]
    (session.place / "users.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = kpis(session, f"--engine {engine}")
    assert {key: found.get(key) for key in SHARES} == SHARES
    for name, (bill, local, long_distance, roaming) in MEANS.items():
        said = [found[f"mean_{fee}", name] for fee in ("bill", "local", "long_distance", "roaming")]
        assert [float(amount) for amount in said] == [
            float(bill),
            float(local),
            float(long_distance),
            float(roaming),
        ]


def test_the_rules_are_what_is_learnt_from_the_example(tmp_path: Path) -> None:
    session = session_of("brand", tmp_path)
    learn = "lifeseg learn rules --target class --columns bill,local,long_distance,roaming --depth 2"
    printed = session.run(f"{learn} --out ../../rules/brand/class_rules.seg")
    assert session.status == 0, printed
    learnt = (tmp_path / "rules/brand/class_rules.seg").read_bytes()
    assert learnt == (ROOT / "rules/brand/class_rules.seg").read_bytes()
