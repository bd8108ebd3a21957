"""The pack household: classes and rules learnt from the example byte for byte, every class worth having."""

from pathlib import Path

import pytest

from tests.docs.recorded import ROOT
from tests.packs.example import kpis, session_of

CLASSES = ("quiet", "local_talkers", "far_callers", "online")
LEARN = {
    "classes.seg": "clusters --columns internet,local,long_distance,evening"
    " --names quiet,local_talkers,far_callers,online --name class --hold-out 30% --profile tenure,plan,left",
    "class_rules.seg": "rules --target class --columns internet,local,long_distance,evening",
}


@pytest.mark.parametrize("name", LEARN)
def test_what_is_learnt_from_the_example_is_the_pack(name: str, tmp_path: Path) -> None:
    session = session_of("household", tmp_path)
    printed = session.run(f"lifeseg learn {LEARN[name]} --out ../../rules/household/{name}")
    assert session.status == 0, printed
    assert (tmp_path / "rules/household" / name).read_bytes() == (
        ROOT / "rules/household" / name
    ).read_bytes()


def test_the_profile_of_a_class_sums_up(tmp_path: Path) -> None:
    """Each household is in one class and has one plan; the classes are worth having, and strict runs say so."""
    session = session_of("household", tmp_path)
    found = kpis(session, "--strict")
    assert session.status == 0
    for name in CLASSES:
        plans = [float(found[f"{plan}_share", name]) for plan in ("line", "broadband", "family")]
        assert sum(plans) == pytest.approx(1, abs=2e-4)
    assert sum(float(found["size", name]) for name in CLASSES) == pytest.approx(1, abs=2e-4)


def test_a_class_too_small_fails_a_strict_run(tmp_path: Path) -> None:
    session = session_of("household", tmp_path)
    policy = tmp_path / "rules/household/household.seg"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace(
            'this part of all" = 10%', 'this part of all" = 20%'
        ), encoding="utf-8"
    )  # fmt: skip
    printed = session.run("lifeseg run --strict 2>&1")
    assert session.status == 1, printed
    assert (
        "`size` misses its target >= 0.2: quiet 0.3269, local_talkers 0.2269, far_callers 0.1885"
        in " ".join(printed.split())
    )
